"""Cassettes: the replies of suites as text that is fit for git."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError
from harness.model.reply import ReplyOrigin
from harness.model.request import Request
from harness.scrubbing import Scrubber
from harness.store.cassette import Cassettes, CassetteWriter
from tests.support.replies import message, reply


def ask(trial: str, prompt: str = "hi", **changes: Any) -> Request:
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
    return Request(body, trial=trial, **changes)


def recorded(
    folder: Path, *trials: str, is_whole: bool = True, secrets: tuple[str, ...] = ()
) -> Path:
    """Record a reply for each trial of the suite `test`; it says the trial's name."""
    writer = CassetteWriter(folder, ["test"], Scrubber(secrets))
    for trial in trials:
        writer.keep(ask(trial), reply(trial, latency=0.5))
    writer.save(is_whole=is_whole)
    return folder / "test.jsonl"


def trials_in(path: Path) -> list[str]:
    return [json.loads(line)["trial"] for line in path.read_bytes().splitlines()]


def test_a_recorded_reply_is_replayed_for_its_request(tmp_path: Path) -> None:
    recorded(tmp_path, "test::a")

    replayed = Cassettes(tmp_path, ["test"], {}).recall(ask("test::a"))

    assert replayed is not None
    assert (replayed.text, replayed.origin) == ("test::a", ReplyOrigin.CASSETTE)


def test_the_same_replies_are_the_same_bytes_whatever_changes_from_call_to_call(
    tmp_path: Path,
) -> None:
    for folder, order, name in (("a", "xy", "msg_1"), ("b", "yx", "msg_2")):
        writer = CassetteWriter(tmp_path / folder, ["test"], Scrubber())
        for letter in order:
            answer = reply(message=message("hello", id=name), latency=float(len(name)))
            writer.keep(ask(f"test::{letter}"), answer)
        writer.save(is_whole=True)

    one, other = (tmp_path / folder / "test.jsonl" for folder in "ab")
    assert one.read_bytes() == other.read_bytes()
    assert trials_in(one) == ["test::x", "test::y"]


@pytest.mark.parametrize(
    ("is_whole", "expected"), [(True, ["test::b"]), (False, ["test::a", "test::b"])]
)
def test_a_whole_run_forgets_cases_that_are_gone_and_a_partial_one_keeps_them(
    tmp_path: Path, is_whole: bool, expected: list[str]
) -> None:
    recorded(tmp_path, "test::a")

    path = recorded(tmp_path, "test::b", is_whole=is_whole)

    assert trials_in(path) == expected


def test_a_reply_to_the_same_request_of_another_trial_is_replayed_too(tmp_path: Path) -> None:
    recorded(tmp_path, "test::a")

    replayed = Cassettes(tmp_path, ["test"], {}).recall(ask("test::renamed"))

    assert replayed is not None


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (ask("test::new", "hi!"), "it was never recorded"),
        (ask("test::a", "bye"), 'its request changed: `messages[0].content` was "hi", is "bye"'),
        (ask("test::a", repeat=2), "it was recorded for another repeat"),
        (
            Request({"model": "n", "messages": []}, trial="test::a"),
            'its request changed: `messages` was [{"content": "hi", "role": "user"}], is []'
            " and 1 more",
        ),
    ],
)
def test_a_missing_reply_is_explained(tmp_path: Path, request_: Request, why: str) -> None:
    recorded(tmp_path, "test::a")
    cassettes = Cassettes(tmp_path, ["test"], {})

    assert cassettes.recall(request_) is None
    assert cassettes.why_missing(request_) == why


def test_secrets_are_not_recorded(tmp_path: Path) -> None:
    path = recorded(tmp_path, "test::sk-secret-1", secrets=("sk-secret-1",))

    assert b"sk-secret-1" not in path.read_bytes()


def again(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def rewrite(line: bytes) -> bytes:
        entry = json.loads(line)
        change(entry)
        return json.dumps(entry).encode()

    return rewrite


@pytest.mark.parametrize(
    ("rewrite", "words"),
    [
        (lambda line: line[:-9], "damaged in line 1; record it again"),
        (lambda _: b"[1]", "damaged in line 1"),
        (lambda _: b"[" * 100_000, "damaged in line 1"),
        (again(lambda entry: entry.pop("trial")), "damaged in line 1"),
        (again(lambda entry: entry.update(turn="1")), "damaged in line 1"),
        (again(lambda entry: entry.update(delivery="pigeon")), "damaged in line 1"),
        (again(lambda entry: entry.update(format=99)), "was written by a newer version"),
    ],
)
def test_a_damaged_cassette_is_refused_with_its_line(
    tmp_path: Path, rewrite: Callable[[bytes], bytes], words: str
) -> None:
    path = recorded(tmp_path, "test::a")
    path.write_bytes(rewrite(path.read_bytes()))

    with pytest.raises(StoreError, match=words):
        Cassettes(tmp_path, ["test"], {})


def test_a_cassette_that_another_program_wrote_again_is_read(tmp_path: Path) -> None:
    path = recorded(tmp_path, "test::a", "test::b")
    lines = [json.dumps(json.loads(line), indent=None) for line in path.read_text().splitlines()]
    path.write_text("\r\n\r\n".join(lines))

    cassettes = Cassettes(tmp_path, ["test"], {})

    assert cassettes.recall(ask("test::b")) is not None


def test_a_suite_without_a_cassette_is_an_error_that_lists_those_there_are(tmp_path: Path) -> None:
    recorded(tmp_path, "test::a")

    with pytest.raises(StoreError, match=r"other\.jsonl cannot be read: .*; .* has test\.jsonl"):
        Cassettes(tmp_path, ["other"], {})
