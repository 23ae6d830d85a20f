"""How long it takes to judge a reply by five expectations on its text, in this process."""

from __future__ import annotations

import time
from pathlib import Path

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.assertions.text import text_assertions
from harness.model.reply import Reply
from harness.model.suite import Expectation
from harness.source import Span

_HERE = Span(Path("bench.suite.yaml"), 1, 1)
_EXPECTATIONS = [
    Expectation("contains", "text", _HERE),
    Expectation("contains", "sorry", _HERE, is_negated=True),
    Expectation("starts_with", "This", _HERE),
    Expectation("contains_all", ["text", "mail"], _HERE),
    Expectation("matches", r"mail \d+", _HERE),
]


def seconds_per_expectation(trials: int) -> float:
    """Return the seconds that one of five expectations takes, over the replies of so many trials."""
    registry = AssertionRegistry()
    registry.include(text_assertions)
    evaluator, context = Evaluator(registry), EvaluationContext()
    replies = [Reply({}, f"This is the text of mail {n}. " * 30) for n in range(trials)]
    began = time.perf_counter()
    for reply in replies:
        for expectation in _EXPECTATIONS:
            verdict = evaluator.judge(expectation, reply, context)
            if not verdict.passed:
                raise SystemExit(f"{expectation.key} did not pass: {verdict.reason}")
    return (time.perf_counter() - began) / (trials * len(_EXPECTATIONS))
