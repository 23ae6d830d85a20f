"""What a run came to, read from its record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.app.execute.run_result import RunResult
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.rerun_options import RerunOptions
from tests.support.run_files import HEAD, write_run_file
from tests.support.trials import record, summed


def result_of(folder: Path, *records: OutcomeRecord) -> RunResult:
    options = RerunOptions(("vars.x=1",), repeat=2)
    path = write_run_file(folder / "run.jsonl", *records, head=replace(HEAD, options=options))
    return RunResult(path, summed(*records), 1.0, ExitCode.FAILED, len(records), False)


def test_the_options_are_those_that_running_a_trial_again_needs(tmp_path: Path) -> None:
    result = result_of(tmp_path, record(0))

    assert result.options() == ["--set", "vars.x=1", "--repeat", "2"]
    assert result.head().id == HEAD.id


def test_a_record_that_is_gone_is_a_store_error(tmp_path: Path) -> None:
    result = result_of(tmp_path, record(0))
    result.run_file.unlink()

    with pytest.raises(StoreError, match=r"run\.jsonl cannot be read"):
        result.head()


def test_failed_and_errored_trials_are_problems_in_suite_order(tmp_path: Path) -> None:
    result = result_of(tmp_path, record(2, "errored"), record(0), record(1, "failed"))

    problems = [problem["id"] for problem in result.problems()]

    assert problems == ["test::case-1", "test::case-2"]


def test_failures_that_are_expected_are_left_out_and_errors_are_not(tmp_path: Path) -> None:
    result = result_of(tmp_path, record(0, "failed"), record(1, "failed"), record(2, "errored"))
    expected = {CaseKey("test", f"case-{number}", "default") for number in (0, 2)}

    problems = [problem["id"] for problem in result.problems(expected)]

    assert problems == ["test::case-1", "test::case-2"]


def test_a_run_that_passed_is_not_read_for_problems(tmp_path: Path) -> None:
    result = result_of(tmp_path, record(0))
    result.run_file.unlink()

    assert list(result.problems()) == []
