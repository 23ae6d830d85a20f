"""Assertions that combine nested expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply, ReplyOrigin
from harness.model.suite import Expectation
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    REGISTRY,
    Vector,
    check,
    judged,
    parametrized,
    result_of,
)
from tests.support.replies import reply
from tests.support.trials import HERE

YES, NO, BROKEN = {"contains": "a"}, {"contains": "z"}, {"that": "1 / 0"}
HALF = {"contains_all": ["a", "z"]}
UNREADABLE = {"that": "output | from_json"}
VECTORS: list[Vector] = [
    ({"all_of": [YES, YES]}, "a", PASS, 1, "0 of 2 did not pass"),
    ({"all_of": [YES, NO]}, "a", FAIL, 0.5, "1 of 2 did not pass: contains: 'z' does not occur"),
    ({"all_of": [YES, NO], "threshold": 0.5}, "a", PASS, 0.5, "the threshold 0.5"),
    ({"all_of": [YES, {**NO, "weight": 3}], "threshold": 0.5}, "a", FAIL, 0.25, ""),
    ({"all_of": [YES, {**NO, "weight": 0}]}, "a", PASS, 1, ""),
    ({"all_of": [YES, {**NO, "severity": "warn"}]}, "a", PASS, 1, ""),
    ({"all_of": [YES, BROKEN]}, "a", ERROR, None, "that: "),
    ({"all_of": [NO, BROKEN]}, "a", FAIL, None, "'z' does not occur"),
    ({"all_of": [NO, BROKEN], "threshold": 0.1}, "a", ERROR, None, ""),
    ({"all_of": [BROKEN, NO]}, "a", FAIL, 0, "in the reply; 1 could not be judged: that: "),
    ({"all_of": [YES, NO, BROKEN], "threshold": 0.7}, "a", FAIL, None, "the threshold 0.7"),
    ({"all_of": [YES, NO, BROKEN], "threshold": 0.6}, "a", ERROR, None, "that: "),
    ({"all_of": [YES, NO, BROKEN], "threshold": 0.3}, "a", PASS, 1 / 3, ""),
    ({"all_of": [YES, {**BROKEN, "weight": 3}], "threshold": 0.3}, "a", ERROR, None, ""),
    ({"all_of": [{"all_of": [NO, BROKEN]}], "threshold": 0.4}, "a", ERROR, None, "that: "),
    ({"all_of": [{"all_of": [NO, BROKEN]}], "threshold": 0.6}, "a", FAIL, None, ""),
    ({"all_of": [UNREADABLE, BROKEN]}, "a", FAIL, 0, "from_json: not JSON"),
    ({"all_of": [YES, UNREADABLE]}, "a", FAIL, 0.5, "from_json: not JSON"),
    ({"any_of": [NO, YES]}, "a", PASS, 1, "1 passed: contains"),
    ({"any_of": [NO, NO]}, "a", FAIL, 0, "2 of 2 did not pass"),
    ({"any_of": [BROKEN, YES]}, "a", PASS, 1, ""),
    ({"any_of": [BROKEN, NO]}, "a", ERROR, None, ""),
    ({"any_of": [HALF], "threshold": 0.5}, "a", PASS, 0.5, ""),
    ({"any_of": [HALF, BROKEN], "threshold": 0.5}, "a", PASS, 0.5, ""),
    ({"any_of": [HALF, BROKEN], "threshold": 0.6}, "a", ERROR, None, ""),
    ({"any_of": [UNREADABLE, YES]}, "a", PASS, 1, ""),
    ({"any_of": [UNREADABLE, NO]}, "a", FAIL, 0, "from_json: not JSON"),
    ({"any_of": [UNREADABLE, BROKEN]}, "a", ERROR, None, ""),
    ({"none_of": [NO, NO]}, "a", PASS, 1, ""),
    ({"none_of": [NO, YES]}, "a", FAIL, 0, "1 of 2 passed, but none should"),
    ({"none_of": [NO, BROKEN]}, "a", ERROR, None, ""),
    ({"none_of": [YES, BROKEN]}, "a", FAIL, 0, ""),
    ({"none_of": [HALF], "threshold": 0.5}, "a", PASS, 0.5, ""),
    ({"none_of": [HALF, BROKEN], "threshold": 0.6}, "a", FAIL, 0, ""),
    ({"none_of": [HALF, BROKEN], "threshold": 0.5}, "a", ERROR, None, ""),
    ({"none_of": [NO, UNREADABLE]}, "a", FAIL, 0, "1 of 2 could not read the reply: that: "),
    ({"none_of": [YES, UNREADABLE]}, "a", FAIL, 0, "1 of 2 passed, but none should"),
    ({"none_of": [BROKEN, UNREADABLE]}, "a", FAIL, 0, "could not read"),
    ({"none_of": [{"any_of": [BROKEN, UNREADABLE]}]}, "a", FAIL, 0, "could not read"),
    ({"none_of": [{"all_of": [NO, UNREADABLE]}]}, "a", PASS, 0.5, ""),
    ({"none_of": [{"all_of": [YES, UNREADABLE]}]}, "a", FAIL, 0, "could not read"),
    ({"none_of": [{"none_of": [YES, UNREADABLE]}]}, "a", PASS, 1, ""),
    ({"none_of": [{"all_of": [YES, BROKEN], "threshold": 0.5}]}, "a", FAIL, 0, ""),
    ({"none_of": [{"all_of": [NO, BROKEN]}]}, "a", PASS, None, ""),
    ({"none_of": [HALF], "threshold": 0.6}, "a", FAIL, 0.5, "the score is 0.500, the threshold 0.6"),
    ({"any_of": [HALF], "threshold": 0.6}, "a", FAIL, 0.5, "the score is 0.500, the threshold 0.6"),
    ({"all_of": [{"any_of": [NO, YES]}, {"none_of": [NO]}]}, "a", PASS, 1, ""),
    ({"all_of": [{"any_of": [NO, {"all_of": [YES, NO]}]}]}, "a", FAIL, 0.5, ""),
    ({"all_of": [{"not_contains": "z"}, {"equals": "A", "ignore_case": True}]}, "a", PASS, 1, ""),
    ({"all_of": [{**YES, "weight": 0}]}, "a", NOT_APPLICABLE, 1, "none of the nested expectations decides"),
    ({"all_of": [{"equals": "b", "transform": "'b'"}, YES]}, "a", PASS, 1, ""),
    ({"all_of": [{"equals": "bc", "transform": "output ~ 'c'"}], "transform": "'b'"}, "a", PASS, 1,
     ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_nested_verdicts_are_combined(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


SOON = {"max_latency": "5s"}


@pytest.mark.parametrize(
    ("item", "at_once", "cached"),
    [
        ({"any_of": [SOON, NO]}, PASS, NOT_APPLICABLE),
        ({"any_of": [SOON, YES]}, PASS, PASS),
        ({"any_of": [SOON, HALF], "threshold": 0.6}, PASS, NOT_APPLICABLE),
        ({"any_of": [SOON, BROKEN]}, PASS, ERROR),
        ({"none_of": [SOON, NO]}, FAIL, NOT_APPLICABLE),
        ({"none_of": [SOON, YES]}, FAIL, FAIL),
        ({"all_of": [SOON, YES]}, PASS, PASS),
        ({"all_of": [SOON, NO]}, FAIL, FAIL),
    ],
)
def test_a_time_limit_that_is_left_out_turns_no_verdict_over(
    item: dict[str, Any], at_once: str, cached: str
) -> None:
    results = [
        result_of(judged(item, reply("a", latency=1.0, origin=origin)))
        for origin in (ReplyOrigin.SERVICE, ReplyOrigin.CACHE)
    ]

    assert results == [at_once, cached]


ERRORED, UNREAD = "an error", "unreadable"
KNOWN = [(True, 1.0), (True, 0.5), (False, 0.5), (False, 0.0)]
THRESHOLDS = st.sampled_from([None, None, 0.25, 0.5, 0.75, 1.0])
LEAVES = st.sampled_from([*KNOWN, ERRORED, ERRORED, UNREAD])


@st.composite
def _whole(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> Any:
    name = draw(st.sampled_from(["all_of", "any_of", "none_of"]))
    return name, draw(THRESHOLDS), draw(st.lists(parts, min_size=1, max_size=3))


TREES = _whole(st.recursive(LEAVES, _whole, max_leaves=5))


def unknown_in(tree: Any, kinds: Sequence[str] = (ERRORED,)) -> int:
    """Return how many leaves of a tree are of these kinds."""
    if isinstance(tree, tuple) and len(tree) == 3:
        return sum(unknown_in(part, kinds) for part in tree[2])
    return int(tree in kinds)


def judged_tree(tree: Any, values: Sequence[tuple[bool, float]] = ()) -> Verdict:
    """Judge a tree whose errors, in their order, have these results instead."""
    given_values = iter(values)
    verdicts: dict[int, Verdict] = {}
    registry = AssertionRegistry()
    registry.include(REGISTRY)

    @registry.register("leaf")
    def leaf(reply: Reply, number: int) -> Verdict:
        return verdicts[number]

    def expectation(part: Any) -> Expectation:
        if isinstance(part, tuple) and len(part) == 3:
            name, threshold, parts = part
            options: Mapping[str, Any] = {} if threshold is None else {"threshold": threshold}
            nested = tuple(map(expectation, parts))
            return Expectation(name, None, HERE, options=options, nested=nested)
        number = len(verdicts)
        part = next(given_values, part) if part == ERRORED else part
        if part == ERRORED:
            verdicts[number] = Verdict.errored("cannot say")
        elif part == UNREAD:
            verdicts[number] = Verdict.unreadable("not JSON")
        else:
            passed, score = part
            verdicts[number] = Verdict(passed, score, "said")
        return Expectation("leaf", number, HERE)

    return Evaluator(registry).judge(expectation(tree), reply("a"), EvaluationContext())


@given(TREES.filter(lambda tree: 0 < unknown_in(tree) <= 3 and not unknown_in(tree, [UNREAD])))
def test_a_composition_is_an_error_only_if_its_result_depends_on_what_could_not_be_judged(
    tree: Any,
) -> None:
    verdict = judged_tree(tree)
    possible = [judged_tree(tree, values) for values in product(KNOWN, repeat=unknown_in(tree))]

    if verdict.is_error:
        assert len({each.passed for each in possible}) == 2
    else:
        assert {each.passed for each in possible} == {verdict.passed}
    least, greatest = verdict.possible_scores
    assert all(least - 1e-9 <= each.score <= greatest + 1e-9 for each in possible)


@given(TREES.filter(lambda tree: not unknown_in(tree) and 0 < unknown_in(tree, [UNREAD]) <= 3))
def test_what_lacks_what_is_read_never_makes_a_composition_pass(tree: Any) -> None:
    verdict = judged_tree(tree)
    read_as = [
        judged_tree(_replaced(tree, iter(values)))
        for values in product(KNOWN, repeat=unknown_in(tree, [UNREAD]))
    ]

    assert not verdict.is_error
    if verdict.passed:
        assert any(each.passed for each in read_as)
    if all(each.passed for each in read_as):
        assert verdict.passed or verdict.is_unreadable


def test_a_threshold_around_an_error_whose_score_is_certain_decides() -> None:
    inner = ("any_of", None, [(False, 0.5), ("all_of", 0.25, [(False, 0.0), ERRORED])])

    assert judged_tree(("all_of", 0.25, [inner])).passed


def test_a_threshold_around_a_score_that_rests_on_what_is_unreadable_passes_nothing() -> None:
    inner = ("none_of", None, [(True, 0.5), ("none_of", 0.25, [(True, 1.0), UNREAD])])

    assert not judged_tree(("none_of", 0.75, [inner])).passed


def _replaced(tree: Any, values: Any) -> Any:
    if isinstance(tree, tuple) and len(tree) == 3:
        return (*tree[:2], [_replaced(part, values) for part in tree[2]])
    return next(values) if tree == UNREAD else tree
