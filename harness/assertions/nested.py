"""Expectations nested in an expectation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from harness.assertions.parameters import ParameterType
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation


@dataclass(frozen=True, slots=True)
class NestedExpectations:
    """What an assertion receives for a parameter of the type `Expectations`."""

    expectations: tuple[Expectation, ...]
    _judge: Callable[[Expectation, Reply], Verdict]

    def judge(self, reply: Reply) -> Iterator[tuple[Expectation, Verdict]]:
        """Yield each expectation with its verdict on a reply, or on a part of one."""
        for expectation in self.expectations:
            yield expectation, self._judge(expectation, reply)


def first_problem(
    judged: Iterable[tuple[Expectation, Verdict]],
) -> tuple[Expectation, Verdict] | None:
    """Return the verdict that keeps a part of a reply from meeting all expectations; else None.

    One that fails comes before one that lacks what it reads, and that before an error: what fails
    for certain fails, whatever could not be judged beside it.

    Args:
        judged: Consumed up to the first that fails, so that no judge is asked after it.
    """
    problem: tuple[Expectation, Verdict] | None = None
    for expectation, verdict in judged:
        if verdict.passed or not expectation.decides:
            continue
        if verdict.fails and not verdict.is_unreadable:
            return expectation, verdict
        if problem is None or (problem[1].is_error and not verdict.is_error):
            problem = expectation, verdict
    return problem


def _unchanged(value: Any) -> Any:
    return value


# not templated: nested expectations are rendered one by one, as those around them
EXPECTATIONS = ParameterType(
    {"$ref": "#/$defs/expectations", "minItems": 1}, _unchanged, is_templated=False
)
Expectations = Annotated[NestedExpectations, EXPECTATIONS]
