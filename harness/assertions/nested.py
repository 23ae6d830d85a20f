"""Expectations nested in an expectation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def _unchanged(value: Any) -> Any:
    return value


# not templated: nested expectations are rendered one by one, as those around them
EXPECTATIONS = ParameterType(
    {"$ref": "#/$defs/expectations", "minItems": 1}, _unchanged, is_templated=False
)
Expectations = Annotated[NestedExpectations, EXPECTATIONS]
