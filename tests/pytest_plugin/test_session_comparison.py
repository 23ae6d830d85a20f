from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.app.compare.baseline_check import BaselineCheck, FailOn, open_whole_baseline
from harness.app.report.recorded_runs import read_result
from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.settings import Settings
from harness.pytest_plugin.case_reports import CaseReports
from harness.pytest_plugin.report_attributes import CASE, IS_EXCUSED
from harness.pytest_plugin.session_comparison import SessionComparison, compared
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import case, record


def excused(*names: str) -> CaseReports:
    """Return what pytest reported of cases that failed and were excused."""
    reports = CaseReports()
    for name in names:
        extra: dict[str, Any] = {CASE: ("test", name, "default"), IS_EXCUSED: True}
        reports.pytest_runtest_logreport(
            pytest.TestReport(
                f"t::{name}", ("t", 1, name), {}, "skipped", "it failed", "call", **extra,
                wasxfail="known",
            )
        )  # fmt: skip
    return reports


def comparison(
    folder: Path, old: dict[str, str], fails_on: FailOn, reports: CaseReports, **changes: Any
) -> SessionComparison:
    """Compare a session in which `a` and `b` failed with what they were before."""
    files = [
        write_run(
            folder / f"{name}.jsonl",
            [record(n, label, of=case(key)) for n, (key, label) in enumerate(labels.items())],
        )
        for name, labels in (("old", old), ("new", {"a": "failed", "b": "failed"}))
    ]
    check = BaselineCheck(open_whole_baseline(str(files[0]), Settings()), fails_on, confirm=3)
    options = app.RunOptions([folder])  # without a server
    return compared(
        check, read_result(files[1]), reports, lambda: options, app.Budget(),
        **{"may_rerun": False, **changes},
    )  # fmt: skip


def failed_again(made: SessionComparison) -> list[str]:
    """Return why tests failed after all."""
    return [report.sections[-1][1] for _, reports in made.failures for report in reports]


def test_a_known_failure_stays_excused(tmp_path: Path) -> None:
    old = {"a": "failed", "b": "failed"}

    made = comparison(tmp_path, old, FailOn.BROKEN, excused("a", "b"))

    assert (made.failures, made.result.reasons) == ([], ())


def test_what_broke_and_was_not_asked_again_fails(tmp_path: Path) -> None:
    old = {"a": "passed", "b": "failed"}

    made = comparison(tmp_path, old, FailOn.BROKEN, excused("a", "b"))

    assert failed_again(made) == ["it was not asked again"]
    assert made.result.reasons == ("1 case broke: test::a",)


def test_what_pytest_lets_pass_fails_nothing(tmp_path: Path) -> None:
    made = comparison(tmp_path, {"a": "passed", "b": "passed"}, FailOn.BROKEN, excused())

    assert (made.failures, made.result.reasons) == ([], ())


def test_a_baseline_without_any_of_the_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="have no case in common"):
        comparison(tmp_path, {"c": "passed"}, FailOn.REGRESSION, excused("a", "b"))


def test_why_nothing_can_be_asked_again_is_told(tmp_path: Path) -> None:
    old = {"a": "passed", "b": "failed"}

    made = comparison(tmp_path, old, FailOn.BROKEN, excused("a"), may_rerun=True)

    assert [note.startswith("note: nothing was asked again: ") for note in made.notes] == [True]
    assert set(excused("a").excused) == {CaseKey("test", "a", "default")}
