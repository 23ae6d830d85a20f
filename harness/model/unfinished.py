"""What a run paid for trials that did not come to an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from harness.model.json_fields import has_type, wrong_type


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Replies that came to trials that were cut short; false if there are none.

    Attributes:
        replies: How many came, without those of judges.
        judge_calls: How many judges gave.
        requests: How many may be billed although they brought no reply: those under way when the
            run ended, those that failed before, and those whose tasks were not done.
        input_tokens: Of all these replies, likewise `output_tokens`.
        cost: USD of all these replies, where the price is known.
        unreported: How many of them came without token counts.
    """

    replies: int = 0
    judge_calls: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    unreported: int = 0

    def __bool__(self) -> bool:
        return self != NOTHING_UNFINISHED

    def __add__(self, other: Unfinished) -> Unfinished:
        return Unfinished(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Unfinished:
        """Return what a run file says; what is missing is 0.

        Raises:
            ValueError: Something has the wrong type.
        """
        values = {each.name: data.get(each.name, each.default) for each in fields(cls)}
        for name, value in values.items():
            kind = float if name == "cost" else int
            if not has_type(value, kind):
                raise wrong_type(name, value, kind)
        return cls(**values)

    def as_data(self) -> dict[str, int | float]:
        """Return it as plain data."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


NOTHING_UNFINISHED = Unfinished()
