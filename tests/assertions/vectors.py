"""Tables of vectors: an expectation, an output, and the verdict it must get."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.errors import SuiteError
from harness.loading.expectations import ExpectationReader
from harness.loading.nodes import SequenceNode, data_of
from harness.loading.yaml_reader import compose
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from harness.rendering.templates import Templates
from harness.source import SourceFile
from tests.support.replies import message, reply

PASS, FAIL, ERROR, NOT_APPLICABLE = "pass", "fail", "error", "not applicable"
# the expectation as in a suite, the output, the result, the score if it matters, words of the reason
Vector = tuple[dict[str, Any], Any, str, float | None, str]
VARIABLES = {"queue": "billing"}
REGISTRY: AssertionRegistry = builtin_assertions(Expressions(TemplateEnvironment))


def parametrized(vectors: Iterable[Vector]) -> pytest.MarkDecorator:
    """Return the mark that runs a test with each vector, named by its expectation."""
    names = ("item", "output", "result", "score", "words")
    return pytest.mark.parametrize(
        names, [pytest.param(*vector, id=f"{vector[0]} {vector[2]}"[:80]) for vector in vectors]
    )


def read(item: Mapping[str, Any]) -> Expectation:
    """Read an expectation as it stands in a suite."""
    node = compose(SourceFile(Path("t.suite.yaml"), json.dumps([item])), [])
    assert isinstance(node, SequenceNode)
    problems: list[SuiteError] = []
    reader = ExpectationReader(REGISTRY, Templates(TemplateEnvironment))
    (expectation,) = reader.read(node, data_of(node), problems)
    assert problems == []
    return expectation


def judged(item: Mapping[str, Any], output: str | Reply) -> Verdict:
    """Return the verdict of an expectation, as it stands in a suite, on an output."""
    on = reply(output) if isinstance(output, str) else output
    return Evaluator(REGISTRY).judge(read(item), on, EvaluationContext(VARIABLES))


def result_of(verdict: Verdict) -> str:
    """Return the result that a vector names."""
    if verdict.is_error:
        return ERROR
    return NOT_APPLICABLE if verdict.is_not_applicable else PASS if verdict.passed else FAIL


def check(verdict: Verdict, result: str, score: float | None, words: str) -> None:
    """Assert that a verdict is that of a vector."""
    assert result_of(verdict) == result, verdict.reason
    assert words in verdict.reason
    assert verdict.reason
    if score is not None:
        assert verdict.score == pytest.approx(score, abs=1e-9)


def calling(*calls: tuple[str, Any], text: str = "") -> Reply:
    """Return a reply that calls tools."""
    blocks = [{"type": "tool_use", "id": f"t{n}", "name": name, "input": arguments}
              for n, (name, arguments) in enumerate(calls)]  # fmt: skip
    said = [{"type": "text", "text": text}] if text else []
    return reply(message=message(content=[*said, *blocks], stop_reason="tool_use"))
