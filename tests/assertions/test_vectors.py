"""Each assertion on replies it must pass, fail or refuse to judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.expectations import ExpectationReader
from harness.loading.nodes import SequenceNode, compose, data_of
from harness.model.outcome import Verdict
from harness.model.suite import Expectation
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from harness.rendering.templates import Templates
from harness.source import SourceFile, Span
from tests.assertions.tables import ERROR, FAIL, FAMILIES, NOT_APPLICABLE, ODD, ODD_REPLIES, PASS
from tests.support.replies import message, reply

HERE = Span(Path("t.suite.yaml"), 1, 1)
SCHEMA = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}


@pytest.fixture(scope="module")
def registry() -> AssertionRegistry:
    return builtin_assertions(Expressions(TemplateEnvironment))


def judge(
    registry: AssertionRegistry, key: str, argument: Any, given: Any, **options: Any
) -> Verdict:
    name = key.removeprefix("not_")
    expectation = Expectation(name, argument, HERE, is_negated=key != name, options=options)
    on = reply(given) if isinstance(given, str) else given
    return Evaluator(registry).judge(
        registry.read(expectation), on, EvaluationContext({"queue": "billing"})
    )


VECTORS: list[tuple[str, Any, Any, str, str]] = [
    ("equals", "billing", "billing", PASS, ""),
    ("equals", "billing", "Billing", FAIL, "only the case differs"),
    ("equals", "billing", "billing\n", FAIL, "only white space at the ends differs"),
    ("equals", "a\nbc", "a\nbd", FAIL, "line 2, column 2"),
    ("equals", "", "", PASS, ""),
    ("equals", "x", "", FAIL, "line 1, column 1"),
    ("not_equals", "a", "b", PASS, ""),
    ("not_equals", "a", "a", FAIL, "the reply is 'a'"),
    ("contains", "ell", "hello", PASS, "at character 2"),
    ("contains", "ELL", "hello", FAIL, "it does in different case"),
    ("contains", "é", "cafe\u0301", FAIL, "does not occur"),
    ("not_contains", "sorry", "I am sorry", FAIL, "'sorry' occurs in the reply at character 6"),
    ("not_contains", "sorry", "fine", PASS, ""),
    ("contains_any", ["a", "b"], "xbx", PASS, "'b'"),
    ("contains_any", ["a", "b"], "xyz", FAIL, "none of 'a', 'b'"),
    ("contains_all", ["a", "b"], "ba", PASS, ""),
    ("contains_all", ["a", "b", "c"], "b", FAIL, "2 of 3 do not occur in the reply: 'a', 'c'"),
    ("starts_with", "Dear", "Dear customer", PASS, ""),
    ("starts_with", "Dear", "Hi", FAIL, "does not begin with 'Dear'"),
    ("ends_with", ".", "Done.", PASS, ""),
    ("ends_with", ".", "Done. \n", FAIL, "white space follows"),
    ("matches", r"\d{4}", "in 1984", PASS, "'1984'"),
    ("matches", r"^\d+$", "in 1984", FAIL, "does not match the reply"),
    ("not_matches", r"(?i)as an ai", "As an AI", FAIL, "matches 'As an AI'"),
    ("matches", r"(a|aa)+$", "a" * 200 + "b", ERROR, "took more than 0.25 s"),
    ("is_json", True, "[1, 2]", PASS, ""),
    ("is_json", True, "```json\n{}\n```", FAIL, "Markdown fence"),
    ("is_json", True, "", FAIL, "it is empty"),
    ("is_json", True, "NaN", FAIL, "`NaN` is not a JSON number"),
    ("is_json", True, "[" * 100_000, ERROR, "nested too deeply"),
    ("is_json", SCHEMA, '{"total": 1}', PASS, ""),
    ("is_json", SCHEMA, '{"total": "1"}', FAIL, "$.total: '1' is not of type 'number'"),
    ("is_json", {"$ref": "#"}, "1", ERROR, "refers to itself"),
    ("not_is_json", True, "{}", FAIL, "the reply is JSON"),
    ("that", "output == 'hi'", "hi", PASS, ""),
    ("that", "output | length > 3", "hi", FAIL, "is False"),
    ("that", "output == queue", "billing", PASS, ""),
    ("that", "output == vars.queue", "billing", PASS, ""),
    ("that", "(output | from_json).total > 0", '{"total": 2}', PASS, ""),
    ("that", "(output | from_json).total > 0", "no JSON", ERROR, "from_json: not JSON"),
    ("that", "(output | from_json).sum > 0", "{}", ERROR, "'sum'"),
    ("that", "usage.output_tokens == 3", "hi", PASS, ""),
    ("that", "output + 1", "hi", ERROR, "TypeError"),
    ("that", "output.__class__", "hi", ERROR, "unsafe"),
    ("word_count", 3, "one two three", PASS, ""),
    ("word_count", 3, "one two", FAIL, "has 2 words, expected exactly 3"),
    ("word_count", {"max": 1}, "one two", FAIL, "at most 1"),
    ("word_count", {"min": 1}, "", FAIL, "at least 1"),
    ("word_count", {"min": 1, "max": 2}, "one two", PASS, ""),
    ("word_count", "2", "one two", PASS, ""),
    ("stop_reason", "end_turn", "x", PASS, ""),
    ("stop_reason", "max_tokens", "x", FAIL, "stopped for 'end_turn', expected 'max_tokens'"),
    ("max_latency", "5s", reply("x", latency=5.0), PASS, ""),
    ("max_latency", "250ms", reply("x", latency=0.3), FAIL, "took 0.300 s, the limit is 0.25 s"),
    ("max_ttft", 1, reply("x", first_token=0.5), PASS, ""),
    ("max_ttft", 1, reply("x", first_token=1.5), FAIL, "first token took 1.500 s"),
    ("max_ttft", 1, reply("x"), ERROR, "was not streamed"),
    ("max_cost", 0.01, reply("x", cost=0.01), PASS, ""),
    ("max_cost", 0.01, reply("x", cost=0.02), FAIL, "cost 0.020000 USD, the limit is 0.01"),
    ("max_cost", 0.01, reply("x"), ERROR, "has no price"),
    ("max_input_tokens", 12, "x", PASS, ""),
    ("max_input_tokens", 11, "x", FAIL, "had 12 tokens, the limit is 11"),
    ("max_output_tokens", 3, "x", PASS, ""),
    ("max_output_tokens", "2", "x", FAIL, "has 3 tokens, the limit is 2"),
    ("equals", "", reply(message=message(content=[{"type": "tool_use"}])), PASS, ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "argument", "given", "answer", "words"), VECTORS)
def test_an_assertion_judges(
    registry: AssertionRegistry, key: str, argument: Any, given: Any, answer: str, words: str
) -> None:
    verdict = judge(registry, key, argument, given)

    assert (verdict.is_error, verdict.passed) == (answer == ERROR, answer == PASS), verdict.reason
    assert words in verdict.reason
    assert verdict.reason


@pytest.mark.parametrize(
    ("key", "argument", "given"),
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
def test_ignore_case_takes_case_out_of_it(
    registry: AssertionRegistry, key: str, argument: Any, given: str
) -> None:
    assert not judge(registry, key, argument, given).passed
    assert judge(registry, key, argument, given, ignore_case=True).passed


def test_contains_all_scores_the_share_that_is_there(registry: AssertionRegistry) -> None:
    assert judge(registry, "contains_all", ["a", "b", "c", "d"], "a").score == 0.25


def test_what_is_expected_stands_beside_what_came(registry: AssertionRegistry) -> None:
    verdict = judge(registry, "equals", "a" * 500 + "X" + "b" * 500, "a" * 500 + "Y" + "b" * 500)

    assert verdict.expected is not None
    assert verdict.actual is not None
    assert "X" in verdict.expected
    assert "Y" in verdict.actual
    assert len(verdict.expected) == len(verdict.actual) < 200


LETTERS = {"p": PASS, "f": FAIL, "e": ERROR}
FLIPPED = {"p": "f", "f": "p", "e": "e"}


def read(registry: AssertionRegistry, item: dict[str, Any]) -> Expectation:
    """Read an expectation as it stands in a suite."""
    node = compose(SourceFile(Path("t.suite.yaml"), json.dumps([item])), [])
    assert isinstance(node, SequenceNode)
    problems: list[SuiteError] = []
    reader = ExpectationReader(registry, Templates(TemplateEnvironment))
    found = reader.read(node, data_of(node), problems)
    assert problems == []
    return found[0]


def answered(verdict: Verdict) -> str:
    if verdict.is_error:
        return ERROR
    return NOT_APPLICABLE if verdict.is_not_applicable else PASS if verdict.passed else FAIL


@pytest.mark.parametrize(("item", "given", "answer", "score", "words"), FAMILIES)
def test_an_assertion_of_each_family_judges(
    registry: AssertionRegistry,
    item: dict[str, Any],
    given: Any,
    answer: str,
    score: float | None,
    words: str,
) -> None:
    on = reply(given) if isinstance(given, str) else given

    verdict = Evaluator(registry).judge(
        read(registry, item), on, EvaluationContext({"queue": "billing"})
    )

    assert answered(verdict) == answer, verdict.reason
    assert words in verdict.reason
    assert verdict.reason
    if score is not None:
        assert verdict.score == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize("which", range(len(ODD_REPLIES)), ids=["empty", "tool", "scripts", "1 MB"])
@pytest.mark.parametrize(("item", "letters"), ODD)
def test_odd_replies_are_judged_as_any_others(
    registry: AssertionRegistry, item: dict[str, Any], letters: str, which: int
) -> None:
    answer = LETTERS[letters[which]]

    verdict = Evaluator(registry).judge(
        read(registry, item), ODD_REPLIES[which], EvaluationContext()
    )

    assert answered(verdict) == answer, verdict.reason
    assert not verdict.traceback
    assert 0 <= verdict.score <= 1
    assert len(verdict.reason) < 3000


NEGATABLE = [
    ({f"not_{key}": item[key], **{k: v for k, v in item.items() if k != key}}, letters)
    for item, letters in ODD
    for key in list(item)[:1]
    if builtin_assertions(Expressions(TemplateEnvironment))[key].is_negatable
]


@pytest.mark.parametrize("which", range(len(ODD_REPLIES)), ids=["empty", "tool", "scripts", "1 MB"])
@pytest.mark.parametrize(("item", "letters"), NEGATABLE)
def test_a_negated_assertion_says_the_opposite_and_errors_alike(
    registry: AssertionRegistry, item: dict[str, Any], letters: str, which: int
) -> None:
    verdict = Evaluator(registry).judge(
        read(registry, item), ODD_REPLIES[which], EvaluationContext()
    )

    assert answered(verdict) == LETTERS[FLIPPED[letters[which]]], verdict.reason


def test_every_assertion_is_in_the_tables(registry: AssertionRegistry) -> None:
    alone = (each for each in registry if not each.is_async and not each.compares)
    names = {definition.name for definition in alone}

    assert names == {key for item, _ in ODD for key in list(item)[:1]}
    assert len(VECTORS) + len(FAMILIES) + 4 * len(ODD) + 4 * len(NEGATABLE) >= 400


@pytest.mark.parametrize(
    ("key", "argument", "words"),
    [
        ("matches", "(", "`matches`: not a regular expression"),
        ("word_count", {"min": 5, "max": 2}, "`min` is larger than `max`"),
        ("word_count", "many", "expected a whole number, found 'many'"),
        ("max_latency", "0s", "expected a duration, found '0s'"),
        ("max_latency", True, "expected a duration"),
        ("max_cost", "cheap", "expected a number, found 'cheap'"),
        ("that", "{{ output }}", "`{{` inside an expression"),
        ("is_json", {"type": "objekt"}, "not a JSON Schema"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused(
    registry: AssertionRegistry, key: str, argument: Any, words: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        judge(registry, key, argument, "x")

    assert words in caught.value.problem
    assert caught.value.fix
