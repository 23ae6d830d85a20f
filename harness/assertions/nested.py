"""Expectations inside an expectation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from harness.assertions.parameters import ParameterType
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation


@dataclass(frozen=True, slots=True)
class Inner:
    """What an assertion is given in the place of the expectations that stand in it."""

    expectations: tuple[Expectation, ...]
    _judge: Callable[[Expectation, Reply], Verdict]

    def judge(self, reply: Reply) -> Iterator[tuple[Expectation, Verdict]]:
        """Yield each expectation with its verdict on a reply, or on a part of it."""
        for expectation in self.expectations:
            yield expectation, self._judge(expectation, reply)


def _as_it_is(value: Any) -> Any:
    return value


EXPECTATIONS = ParameterType(
    {"$ref": "#/$defs/expectations", "minItems": 1}, _as_it_is, is_templated=False
)
Expectations = Annotated[Inner, EXPECTATIONS]
