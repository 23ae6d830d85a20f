"""What the page's index says of a run as a whole."""

from __future__ import annotations

from array import array

import pytest

from harness.reporting.html.index import BINS, Index, over_time
from tests.support.trials import record


@pytest.mark.parametrize(
    ("moment", "part"), [(0.0, 0), (0.99, 0), (1.0, 1), (59.0, 59), (60.0, 59), (99.0, 59)]
)
def test_what_happened_is_counted_in_its_part_of_the_run(moment: float, part: int) -> None:
    counts = over_time({"rate_limit_error": array("d", [moment])}, 60.0)

    assert counts == {"rate_limit_error": [int(n == part) for n in range(BINS)]}


def test_an_attempt_ends_after_the_waits_and_attempts_before_it() -> None:
    index, one = Index(), record(0)
    attempt = {
        "purpose": "create", "status": 429, "seconds": 1.0, "wait": 0.0,
        "reason": "rate_limit_error", "request_id": None, "may_be_billed": False,
    }  # fmt: skip
    one["timings"]["began"] = 5.0
    one["attempts"] = [attempt, {**attempt, "wait": 3.0}, {**attempt, "reason": None, "wait": 9.0}]
    index.add(one)

    data = index.as_data(60.0)

    counts = data["attempts_over_time"]["rate_limit_error"]
    assert [part for part, number in enumerate(counts) if number] == [6, 10]
    assert data["attempts"] == {"rate_limit_error": 2}
