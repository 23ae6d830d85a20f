"""Previous runs: finding one, and choosing what of it runs or is judged again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.app.execute.previous_runs import (
    find_run_file,
    following,
    open_previous_run,
    rerun_selection,
    scoring_options,
)
from harness.app.plan.options import RunOptions, Sources
from harness.errors import NothingSelectedError, NothingToRerunError, StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.rerun_options import RerunOptions
from harness.model.suite_head import SuiteHead
from harness.store.folder import point_latest_to
from tests.app.report.test_merge_shards import write_run
from tests.support.run_files import HEAD, write_run_file
from tests.support.trials import case, record

SUITES = (SuiteHead("test", "t.suite.yaml"), SuiteHead("made by a test"))
HEAD_WITH_OPTIONS = replace(
    HEAD,
    suites=SUITES,
    options=RerunOptions(("vars.x=1",), 3, "judge-1", "simulator", allow_code=True),
)


def options_in(folder: Path, **changes: Any) -> RunOptions:
    return RunOptions(
        **{"paths": (), "flags": {"reports": str(folder)}, "environment": {}, **changes}
    )


def test_a_run_is_found_below_the_reports_of_the_project(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "a" / "run.jsonl")

    assert find_run_file("a", options_in(tmp_path)) == path
    with pytest.raises(StoreError, match="no run is called `b`"):
        find_run_file("b", options_in(tmp_path))


def test_replies_are_read_while_the_run_is_open_and_its_file_is_closed_then(tmp_path: Path) -> None:
    write_run_file(tmp_path / "a" / "run.jsonl", record(0))

    with open_previous_run("a", options_in(tmp_path)) as previous:
        (reply,) = previous.replies_of("test::case-0")

    assert reply["text"] == "hello"
    with pytest.raises(ValueError, match="closed file"):
        list(previous.replies_of("test::case-0"))


def test_a_run_is_scored_with_its_suites_options_and_trials(tmp_path: Path) -> None:
    write_run_file(tmp_path / "a" / "run.jsonl", record(0), head=HEAD_WITH_OPTIONS)
    options = options_in(tmp_path)

    with open_previous_run("a", options) as previous:
        chosen = scoring_options(previous, options)

    assert list(chosen.paths) == [Path("t.suite.yaml")]
    assert (list(chosen.assignments), chosen.repeat) == (["vars.x=1"], 3)
    assert chosen.flags == {"judge": "judge-1", "reports": str(tmp_path)}  # and no allow_code
    assert chosen.ids == frozenset({"test::case-0"})
    assert not chosen.include_compared


def test_what_is_given_now_has_precedence_over_what_the_run_was_started_with(
    tmp_path: Path,
) -> None:
    write_run_file(tmp_path / "a" / "run.jsonl", record(0), head=HEAD_WITH_OPTIONS)
    flags = {"reports": str(tmp_path), "judge": "judge-2", "allow_code": True, "cache": None}
    options = options_in(
        tmp_path, paths=(Path("other"),), assignments=["vars.x=2"], repeat=1, flags=flags
    )

    with open_previous_run("a", options) as previous:
        chosen = scoring_options(previous, options)

    assert list(chosen.paths) == [Path("other")]
    assert (list(chosen.assignments), chosen.repeat) == (["vars.x=1", "vars.x=2"], 1)
    assert chosen.flags == {"reports": str(tmp_path), "judge": "judge-2", "allow_code": True}


def test_a_run_of_which_no_trial_ended_cannot_be_scored(tmp_path: Path) -> None:
    write_run_file(tmp_path / "a" / "run.jsonl")
    options = options_in(tmp_path)

    with (
        open_previous_run("a", options) as previous,
        pytest.raises(NothingSelectedError, match="ended, so there is nothing to judge"),
    ):
        scoring_options(previous, options)


def recorded(folder: Path, **cases: str) -> Path:
    """Write a run: of each case the letters say how its repeats ended."""
    words = {"p": "passed", "f": "failed", "e": "errored"}
    records: list[OutcomeRecord] = []
    for name, letters in cases.items():
        kind, _, suffix = name.partition("_")
        one = case(
            name.replace("_", "-"),
            xfail="known" if kind == "xfail" else None,
            pass_rate=0.5 if suffix == "half" else 1.0,
        )
        for repeat, letter in enumerate(letters, start=1):
            records.append(
                record(len(records), words[letter], of=one, repeat=repeat, repeats=len(letters))
            )
    return write_run(folder / "run.jsonl", records)


@pytest.mark.parametrize(
    ("letters", "failed", "errored", "flaky"),
    [
        ("ppp", False, [], False),
        ("pfp", True, [], True),
        ("fff", True, [], False),
        ("pep", False, [2], False),
        ("pef", True, [2], True),
        ("eee", False, [1, 2, 3], False),
    ],
)
def test_a_rerun_takes_cases_by_their_labels_and_errored_trials_alone(
    tmp_path: Path, letters: str, failed: bool, errored: list[int], flaky: bool
) -> None:
    path = recorded(tmp_path, a=letters, other="ffpe")
    key = CaseKey("test", "a", "default")

    assert (key in rerun_selection(path, "failed").cases) is failed
    assert (key in rerun_selection(path, "flaky").cases) is flaky
    ids = rerun_selection(path, "errored").ids
    assert ids == {*(f"test::a#{repeat}" for repeat in errored), "test::other#4"}


@pytest.mark.parametrize("cases", [{"xfail_a": "fe"}, {"a_half": "pf"}, {"a": "pp"}])
def test_what_does_not_fail_a_run_is_not_run_again_as_failed(
    tmp_path: Path, cases: dict[str, str]
) -> None:
    assert not rerun_selection(recorded(tmp_path, **cases), "failed")


def test_a_case_that_is_flaky_within_its_pass_rate_is_run_again_as_flaky(tmp_path: Path) -> None:
    path = recorded(tmp_path, a_half="pf")

    assert rerun_selection(path, "flaky").cases == {CaseKey("test", "a-half", "default")}


@pytest.mark.parametrize(
    ("what", "letters", "words", "status"),
    [
        ("failed", "pp", "nothing failed in {}", 0),
        ("errored", "pp", "nothing errored in {}", 0),
        ("flaky", "pp", "nothing was flaky in {}", 0),
        ("failed", "pe", "nothing failed in {}, which ended errored", 3),
        ("flaky", "ff", "nothing was flaky in {}, which ended failed", 1),
    ],
)
def test_a_run_without_such_a_result_has_nothing_to_run_again(
    tmp_path: Path, what: str, letters: str, words: str, status: int
) -> None:
    path = recorded(tmp_path / "a", a=letters)
    point_latest_to(tmp_path, "a")

    with (
        pytest.raises(NothingToRerunError) as caught,
        following(options_in(tmp_path), Sources(), resume=None, rerun=what),
    ):
        pass  # pragma: no cover

    assert caught.value.problem == words.format(path)
    # a rerun must not turn a run green that was not
    assert caught.value.status == status


def test_a_run_that_is_resumed_is_completed_even_if_nothing_is_to_run_again(
    tmp_path: Path,
) -> None:
    path = recorded(tmp_path / "a", a="pp")

    with following(options_in(tmp_path), Sources(), resume="a", rerun="failed") as (_, sources):
        assert sources.notes == (f"nothing failed in {path}",)
        assert sources.run is not None
