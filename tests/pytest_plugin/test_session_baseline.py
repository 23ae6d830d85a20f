from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.model.settings import Settings
from harness.pytest_plugin.session_baseline import SessionBaseline
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


def test_a_baseline_that_could_not_be_read_does_not_appear_later(tmp_path: Path) -> None:
    run_file = tmp_path / "run.jsonl"
    baseline = SessionBaseline(str(run_file), Settings)

    with pytest.raises(StoreError) as first:
        baseline.read()
    write_run(run_file, [record(0)])
    with pytest.raises(StoreError) as second:
        baseline.read()

    assert second.value is first.value
