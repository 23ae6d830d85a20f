"""An outcome that lacks what everything relies on is damaged, and named with its line."""

from __future__ import annotations

from typing import Any

import pytest

from harness.store.outcome_fields import OutcomeFields, deep_problem_in
from tests.support.trials import record


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("outcome", "pessed", "its `outcome` is 'pessed'"),
        ("outcome", ["passed"], "its `outcome` is"),
        ("score", "x", "its `score` is 'x'"),
        ("reply", [1], "its `reply` is"),
        ("reply", {}, "a reply of it has no message"),
        ("request", "zz", "its `request` is 'zz'"),
        ("repeat", True, "its `repeat` is True"),
        ("tags", None, "its `tags` is None"),
    ],
)
def test_a_field_of_another_kind_is_named(name: str, value: Any, problem: str) -> None:
    fields = OutcomeFields()
    whole = record(1)

    assert fields.problem_in(whole) is None
    assert problem in str(fields.problem_in({**whole, name: value}))
    assert fields.problem_in(whole) is None


def test_a_field_that_is_missing_is_named() -> None:
    lacking = {name: value for name, value in record(1).items() if name != "verdicts"}

    assert OutcomeFields().problem_in(lacking) == "`verdicts` is missing"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"usage": {}}, "`input_tokens` is missing in its `usage`"),
        ({"group": ["a"]}, "its `group` is ['a']"),
        ({"fingerprints": {"inputs": ["a"]}}, "`inputs` in its `fingerprints` is ['a']"),
        ({"verdicts": [{}]}, "`assertion` is missing in its `verdicts`"),
        ({"verdicts": ["x"]}, "its `verdicts` has 'x'"),
        ({"tags": [1]}, "a tag of it is 1"),
    ],
)
def test_what_is_wrong_inside_of_an_outcome_is_named(changes: dict[str, Any], problem: str) -> None:
    whole = record(1)

    assert deep_problem_in(whole) is None
    assert deep_problem_in({**whole, **changes}) == problem


def test_a_reply_without_a_time_is_named() -> None:
    made = record(1)
    assert made["reply"] is not None
    made["reply"]["latency"] = None  # type: ignore[typeddict-item]

    assert deep_problem_in(made) == "`latency` in its `reply` is None"
