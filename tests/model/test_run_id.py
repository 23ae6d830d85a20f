"""Ids of runs sort by time."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.model.run_id import new_run_id


def test_ids_sort_by_time() -> None:
    first = new_run_id(datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC))

    assert first.startswith("20260102T030405006-")
    assert first != new_run_id(datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC))
    assert first < new_run_id(datetime(2026, 1, 2, 3, 4, 5, 7000, tzinfo=UTC))
