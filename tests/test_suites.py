"""The suites that come with the project, run against the simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import app
from harness.exit_code import ExitCode
from harness.store.reader import RunReader

pytestmark = pytest.mark.slow  # runs against the simulator

ROOT = Path(__file__).parent.parent
SUITES = sorted((ROOT / "suites").glob("*.suite.yaml"))
SHOWCASE = ROOT / "suites" / "showcase" / "failures.suite.yaml"


def outcomes(path: Path, folder: Path) -> tuple[app.RunResult, dict[str, str]]:
    plan = app.plan_run(app.RunOptions(paths=[path]))
    result = app.run(plan, app.OutputOptions(run_file=folder / "run.jsonl"))
    with RunReader(result.run_file) as reader:
        return result, {outcome["id"]: outcome["outcome"] for outcome in reader.outcomes()}


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_every_trial_of_a_suite_passes(path: Path, tmp_path: Path) -> None:
    result, by_trial = outcomes(path, tmp_path)

    assert set(by_trial.values()) == {"passed"}, by_trial
    assert result.exit_code == ExitCode.PASSED


def test_the_showcase_shows_every_kind_of_outcome(tmp_path: Path) -> None:
    result, by_trial = outcomes(SHOWCASE, tmp_path)

    assert result.exit_code == ExitCode.FAILED
    assert {name.partition("::")[2]: outcome for name, outcome in by_trial.items()} == {
        "wrong-word": "failed",
        "broken-json": "failed",
        "long-text-differs-late": "failed",
        "score-below-threshold": "failed",
        "overloaded": "errored",
        "stream-cut": "errored",
        "task-fails": "errored",
        "known-to-fail": "failed",
        "not-today": "skipped",
    }


def test_there_are_at_least_eight_suites_and_a_hundred_trials() -> None:
    plan = app.plan_run(app.RunOptions(paths=SUITES))

    assert len(plan.suites) >= 8
    assert plan.count() >= 100
