"""The registry of assertions."""

from __future__ import annotations

import pytest

from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation
from tests.assertions.vectors import REGISTRY, read
from tests.support.trials import HERE


def test_a_name_taken_twice_names_both_functions() -> None:
    registry = AssertionRegistry()

    @registry.register("same")
    def first(reply: Reply, text: str) -> Verdict:
        return Verdict.passing()

    with pytest.raises(DefinitionError, match=r"first and .*second"):

        @registry.register("same")
        def second(reply: Reply, text: str) -> Verdict:
            return Verdict.passing()


def test_an_included_registry_may_not_take_a_name() -> None:
    with pytest.raises(DefinitionError, match="`contains` is declared twice"):
        REGISTRY.include(text_registry())


def text_registry() -> AssertionRegistry:
    registry = AssertionRegistry()

    @registry.register("contains")
    def contains(reply: Reply, text: str) -> Verdict:
        return Verdict.passing()

    return registry


def test_keys_are_the_names_and_their_negations_where_allowed() -> None:
    registry = text_registry()

    @registry.register("limit", is_negatable=False)
    def limit(reply: Reply, most: int) -> Verdict:
        return Verdict.passing()

    assert list(registry.keys) == ["contains", "limit", "not_contains"]
    assert registry.keys["not_contains"] is registry["contains"]


def test_arguments_are_read_by_their_types() -> None:
    options = {"min": "0.5", "ignore_case": "true"}
    expectation = Expectation("levenshtein", "abc", HERE, options=options)

    result = REGISTRY.read(expectation)

    assert result.argument == ["abc"]
    assert result.options == {"min": 0.5, "ignore_case": True}


def test_an_invalid_argument_is_refused_with_its_key_and_path() -> None:
    expectation = Expectation("contains_any", ["a", ""], HERE, is_negated=True)

    with pytest.raises(ArgumentError) as caught:
        REGISTRY.read(expectation)

    assert caught.value.problem.startswith("`not_contains_any`: expected text")
    assert caught.value.path == ("not_contains_any",)


def test_a_transform_is_checked_by_the_evaluator_of_expressions() -> None:
    REGISTRY.check_transform("output | upper")

    with pytest.raises(ArgumentError) as caught:
        REGISTRY.check_transform("output |")

    assert caught.value.path == ("transform",)


def test_without_an_evaluator_there_are_no_transforms() -> None:
    with pytest.raises(ArgumentError, match="transforms cannot be evaluated here"):
        AssertionRegistry().check_transform("output")


def test_the_leaves_are_the_innermost_expectations() -> None:
    expectation = read({"all_of": [{"any_of": [{"equals": "a"}, {"contains": "b"}]}]})

    assert [leaf.key for leaf in REGISTRY.leaves(expectation)] == ["equals", "contains"]


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        ({"contains": "a"}, "immediate"),
        ({"judge": "a"}, "async judge"),
        ({"levenshtein": "a"}, "slow"),
        ({"same_as": "a"}, "compares"),
        ({"all_of": [{"contains": "a"}]}, "immediate"),
        ({"all_of": [{"contains": "a"}, {"judge": "b"}]}, "async judge"),
        ({"all_of": [{"any_of": [{"levenshtein": "a"}]}]}, "slow"),
        ({"none_of": [{"same_as": "a"}]}, "compares"),
    ],
)
def test_an_expectation_is_what_any_nested_in_it_is(item: dict[str, object], facts: str) -> None:
    expectation = read(item)

    assert REGISTRY.is_immediate(expectation) is ("immediate" in facts)
    assert REGISTRY.is_async(expectation) is ("async" in facts)
    assert REGISTRY.wants_judge(expectation) is ("judge" in facts)
    assert REGISTRY.is_slow(expectation) is ("slow" in facts)
    assert REGISTRY.compares(expectation) is ("compares" in facts)
