"""What a service says is no command to the CI service that reads the log: processes, a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import harness
from tests.support.replies import message_bytes
from tests.support.servers import answering, response, serving
from tests.support.suites import write_cases

pytestmark = pytest.mark.slow  # the command line in processes

COMMANDS = "::error::x\n  ::set-output name=a::b\nx ##[error]y ##vso[task.setvariable variable=a]z"
CASES = """\
  - {id: a, prompt: a, assert: [{contains: nothing}]}
  - {id: b, prompt: b, assert: [{equals: nothing}]}
"""
ERROR = json.dumps({"type": "error", "error": {"type": "##vso[x]", "message": COMMANDS}}).encode()
ANSWERS = {
    "a reply": response(message_bytes(COMMANDS)),
    "an error": response(ERROR, "400 Bad Request"),
    "a text": response(COMMANDS.encode(), "400 Bad Request", "text/plain"),
    "no message": response(COMMANDS.encode(), "200 OK", "text/plain"),
}


def commands_in(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = (done.stdout + "\n" + done.stderr).splitlines()
    return [
        line
        for line in lines
        if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line.lower()
    ]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_text_of_a_service_is_a_command_in_a_log(tmp_path: Path, answer: bytes) -> None:
    path = write_cases(tmp_path, CASES)
    (tmp_path / "harness.toml").write_text('auth = "none"\n')
    with serving(answering(answer)) as server:
        at = ("--base-url", server.url)
        shown = harness("run", path.name, *at, cwd=tmp_path)
        data = harness("run", path.name, *at, "--json", cwd=tmp_path)
        again = harness("score", "latest", path.name, cwd=tmp_path)
        tested = subprocess.run(
            [sys.executable, "-m", "pytest", path.name, f"--harness-base-url={server.url}", "-v"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    for done in (shown, data, again, tested):
        assert not commands_in(done)
    assert json.loads(data.stdout)["exit_code"] == shown.returncode != 0
    assert "2 failed" in tested.stdout or "2 errors" in tested.stdout
