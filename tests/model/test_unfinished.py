"""What was paid for trials that did not end, as data and added up."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.unfinished import Unfinished

SOME = Unfinished(replies=2, judge_calls=1, requests=3, input_tokens=30, output_tokens=9, cost=0.5)


def test_it_is_false_if_there_is_nothing() -> None:
    assert not Unfinished()
    assert Unfinished(requests=1)


def test_parts_of_a_run_add_up() -> None:
    whole = SOME + Unfinished(replies=1, cost=0.25)

    assert whole == Unfinished(3, 1, 3, 30, 9, 0.75)


def test_it_is_read_back_as_it_was_written_and_what_is_missing_is_nothing() -> None:
    assert Unfinished.from_data(SOME.as_data()) == SOME
    assert Unfinished.from_data({"replies": 1}) == Unfinished(replies=1)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"replies": "1"}, "`replies` is text, and should be a whole number"),
        ({"requests": None}, "`requests` is null, and should be a whole number"),
        ({"cost": True}, "`cost` is true or false, and should be a number"),
    ],
)
def test_another_type_is_named(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Unfinished.from_data(data)
