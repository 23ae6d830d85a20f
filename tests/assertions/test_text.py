"""Assertions on the words of a reply."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.parameters import ArgumentError
from harness.model.suite import Expectation
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    PASS,
    REGISTRY,
    Vector,
    check,
    judged,
    parametrized,
)
from tests.support.replies import message, reply
from tests.support.trials import HERE

VECTORS: list[Vector] = [
    ({"matches": "x_{i}"}, "wrong x_{j}", FAIL, 0, ""),
    ({"matches": "x_{i}"}, "right x_{i}", PASS, 1, ""),
    ({"matches": r"^\p{Lu}{2}\N{BULLET}$"}, "ÄB•", PASS, 1, ""),
    ({"matches": r"\\frac{d}{dx}"}, "\\frac{d}{dx}", PASS, 1, ""),
    ({"matches": r"^a{2}b{1,}c{,2}[{}]\\{e}$"}, "aabbcc}\\{e}", PASS, 1, ""),
    ({"equals": "billing"}, "billing", PASS, None, ""),
    ({"equals": "billing"}, "Billing", FAIL, None, "only the case differs"),
    ({"equals": "billing"}, "billing\n", FAIL, None, "only white space at the ends differs"),
    ({"equals": "a\nbc"}, "a\nbd", FAIL, None, "line 2, column 2"),
    ({"equals": ""}, "", PASS, None, ""),
    ({"equals": "x"}, "", FAIL, None, "line 1, column 1"),
    ({"not_equals": "a"}, "b", PASS, None, ""),
    ({"not_equals": "a"}, "a", FAIL, None, "the reply is 'a'"),
    ({"contains": "ell"}, "hello", PASS, None, "at character 2"),
    ({"contains": "ELL"}, "hello", FAIL, None, "it does in different case"),
    ({"contains": "é"}, "cafe\u0301", FAIL, None, "does not occur"),
    ({"not_contains": "sorry"}, "I am sorry", FAIL, None, "'sorry' occurs in the reply at character 6"),
    ({"not_contains": "sorry"}, "fine", PASS, None, ""),
    ({"contains_any": ["a", "b"]}, "xbx", PASS, None, "'b'"),
    ({"contains_any": ["a", "b"]}, "xyz", FAIL, None, "none of 'a', 'b'"),
    ({"contains_all": ["a", "b"]}, "ba", PASS, None, ""),
    ({"contains_all": ["a", "b", "c"]}, "b", FAIL, None, "2 of 3 do not occur in the reply: 'a', 'c'"),
    ({"starts_with": "Dear"}, "Dear customer", PASS, None, ""),
    ({"starts_with": "Dear"}, "Hi", FAIL, None, "does not begin with 'Dear'"),
    ({"ends_with": "."}, "Done.", PASS, None, ""),
    ({"ends_with": "."}, "Done. \n", FAIL, None, "white space follows"),
    ({"matches": r"\d{4}"}, "in 1984", PASS, None, "'1984'"),
    ({"matches": r"^\d+$"}, "in 1984", FAIL, None, "does not match the reply"),
    ({"not_matches": r"(?i)as an ai"}, "As an AI", FAIL, None, "matches 'As an AI'"),
    ({"matches": r"(a|aa)+$"}, "a" * 200 + "b", ERROR, None, "took more than 0.25 s"),
    ({"equals": ""}, reply(message=message(content=[{"type": "tool_use"}])), PASS, None, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_the_words_of_a_reply_are_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


@pytest.mark.parametrize(
    ("key", "argument", "output"),
    [
        ("equals", "STRASSE", "straße"),
        ("contains", "ELL", "hello"),
        ("contains_any", ["X", "ELL"], "hello"),
        ("contains_all", ["H", "ELL"], "hello"),
        ("starts_with", "HE", "hello"),
        ("ends_with", "LO", "hello"),
        ("matches", "^H", "hello"),
    ],
)
def test_case_counts_unless_it_is_ignored(key: str, argument: Any, output: str) -> None:
    assert not judged({key: argument}, output).passed
    assert judged({key: argument, "ignore_case": True}, output).passed


def test_the_score_of_contains_all_is_the_share_it_contains() -> None:
    assert judged({"contains_all": ["a", "b", "c", "d"]}, "a").score == 0.25


def test_the_expected_text_is_cut_around_the_difference_as_is_the_actual_one() -> None:
    verdict = judged({"equals": "a" * 500 + "X" + "b" * 500}, "a" * 500 + "Y" + "b" * 500)

    assert verdict.expected is not None
    assert verdict.actual is not None
    assert "X" in verdict.expected
    assert "Y" in verdict.actual
    assert len(verdict.expected) == len(verdict.actual) < 200


def test_a_reply_that_is_too_long_for_a_pattern_is_an_error() -> None:
    assert judged({"matches": "a"}, "a" * 1_000_001).reason == (
        "the reply has more than 1,000,000 characters"
    )


@pytest.mark.parametrize(
    ("pattern", "problem", "offset"),
    [
        (5, "`matches`: expected a pattern, found 5", 0),
        ("ab(", "`matches`: not a regular expression: missing ), unterminated subpattern", 2),
    ],
)
def test_a_pattern_that_is_invalid_is_refused_with_its_offset(
    pattern: Any, problem: str, offset: int
) -> None:
    expectation = Expectation("matches", pattern, HERE)

    with pytest.raises(ArgumentError) as caught:
        REGISTRY.read(expectation)

    assert (caught.value.problem, caught.value.offset) == (problem, offset)
    assert caught.value.fix
