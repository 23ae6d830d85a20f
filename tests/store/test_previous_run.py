"""The replies of a previous run: found by request, never taken where they must not be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord, reply_record
from harness.model.reply import ReplyOrigin
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.run_file import RunHead
from harness.store.previous_run import PreviousRun
from harness.store.writer import RunWriter
from tests.support.replies import reply
from tests.support.run_files import HEAD, write_run_file
from tests.support.trials import record


def ask(prompt: str, trial: str, **changes: Any) -> Request:
    return Request({"model": "m", "messages": [prompt]}, trial=trial, **changes)


def answered(index: int, prompt: str, text: str, label: str = "passed") -> OutcomeRecord:
    """Return the outcome of the trial `test::case-INDEX`, whose one request had this prompt."""
    outcome = record(index, label)
    key = ask(prompt, outcome["id"]).key
    outcome["reply"] = None if label == "errored" else reply_record(reply(text, key=key))
    outcome["fingerprints"] = {"inputs": "", "request": f"print of {prompt}", "expectations": ""}
    return outcome


@contextmanager
def opened(path: Path) -> Iterator[PreviousRun]:
    previous = PreviousRun(path)
    try:
        yield previous
    finally:
        previous.close()


def text_of(previous: PreviousRun, request: Request) -> str | None:
    recalled = previous.recall(request)
    return None if recalled is None else recalled.text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write a run of three trials, of which the first two sent the same."""
    outcomes = [
        answered(0, "same", "first"),
        answered(1, "same", "second", "failed"),
        answered(2, "other", "", "errored"),
    ]
    return write_run_file(tmp_path / "run.jsonl", *outcomes)


def test_a_trial_gets_its_own_reply_and_a_new_one_that_of_another(path: Path) -> None:
    with opened(path) as previous:
        texts = [text_of(previous, ask("same", f"test::case-{name}")) for name in ("0", "1", "new")]

        assert texts == ["first", "second", "first"]
        assert text_of(previous, ask("never sent", "test::case-0")) is None
        recalled = previous.recall(ask("same", "test::case-0"))

    assert recalled is not None
    assert recalled.origin is ReplyOrigin.RUN


def test_a_trial_that_needs_its_own_reply_does_not_get_that_of_another(path: Path) -> None:
    with opened(path) as previous:
        own = text_of(previous, ask("same", "test::case-1", trial_specific=True))
        foreign = text_of(previous, ask("same", "test::new", trial_specific=True))

    assert (own, foreign) == ("second", None)


def test_labels_say_what_became_of_each_trial(path: Path) -> None:
    with opened(path) as previous:
        assert previous.labels == {
            "test::case-0": "passed", "test::case-1": "failed", "test::case-2": "errored",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("fingerprint", "trial", "trial_specific", "expected"),
    [
        ("print of same", "test::new", False, True),
        ("print of same", "test::new", True, False),
        ("print of same", "test::case-1", True, True),
        ("print of other", "test::case-2", False, False),  # it errored, so a reply may be missing
        ("print of what never ran", "test::case-0", False, False),
    ],
)
def test_a_trial_is_complete_if_a_trial_with_its_request_came_to_its_end(
    path: Path, fingerprint: str, trial: str, trial_specific: bool, expected: bool
) -> None:
    with opened(path) as previous:
        assert previous.has_all(fingerprint, trial, trial_specific=trial_specific) is expected


def test_a_forgotten_trial_gets_no_reply_to_its_request_but_others_keep_theirs(path: Path) -> None:
    with opened(path) as previous:
        previous.forget({"test::case-0"})

        assert text_of(previous, ask("same", "test::case-0")) is None
        assert text_of(previous, ask("same", "test::case-1")) == "second"
        assert not previous.has_all("print of same", "test::case-0")


def test_a_forgotten_case_is_forgotten_with_all_repeats_and_their_judges(tmp_path: Path) -> None:
    names = ("test::a#1", "test::a#7", f"test::a#1{JUDGE_SUFFIX}", "test::ab#1")
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.begin(HEAD)
        for name in names:
            request = ask(name, name, awaits_more=True)
            writer.keep(request, reply("hello", key=request.key))

    with opened(tmp_path / "run.jsonl") as previous:
        previous.forget(cases={CaseKey("test", "a", "default")})

        assert [text_of(previous, ask(name, name)) for name in names] == [None] * 3 + ["hello"]


def test_replies_and_tasks_of_trials_that_did_not_end_are_kept(tmp_path: Path) -> None:
    first = ask("first turn", "test::a", awaits_more=True)
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.begin(HEAD)
        writer.keep(first, reply("hello", key=first.key))
        writer.task(first.key, "task-1", "test::a")

    with opened(tmp_path / "run.jsonl") as previous:
        assert text_of(previous, first) == "hello"
        assert previous.task(first) == "task-1"
        assert [kept["text"] for kept in previous.replies_of("test::a")] == ["hello"]
        assert previous.task(ask("another", "test::a")) is None

        previous.forget({"test::a"})
        assert previous.task(first) is None


def test_a_task_of_an_earlier_version_without_its_trial_is_left_out(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl")
    first = ask("x", "test::a")
    with path.open("ab") as file:
        file.write(json.dumps({"kind": "task", "key": first.key, "id": "task-1"}).encode())

    with opened(path) as previous:
        assert previous.task(first) is None


@pytest.mark.parametrize(("partial", "expected"), [(True, "older"), (False, None)])
def test_a_run_of_some_trials_has_the_replies_of_the_run_before_it(
    tmp_path: Path, partial: bool, expected: str | None
) -> None:
    older = write_run_file(tmp_path / "older.jsonl", answered(0, "x", "older"))
    head = replace(HEAD, partial=partial, previous_run_file=str(older))
    newer = write_run_file(tmp_path / "newer.jsonl", answered(1, "y", "newer"), head=head)

    with opened(newer) as previous:
        assert text_of(previous, ask("x", "test::case-0")) == expected
        assert text_of(previous, ask("y", "test::case-1")) == "newer"
        assert list(previous.labels) == ["test::case-1"]


def test_the_run_before_may_be_gone(tmp_path: Path) -> None:
    head = replace(HEAD, partial=True, previous_run_file=str(tmp_path / "gone.jsonl"))
    path = write_run_file(tmp_path / "run.jsonl", answered(0, "x", "hello"), head=head)

    with opened(path) as previous:
        assert text_of(previous, ask("x", "test::case-0")) == "hello"


def test_a_run_that_is_still_written_is_refused_with_its_process(tmp_path: Path) -> None:
    with RunWriter(tmp_path / "run.jsonl") as writer:
        writer.begin(RunHead("r1", pid=4711))

        with pytest.raises(StoreError, match=r"written by another process \(pid 4711\)"):
            PreviousRun(tmp_path / "run.jsonl")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda line: line.pop("fingerprints"), "`fingerprints` is missing"),
        (lambda line: line["reply"].pop("key"), "`key` is missing"),
        (lambda line: line["reply"].update(delivery="pigeon"), "it holds something else"),
        (lambda line: line.update(reply="hello"), "its `reply` is .hello."),
        (lambda line: line.update(earlier_replies=5), "its `earlier_replies` is 5"),
    ],
)
def test_a_damaged_outcome_is_found_before_anything_is_sent(
    path: Path, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    first, second, *rest = path.read_text().splitlines()
    line = json.loads(second)
    change(line)
    path.write_text("\n".join([first, json.dumps(line), *rest]))

    with pytest.raises(StoreError, match=rf"damaged at byte {len(first) + 1} \(line 2\): {words}"):
        PreviousRun(path)


def test_a_run_that_another_program_wrote_again_is_used_alike(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    lines.insert(1, {"kind": "of a newer version"})
    path.write_text("\r\n".join(json.dumps(line, sort_keys=True) for line in lines))

    with opened(path) as previous:
        assert text_of(previous, ask("same", "test::case-1")) == "second"
        assert previous.has_all("print of same", "test::case-0")
        assert len(previous.labels) == 3
        (note,) = previous.notes

    assert "1 line was left out" in note
