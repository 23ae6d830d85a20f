"""Which values of request fields a service accepts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestRanges:
    """The bounds of request fields; the defaults are those of the Messages API.

    Attributes:
        max_tokens: The greatest; None for no bound.
        temperature: Likewise.
        top_k: The least.
        blank_stop_sequences: Whether stop sequences may be blank, such as a line break.
    """

    max_tokens: int | None = 32_000
    temperature: float | None = 1.0
    top_k: int = 1
    blank_stop_sequences: bool = False


API_RANGES = RequestRanges()
OPEN_THE_RANGES = (
    '; if the service accepts it, set `ranges = "open"` below `[service]` in harness.toml'
)
NOT_BLANK = "text that is not blank"  # what a stop sequence must be
OPEN_RANGES = RequestRanges(None, None, 0, blank_stop_sequences=True)
