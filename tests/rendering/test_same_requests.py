"""Which variants of a case would send the same request."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.request import PreparedTrial, PreparedTurn
from harness.model.suite import Case, Variant
from harness.rendering.same_requests import Members, SameRequests
from tests.support.trials import case

HI = ("Hi",)


def prepared(*contents: Any, **settings: Any) -> PreparedTrial:
    turns = (PreparedTurn(({"role": "user", "content": content},)) for content in contents or HI)
    return PreparedTrial({"model": "m", **settings}, tuple(turns))


def variants(number: int) -> list[Variant]:
    return [Variant(f"v{index}", vars={"number": index}) for index in range(number)]


def found(*trials: PreparedTrial, of: Case | None = None) -> list[Members]:
    same = SameRequests(variants(len(trials)))
    same.add(of or case(), trials)
    return list(same.cases)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (prepared(temperature=0), prepared(temperature=0.7)),
        (prepared(stream=True), prepared()),
        (prepared(**{"async": True}), prepared(stream=True)),
        (prepared(system="a"), prepared(system="b")),
        (prepared(system="a"), prepared()),
        (prepared("a"), prepared("b")),
        (prepared("a", "b"), prepared("a", "c")),
        (prepared("a", "b"), prepared("a")),
        (prepared([{"type": "text", "text": "a"}]), prepared([{"type": "text", "text": "b"}])),
        (prepared(flag=True), prepared(flag=1)),
    ],
)
def test_requests_that_differ_anywhere_are_not_the_same(
    one: PreparedTrial, two: PreparedTrial
) -> None:
    assert found(one, two) == []


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (prepared(), prepared()),
        (prepared(temperature=0), prepared(temperature=0.0)),
        (prepared(stream=False), prepared()),
        (prepared("a", "b", system="s"), prepared("a", "b", system="s")),
        (prepared([{"type": "text", "text": "a"}]), prepared([{"type": "text", "text": "a"}])),
        (prepared(a=1, b=2), prepared(b=2, a=1)),
    ],
)
def test_requests_that_ask_for_the_same_are_the_same(
    one: PreparedTrial, two: PreparedTrial
) -> None:
    assert found(one, two) == [(0, 1)]


def test_variants_fall_into_groups() -> None:
    trials = [prepared(text, temperature=heat) for text in "ab" for heat in (0, 0, 1)]

    assert found(*trials, trials[0]) == [(0, 1, 6), (3, 4)]


def test_a_skipped_case_does_not_count() -> None:
    assert found(prepared(), prepared(), of=case(skip="later")) == []


def test_a_case_that_changes_other_settings_is_compared_anew() -> None:
    same = SameRequests(variants(2))
    plain, shadowed = case("a"), case("b", request={"temperature": 1})

    same.add(plain, [prepared(temperature=0), prepared(temperature=0.7)])
    same.add(shadowed, [prepared(temperature=1), prepared(temperature=1)])
    same.add(plain, [prepared(temperature=0), prepared(temperature=0.7)])

    assert same.cases == {(0, 1): [shadowed]}


def test_variants_that_only_set_what_a_case_overrides_need_no_look_at_their_texts() -> None:
    one, two = Variant("one", {"temperature": 0}), Variant("two", {"temperature": 1})
    three = Variant("three", {"temperature": 1}, {"name": "Ada"})
    same = SameRequests([one, two, three])
    a, b = case("a"), case("b")

    same.add(a, [prepared("Hi"), prepared("Hi"), prepared("Hi Ada")])
    same.add(b, [prepared("Hi"), prepared("Hi"), prepared("Hi")])

    assert same.cases == {(0, 1): [a], (0, 1, 2): [b]}
