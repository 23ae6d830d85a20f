from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.app.compare.baseline_check import (
    BaselineCheck,
    FailOn,
    check_merged_run,
    check_recorded_run,
    open_whole_baseline,
)
from harness.app.report.recorded_runs import read_result
from harness.errors import StoreError
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.settings import Settings
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import case, record

SUITES = [{"name": "test", "path": "test.suite.yaml", "sha256": "a" * 64, "cases": 3}]


def records(**labels: str) -> list[OutcomeRecord]:
    return [record(n, label, of=case(name)) for n, (name, label) in enumerate(labels.items())]


def check_against(folder: Path, fails_on: FailOn, **labels: str) -> BaselineCheck:
    run_file = write_run(folder / "old.jsonl", records(**labels), suites=SUITES)
    return BaselineCheck(open_whole_baseline(str(run_file), Settings()), fails_on)


def merged(folder: Path, labels: dict[str, str], **head: Any) -> Path:
    head = {"suites": SUITES, "merged": {"runs": ["1", "2"], "missing": []}, **head}
    return write_run(folder / "new.jsonl", records(**labels), **head)


def test_a_merged_run_lacks_the_cases_that_no_shard_has(tmp_path: Path) -> None:
    check = check_against(tmp_path, FailOn.FAILED, a="passed", b="passed")
    run_file = merged(tmp_path, {"a": "passed"})

    result = check_merged_run(check, read_result(run_file))

    assert result.comparisons[0].removed == ("test::b",)


@pytest.mark.parametrize("head", [{"partial": True}, {"merged": {"runs": ["1"], "missing": [2]}}])
def test_a_part_of_a_merged_run_lacks_nothing(tmp_path: Path, head: dict[str, Any]) -> None:
    check = check_against(tmp_path, FailOn.FAILED, a="passed", b="passed")
    run_file = merged(tmp_path, {"a": "passed"}, **head)

    result = check_merged_run(check, read_result(run_file))

    assert result.comparisons[0].removed == ()
    assert "of the baseline, 1 case not selected" in result.notes


def test_a_merged_run_without_a_case_of_the_baseline_is_an_error(tmp_path: Path) -> None:
    check = check_against(tmp_path, FailOn.FAILED, a="passed")

    with pytest.raises(StoreError, match="have no case in common"):
        check_merged_run(check, read_result(merged(tmp_path, {"b": "passed"})))


def test_a_failing_case_that_is_ignored_fails_nothing(tmp_path: Path) -> None:
    check = check_against(tmp_path, FailOn.BROKEN, a="passed", b="passed", c="failed")
    result = read_result(merged(tmp_path, {"a": "passed", "b": "failed", "c": "failed"}))

    counted = check_recorded_run(check, result)
    ignored = check_recorded_run(
        check, result, ignored=frozenset({CaseKey("test", "b", "default")})
    )

    assert (counted.status, ignored.status) == (RunStatus.FAILED, RunStatus.PASSED)
    assert ignored.known_failures == {CaseKey("test", "c", "default")}


def test_known_failures_stay_known_if_another_case_cannot_be_compared(tmp_path: Path) -> None:
    check = check_against(tmp_path, FailOn.BROKEN, a="passed", b="failed")
    now = records(a="passed", b="failed")
    now[0]["fingerprints"] = {"expectations": "another"}
    run_file = write_run(tmp_path / "new.jsonl", now, suites=SUITES)

    result = check_recorded_run(check, read_result(run_file))

    assert result.status is RunStatus.PASSED


def test_a_baseline_of_another_suite_is_refused_where_suites_ran_as_a_whole(
    tmp_path: Path,
) -> None:
    check = check_against(tmp_path, FailOn.BROKEN, x="passed", y="passed")
    new = write_run(tmp_path / "new.jsonl", records(a="passed", b="passed"), suites=SUITES)
    result = read_result(new)

    with pytest.raises(StoreError, match="have no case in common"):
        check_recorded_run(check, result, whole_suites=frozenset({"test"}))

    assert not check_recorded_run(check, result).comparisons


def test_selected_cases_that_are_all_new_are_judged_without_the_baseline(tmp_path: Path) -> None:
    check = check_against(tmp_path, FailOn.BROKEN, a="passed")
    passed = read_result(merged(tmp_path / "1", {"b": "passed"}, partial=True))
    failed = read_result(merged(tmp_path / "2", {"b": "failed"}, partial=True))

    results = [check_merged_run(check, result) for result in (passed, failed)]

    assert [result.status for result in results] == [RunStatus.PASSED, RunStatus.FAILED]
    assert results[0].notes == ("not compared: no case that ran is in the baseline",)
