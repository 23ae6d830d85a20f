from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.app.compare.baseline_check import FailOn
from harness.app.compare.saving import save_baseline
from harness.cli.baseline_options import BaselineOptions
from harness.errors import SettingsError, StoreError
from tests.app.report.test_merge_shards import write_run
from tests.support.suites import plan_of, write_cases
from tests.support.trials import case, record

CASES = "  - {id: a, prompt: Hi}\n"


@pytest.fixture
def plan(tmp_path: Path) -> app.Plan:
    return plan_of(write_cases(tmp_path, CASES))


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """Return a baseline that holds the case `a`."""
    run_file = write_run(tmp_path / "run.jsonl", [record(of=case("a"))])
    path = tmp_path / "main.baseline.jsonl"
    options = app.RunOptions(paths=[tmp_path])
    save_baseline(
        str(run_file), options, name="main", output=path, has_measures=False, has_replies=False
    )
    return str(path)


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({}, BaselineOptions()),
        ({"confirm": None}, BaselineOptions(may_confirm=True)),
        ({"confirm": 5}, BaselineOptions(confirm=5, may_confirm=True)),
        ({"baseline": "main", "fail_on": "regression"}, BaselineOptions("main", "regression")),
    ],
)
def test_a_command_without_the_option_cannot_confirm(
    options: dict[str, Any], taken: BaselineOptions
) -> None:
    rest = {
        "baseline": None,
        "fail_on": None,
        "require_conclusive": False,
        "margin": None,
        "errors": None,
        "gate_by": None,
        "tags": (),
    } | options

    assert BaselineOptions.of(rest) == taken
    assert rest == {"tags": ()}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (BaselineOptions(fail_on="regression"), "--fail-on regression"),
        (BaselineOptions(require_conclusive=True), "--require-conclusive"),
        (BaselineOptions(confirm=3), "--confirm"),
        (BaselineOptions(fail_on="broken"), "--fail-on broken"),
        (BaselineOptions(margin=2.0), "--margin"),
        (BaselineOptions(errors="exclude"), "--errors exclude"),
        (BaselineOptions(gate_by="tag"), "--gate-by"),
    ],
)
def test_what_needs_a_baseline_is_refused_without_one(
    plan: app.Plan, options: BaselineOptions, named: str
) -> None:
    with pytest.raises(SettingsError, match=f"{named} needs a baseline"):
        options.check(plan, is_offline=False)


@pytest.mark.parametrize("options", [BaselineOptions(), BaselineOptions(fail_on="failed")])
def test_without_a_baseline_nothing_is_compared(plan: app.Plan, options: BaselineOptions) -> None:
    assert options.check(plan, is_offline=False) is None


def test_a_check_is_as_strict_as_the_options_say(plan: app.Plan, saved: str) -> None:
    options = BaselineOptions(saved, "regression", require_conclusive=True, confirm=4)

    check = options.check(plan, is_offline=False)

    assert check is not None
    assert (check.fails_on, check.needs_conclusion, check.confirm) == (FailOn.REGRESSION, True, 4)


def test_every_failed_case_fails_a_run_by_default(plan: app.Plan, saved: str) -> None:
    check = BaselineOptions(saved).check(plan, is_offline=True)

    assert check is not None
    assert (check.fails_on, check.confirm) == (FailOn.FAILED, 0)


def test_nothing_can_be_confirmed_where_nothing_is_sent(plan: app.Plan, saved: str) -> None:
    with pytest.raises(SettingsError, match="--confirm runs cases again, but --replay sends"):
        BaselineOptions(saved, confirm=3).check(plan, is_offline=True)


def test_a_baseline_without_a_case_of_the_plan_is_an_error_before_the_run(
    tmp_path: Path, saved: str
) -> None:
    other = plan_of(write_cases(tmp_path, "  - {id: other, prompt: Hi}\n"))

    with pytest.raises(StoreError, match="no case in common"):
        BaselineOptions(saved).check(other, is_offline=False)
