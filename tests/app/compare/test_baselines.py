"""Baselines: what is kept of a request, names, where a run comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.app.compare.baselines import (
    head_of,
    open_baseline,
    open_whole_baseline,
    sent_of,
)
from harness.app.compare.saving import save_baseline
from harness.app.plan.options import RunOptions
from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.model.settings import Settings
from harness.model.suite_head import SuiteHead
from tests.app.report.test_merge_shards import write_run
from tests.support.replies import message
from tests.support.trials import case, record

SETTINGS = {"model": "m", "temperature": 0}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def conversation(*turns: tuple[str, str]) -> OutcomeRecord:
    """Return a trial in which each text got an answer."""
    made = record()
    assert made["reply"] is not None
    messages: list[dict[str, Any]] = []
    replies = []
    for prompt, answer in turns:
        messages.append(user(prompt))
        reply = made["reply"].copy()
        reply["message"] = message(answer)
        replies.append(reply)
        messages.append({"role": "assistant", "content": reply["message"]["content"]})
    made["request"] = {**SETTINGS, "messages": messages[:-1]}
    *made["earlier_replies"], made["reply"] = replies
    return made


def test_a_request_is_kept_turn_by_turn() -> None:
    sent = sent_of(conversation(("Where is it?", "Which order?"), ("4711", "On its way")))

    assert sent == {
        "settings": SETTINGS,
        "turns": [[user("Where is it?")], [user("4711")]],
    }


def test_a_conversation_that_broke_off_is_not_kept() -> None:
    broken = conversation(("Where is it?", "Which order?"), ("4711", "On its way"))
    broken["reply"] = None

    assert sent_of(broken) is None


def test_a_trial_that_sent_nothing_is_not_kept() -> None:
    assert sent_of(record(label="skipped")) is None


def test_the_head_of_a_baseline_says_where_it_comes_from() -> None:
    suite = SuiteHead("mail", "suites/mail.suite.yaml")
    head = head_of(RunHead("r1", started="now", harness="0.1", judge="j", suites=(suite,)))

    assert head == {
        "run": "r1",
        "started": "now",
        "git": None,
        "harness": "0.1",
        "simulated": False,
        "judge": "j",
        "suites": {"mail": "suites/mail.suite.yaml"},
    }


@pytest.mark.parametrize("name", ["latest", "../x", "a b", "", "é", "x" * 81])
def test_a_name_that_cannot_be_a_file_is_refused(tmp_path: Path, name: str) -> None:
    run_file = write_run(tmp_path / "run.jsonl", [record()])

    with pytest.raises(StoreError, match="name"):
        save_baseline(str(run_file), RunOptions((tmp_path,)), name=name)


def test_a_saved_baseline_counts_cases_by_their_labels(tmp_path: Path) -> None:
    flaky = case("flaky", pass_rate=0.5)
    records = [
        record(0, "passed", of=case("good")),
        record(1, "passed", of=flaky, repeat=1, repeats=2),
        record(2, "failed", of=flaky, repeat=2, repeats=2),
        record(3, "failed", of=case("expected", xfail="known")),
    ]
    run_file = write_run(tmp_path / "run.jsonl", records)

    saved = save_baseline(
        str(run_file), RunOptions((tmp_path,)), output=tmp_path / "main.baseline.jsonl"
    )
    opened = open_baseline(str(saved.path), Settings())

    assert saved.counts == {"passed": 1, "flaky-allowed": 1}
    assert {str(key) for key in opened.side.results} == {"test::good", "test::flaky"}


def test_a_baseline_that_is_not_there_is_answered_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings(reports=tmp_path / "reports", baselines=tmp_path / "baselines")

    with pytest.raises(StoreError, match="save one: `harness baseline save`"):
        open_baseline("main", settings)


def test_lines_of_a_baseline_that_are_not_understood_are_mentioned(tmp_path: Path) -> None:
    run_file = write_run(tmp_path / "run.jsonl", [record()])
    path = tmp_path / "main.baseline.jsonl"
    save_baseline(str(run_file), RunOptions((tmp_path,)), output=path)
    path.write_text(path.read_text() + '{"kind": "remark", "text": "from a newer version"}\n')

    opened = open_baseline(str(path), Settings())

    assert len(opened.notes) == 1
    assert "remark" in opened.notes[0]


def test_half_a_run_is_no_baseline_for_a_gate_and_compare_says_so(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", [record()])
    *lines, _end = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines))

    with pytest.raises(StoreError, match="did not come to its end, so cases are missing"):
        open_whole_baseline(str(path), Settings())

    (note,) = open_baseline(str(path), Settings()).notes
    assert "did not come to its end, so cases may be missing" in note
