"""What assertions need of expressions, whatever language evaluates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from harness.model.reply import Reply

CONTENT = frozenset({"output", "content"})  # what a model wrote; it may have any shape
TIMES = frozenset({"latency", "ttft"})
SCOPE = ("output", "vars", "usage", "latency", "ttft", "cost", "stop_reason", "model", "content")


class ExpressionError(Exception):
    """An expression cannot be evaluated; `offset` is the index of the offending character."""

    def __init__(self, problem: str, fix: str, offset: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.offset = problem, fix, offset


class ContentError(ExpressionError):
    """The content of the reply lacks what an expression reads; another reply may have it."""


class ExpressionEvaluator(Protocol):
    """Evaluates expressions without side effects."""

    def check(self, expression: str) -> None:
        """Raise ExpressionError if it is not an expression."""

    def names(self, expression: str) -> frozenset[str]:
        """Return the names of the scope that it uses."""

    def evaluate(self, expression: str, scope: Mapping[str, Any]) -> Any:
        """Return its value; raise ExpressionError if it has none.

        Where that is due to the names in `CONTENT`, it is a ContentError.
        """


def scope_of(reply: Reply, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names an expression may use: `SCOPE`, and the trial's variables by name."""
    return {
        **variables,
        "output": reply.text,
        "vars": variables,
        "usage": asdict(reply.usage),
        "latency": reply.latency,
        "ttft": reply.first_token,
        "cost": reply.cost,
        "stop_reason": reply.stop_reason,
        "model": reply.model,
        "content": list(reply.content),
    }
