"""Numbers as people read them in reports."""

from __future__ import annotations

from harness.model.case_result import CaseResult
from harness.stats.distributions import Interval


def tokens(asked: int | None, answered: int | None) -> str:
    """Return the tokens of a request and its reply; `?` is what was not reported."""
    if asked is None and answered is None:
        return "tokens not reported"
    return (
        " + ".join("?" if count is None else f"{count:,}" for count in (asked, answered))
        + " tokens"
    )


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign; one that rounds to zero is `+0.0`, never `-0.0`."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else f"{0:+.{digits}f}"


def points(share: float) -> str:
    """Return a change of a share, from -1 to 1, in percentage points."""
    return f"{signed(100 * share)} points"


def points_interval(interval: Interval | None) -> str:
    """Return an interval of such a change in percentage points; nothing without one."""
    if interval is None:
        return ""
    return f"[{signed(100 * interval.low)}, {signed(100 * interval.high)}]"


def p_value(p: float) -> str:
    """Return a p-value to three digits."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_is(p: float) -> str:
    """Return a p-value for a sentence: `= 0.012` or `< 0.001`."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def percents(interval: Interval) -> str:
    """Return an interval of a share in whole per cents."""
    return f"[{100 * interval.low:.0f}, {100 * interval.high:.0f}] %"


def chain(result: CaseResult) -> str:
    """Return pass^k of a case with its interval; `-` if there were fewer than k repeats."""
    if result.chain is None or result.chain_interval is None:
        return "-"
    low, high = result.chain_interval.low, result.chain_interval.high
    return f"{result.chain:.2f} [{low:.2f}, {high:.2f}]"
