from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.loading.suite_checks import duplicate_ids, request_problems
from harness.model.suite import Case, Overrides, Suite, Variant
from harness.source import Span
from tests.support.trials import HERE, case


def at(line: int, name: str, row: int = 0) -> Case:
    return replace(case(name, row=row), span=Span(Path("t.suite.yaml"), line, 5))


def test_ids_of_their_own_are_fine() -> None:
    assert list(duplicate_ids([at(1, "a"), at(2, "b")])) == []


def test_each_repetition_of_an_id_is_reported_with_the_first() -> None:
    errors = list(duplicate_ids([at(1, "a"), at(2, "a"), at(3, "b"), at(4, "a")]))

    assert [(error.span.line, error.problem) for error in errors] == [
        (2, "duplicate id `a`; first used on line 1"),
        (4, "duplicate id `a`; first used on line 1"),
    ]


def test_rows_of_a_dataset_are_named_and_reported_up_to_five_times() -> None:
    errors = list(duplicate_ids([at(1, "a", row) for row in range(1, 11)]))

    assert len(errors) == 5
    assert errors[0].problem == "duplicate id `a` in rows 1 and 2; first used on line 1"


def problems(suite: Suite, *, has_whole_request: bool = True) -> list[str]:
    return [error.problem for error in request_problems(suite, has_whole_request=has_whole_request)]


def suite(*variants: Variant, **changes: Any) -> Suite:
    return Suite("t", HERE, (case(),), variants or (Variant(),), **changes)


def test_a_model_may_be_set_anywhere() -> None:
    model = {"model": "m"}

    assert problems(suite(request=model)) == []
    assert problems(suite(Variant("v", model))) == []
    assert problems(suite(overrides=Overrides(model))) == []
    assert problems(Suite("t", HERE, (case(request=model),))) == []


def test_a_missing_model_is_reported_once() -> None:
    assert problems(suite(Variant("v"), Variant("w"))) == ["no model is set"]


def test_a_model_may_be_in_the_part_that_was_left_out() -> None:
    assert problems(suite(), has_whole_request=False) == []


def test_stream_and_async_may_not_meet_in_a_variant() -> None:
    streaming = suite(
        Variant("v", {"async": True}),
        Variant("w", {"async": False}),
        request={"model": "m", "stream": True},
    )

    assert problems(streaming) == ["`stream` and `async` are both set in the variant `v`"]
