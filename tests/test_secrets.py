"""A canary for the key, wherever it may come back from, is in nothing that a run leaves behind."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.model.settings import Secret
from tests.support.processes import KEY, harness
from tests.support.replies import message_bytes, stream
from tests.support.servers import answering, response, serving
from tests.support.suites import write_cases

CANARY = KEY["HARNESS_API_KEY"]
FORMS = [
    CANARY,
    quote(CANARY, safe=""),
    base64.b64encode(CANARY.encode()).decode(),
    base64.b64encode(f"Bearer {CANARY}".encode()).decode(),
    base64.urlsafe_b64encode(f"user:{CANARY}".encode()).decode(),
    CANARY.encode().hex(),
]
EVERYTHING = "".join(f"<{form}>" for form in FORMS[:5])
CASES = """\
  - {id: a, prompt: one, assert: [{contains: nothing}, {that: "output | from_json"}]}
  - {id: b, prompt: two, request: {stream: true}, assert: [{equals: nothing}]}
"""


def error(status: str, kind: str) -> bytes:
    body = {"error": {"type": f"{kind} {CANARY}", "message": f"your key {EVERYTHING}"}}
    return response(
        json.dumps(body).encode(),
        status,
        extra=f"request-id: {CANARY}\r\nset-cookie: k={CANARY}\r\n",
    )


def unpacked(page: Path) -> list[bytes]:
    """Return what a page keeps packed."""
    blocks = re.findall(rb'<script type="text/plain" id="[a-z]+\d+">([^<]*)<', page.read_bytes())
    assert blocks
    return [zlib.decompress(base64.b64decode(block)) for block in blocks]


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        response(message_bytes(f"a reply with {EVERYTHING}", model=CANARY, id=CANARY)),
        response(message_bytes(json.dumps({"a": CANARY}))),
        response(stream(EVERYTHING), content_type="text/event-stream"),
        response(stream(EVERYTHING)[:-60], content_type="text/event-stream"),
        error("401 Unauthorized", "authentication_error"),
        error("400 Bad Request", "invalid_request_error"),
        response(f"<html><title>{EVERYTHING}</title>".encode(), content_type="text/html"),
        response(EVERYTHING.encode(), content_type=f"text/{CANARY}"),
        response(b"", "307 Moved", extra=f"location: https://{CANARY}.example/{CANARY}\r\n"),
        response(json.dumps({"type": "message", "content": [{"type": CANARY}]}).encode()),
        response(json.dumps({"id": CANARY, "object": "task", "status": CANARY}).encode()),
    ],
)
def test_the_key_is_in_nothing_that_a_run_leaves(tmp_path: Path, answer: bytes) -> None:
    path = write_cases(tmp_path, CASES)

    with serving(answering(answer)) as server:
        options = ("run", path, "--base-url", server.url, "--cache", "--record", "cassettes")
        reports = ("--junit", "r.xml", "--html", "r.html", "--csv", "r.csv", "--markdown", "r.md")
        done = [
            harness(*options, *reports, cwd=tmp_path, environment=ONCE),
            harness("baseline", "save", "--with-replies", cwd=tmp_path, environment=ONCE),
            harness(*options, "--json", cwd=tmp_path, environment=ONCE),
            harness(*options, "--resume", "latest", "--quiet", cwd=tmp_path, environment=ONCE),
        ]

    printed = "".join(process.stdout + process.stderr for process in done)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    remains = printed.encode() + b"".join(path.read_bytes() for path in files)
    remains += b"".join(unpacked(tmp_path / "r.html"))
    assert any(path.name == "run.jsonl" for path in files)
    assert "Traceback" not in printed
    for form in FORMS:
        assert form.encode() not in remains, form


ONCE = {**KEY, "HARNESS_MAX_ATTEMPTS": "1"}


@pytest.mark.slow
def test_the_key_in_an_argument_is_not_recorded(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)

    with serving(answering(response(message_bytes()))) as server:
        harness("run", path, "--base-url", server.url, "--set", f"vars.x={CANARY}", cwd=tmp_path)

    for record in tmp_path.rglob("*.jsonl"):
        assert CANARY not in record.read_text()


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(CANARY)

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>20}", repr({"key": secret})]
    shown += [repr(pickle.loads(pickle.dumps(secret))), repr(copy.deepcopy(secret))]  # noqa: S301
    assert all(CANARY not in text for text in shown)
    assert CANARY.encode() not in pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
