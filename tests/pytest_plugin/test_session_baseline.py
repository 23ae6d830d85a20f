from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.model.settings import Settings
from harness.pytest_plugin.session_baseline import BaselineRules, SessionBaseline
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import record


def no_settings() -> Settings:
    raise AssertionError("the settings are not needed")


def test_a_session_without_a_baseline_reads_nothing() -> None:
    assert SessionBaseline(None, no_settings).read() is None


def test_a_baseline_stays_what_it_was_when_the_session_began(tmp_path: Path) -> None:
    run_file = write_run(tmp_path / "run.jsonl", [record(0)])
    baseline = SessionBaseline(str(run_file), Settings)

    first = baseline.read()
    run_file.unlink()

    assert first is not None
    assert baseline.read() is first


@pytest.mark.parametrize(
    ("rules", "before", "excuse"),
    [
        (BaselineRules(), "failed", None),
        (BaselineRules("broken"), "failed", "known failure (also failed in baseline {name})"),
        (BaselineRules("broken"), "passed", None),
        (BaselineRules("broken"), None, None),
        (
            BaselineRules("broken", confirm=4),
            "passed",
            "broke; asked again 4 times at the end of the session",
        ),
        (BaselineRules("broken", confirm=4), None, None),
        (BaselineRules("regression"), "failed", "known failure (also failed in baseline {name})"),
        (BaselineRules("regression"), "passed", "broke; only a regression fails this session"),
        (
            BaselineRules("regression", confirm=4),
            "passed",
            "broke; only a regression fails this session",
        ),
        (BaselineRules("regression"), None, "new; only a regression fails this session"),
    ],
)
def test_a_failing_test_is_excused_by_the_rules_and_its_result_before(
    tmp_path: Path, rules: BaselineRules, before: str | None, excuse: str | None
) -> None:
    old = [record(0)] if before is None else [record(0), record(1, before)]
    run_file = write_run(tmp_path / "run.jsonl", old)
    baseline = SessionBaseline(str(run_file), Settings, rules)

    given = baseline.excuse([record(1, "failed")], None)

    assert given == (None if excuse is None else excuse.format(name=run_file))


def test_without_a_baseline_that_can_be_read_nothing_is_excused(tmp_path: Path) -> None:
    rules, failing = BaselineRules("regression"), [record(0, "failed")]

    assert SessionBaseline(None, no_settings, rules).excuse(failing, None) is None
    missing = SessionBaseline(str(tmp_path / "run.jsonl"), Settings, rules)
    assert missing.excuse(failing, None) is None


def test_the_rules_are_those_of_the_check(tmp_path: Path) -> None:
    run_file = write_run(tmp_path / "run.jsonl", [record(0)])
    rules = BaselineRules("broken", confirm=4, margin=2.0, excludes_errors=True)

    check = SessionBaseline(str(run_file), Settings, rules).read()

    assert check is not None
    assert (check.fails_on, check.confirm, check.margin) == ("broken", 4, 0.02)
    assert check.excludes_errors


def test_a_baseline_that_could_not_be_read_does_not_appear_later(tmp_path: Path) -> None:
    run_file = tmp_path / "run.jsonl"
    baseline = SessionBaseline(str(run_file), Settings)

    with pytest.raises(StoreError) as first:
        baseline.read()
    write_run(run_file, [record(0)])
    with pytest.raises(StoreError) as second:
        baseline.read()

    assert second.value is first.value
