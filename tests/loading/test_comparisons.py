from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.errors import SuiteError
from harness.loading.comparisons import Comparisons
from harness.model.suite import Case, Variant
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from tests.support.trials import case, expectation

ASSERTIONS = builtin_assertions(Expressions(TemplateEnvironment))


def compared(*cases: Case, variants: str = "abc") -> tuple[list[Any], list[SuiteError]]:
    comparisons = Comparisons(ASSERTIONS, [Variant(name) for name in variants])
    problems: list[SuiteError] = []
    needs = [comparisons.compared(one, problems) for one in cases]
    return [{name: set(others) for name, others in need.items()} for need in needs], problems


def test_a_case_without_comparison_needs_no_other_variant() -> None:
    assert compared(case(expectations=(expectation(),))) == ([{}], [])


def test_every_variant_but_the_named_one_needs_the_named_one() -> None:
    (needs,), problems = compared(case(expectations=(expectation("same_as", "a"),)))

    assert (needs, problems) == ({"b": {"a"}, "c": {"a"}}, [])


def test_the_named_variant_needs_all_others_to_be_the_best() -> None:
    best = expectation("best_of", "a", options={"by": "cost"})

    (needs,), _ = compared(case(expectations=(best,)))

    assert needs == {"a": {"b", "c"}}


def test_what_is_needed_in_turn_is_needed_too() -> None:
    expectations = (expectation("same_as", "a"), expectation("same_as", "b"))

    (needs,), _ = compared(case(expectations=expectations))

    assert needs == {"a": {"b"}, "b": {"a"}, "c": {"a", "b"}}


def test_a_comparison_inside_a_composition_counts() -> None:
    nested = expectation("any_of", None, nested=(expectation("same_as", "a"),))

    (needs,), _ = compared(case(expectations=(nested,)))

    assert needs == {"b": {"a"}, "c": {"a"}}


@pytest.mark.parametrize(
    ("name", "argument", "options", "variants", "problem"),
    [
        ("same_as", "a", {}, "a", "`same_as` compares variants, but the suite has only one"),
        ("same_as", "d", {}, "abc", "unknown variant `d`"),
        ("prefer", "kind", {"over": "d"}, "abc", "unknown variant `d`"),
        (
            "best_of",
            "a",
            {"by": "score"},
            "abc",
            "`best_of` compares scores, but no other assertion scores `x`",
        ),
    ],
)
def test_a_comparison_that_cannot_work_is_reported(
    name: str, argument: str, options: dict[str, str], variants: str, problem: str
) -> None:
    one = case("x", expectations=(expectation(name, argument, options=options),))

    (needs,), problems = compared(one, variants=variants)

    assert needs == {}
    assert [error.problem for error in problems] == [problem]


def test_a_comparison_that_cases_share_is_reported_once() -> None:
    shared = expectation("same_as", "d")
    cases = [case(name, expectations=(shared,)) for name in ("x", "y")]

    _, problems = compared(*cases)

    assert len(problems) == 1
