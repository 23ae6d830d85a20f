from __future__ import annotations

import re
from datetime import UTC, datetime

from harness.model.run_id import new_run_id

NOW = datetime(2026, 11, 22, 9, 30, 5, 7_999, tzinfo=UTC)


def test_an_id_has_the_time_to_the_millisecond() -> None:
    assert re.fullmatch(r"20261122T093005007-[0-9a-f]{4}", new_run_id(NOW))


def test_ids_sort_by_time() -> None:
    later = NOW.replace(microsecond=8_000)

    assert new_run_id(NOW) < new_run_id(later)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_run_id(NOW) for _ in range(5)}) > 1
