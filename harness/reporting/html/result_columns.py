"""The case results of a run in columns: everything that the page shows of outcomes.

The page's scripts compute no label, no share, no interval and no list of changes; they read these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.model.case_result import CHAIN, CaseKey, CaseLabel, CaseResult
from harness.reporting.comparing.rows import CHANGED_REPLY, LISTS
from harness.reporting.figures import chain, percents

_LABELS = tuple(CaseLabel)
_LONGEST_REASON = 160
# where several lists of a baseline name a case, the last one counts
_FLIPS = ("changed", "still_failing", "moved", "newly_flaky", "fixed", "broken")


@dataclass(slots=True)
class ResultColumns:
    """A value for each case in a variant, in suite order; None where there is nothing to show.

    Shares are from 0 to 1, scores thousandths, latencies milliseconds, costs millionths of a USD.

    Attributes:
        repeats: How many trials were planned; more than are in the run if it was stopped.
    """

    case: list[int] = field(default_factory=list)
    variant: list[int] = field(default_factory=list)
    label: list[int] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    passed: list[int] = field(default_factory=list)
    judged: list[int] = field(default_factory=list)
    share: list[float | None] = field(default_factory=list)
    chance: list[int] = field(default_factory=list)
    distinct_replies: list[int] = field(default_factory=list)
    score: list[int | None] = field(default_factory=list)
    latency: list[int | None] = field(default_factory=list)
    cost: list[int | None] = field(default_factory=list)
    signature: list[int] = field(default_factory=list)
    reason: list[str | None] = field(default_factory=list)
    flip: list[int] = field(default_factory=list)

    def add(
        self,
        result: CaseResult,
        *,
        case: int,
        variant: int,
        chance: int,
        signature: int,
        reason: str | None,
        flip: str | None,
    ) -> None:
        """Add a case.

        Args:
            result: What its repeats add up to.
            case: Its position among the cases of the index.
            variant: The position of its variant.
            chance: The position of what `chance_of` says; -1 if that is nothing.
            signature: The position of what went wrong first; -1 if nothing did.
            reason: Why it needs attention, in one line.
            flip: In which list of the baseline it is.
        """
        share = result.share
        self.case.append(case)
        self.variant.append(variant)
        self.label.append(_LABELS.index(result.label))
        self.repeats.append(result.repeats)
        self.passed.append(result.passed)
        self.judged.append(result.judged)
        self.share.append(None if share is None else round(share, 4))
        self.chance.append(chance)
        self.distinct_replies.append(result.distinct_replies)
        self.score.append(scaled(result.score, 3))
        self.latency.append(scaled(result.latency, 3))
        self.cost.append(scaled(result.cost, 6))
        self.signature.append(signature)
        self.reason.append(None if reason is None else reason[:_LONGEST_REASON])
        self.flip.append(-1 if flip is None else _FLIPS.index(flip))

    def as_data(self) -> dict[str, Any]:
        """Return the columns by their names."""
        return {name: getattr(self, name) for name in self.__slots__}


def scaled(value: float | None, digits: int) -> int | None:
    """Return a value rounded to decimal digits, as a whole number of the last one.

    Whole numbers are shorter to write. Rounding comes first because tables round like that:
    0.0005 is 0.001 there, but 1000 * 0.0005 rounds to 0, and the page exports the same tables.
    """
    return None if value is None else round(round(value, digits) * 10**digits)


def chance_of(result: CaseResult) -> str | None:
    """Return in words how sure the chance to pass is; None for fewer than two judged trials."""
    if result.judged < 2:
        return None
    in_a_row = "" if result.chain is None else f", pass^{CHAIN}: {chain(result)}"
    return f"95 %: {percents(result.interval)}{in_a_row}"


def labels_data() -> list[dict[str, Any]]:
    """Return what the numbers in the column of labels stand for."""
    return [
        {
            "name": label.value,
            "needs_attention": label.needs_attention,
            "is_flaky": label.is_flaky,
        }
        for label in _LABELS
    ]


def flips_data() -> list[dict[str, str]]:
    """Return what the numbers in the column of flips stand for."""
    meanings = {**LISTS, "changed": CHANGED_REPLY}
    return [
        {"name": name, "title": name.replace("_", " "), "meaning": meanings[name]}
        for name in _FLIPS
    ]


def flips_of(comparisons: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return in which list of a baseline each case is that changed, by its name.

    Args:
        comparisons: As `comparison_data` returns them.
    """
    flips: dict[str, str] = {}
    for comparison in comparisons:
        # a terminal lists no changes either where two runs are not comparable
        if comparison.get("refusals"):
            continue
        for name in comparison.get("changed_cases", ()):
            flips.setdefault(name, "changed")
        for flip in _FLIPS[1:]:
            flips |= dict.fromkeys(comparison.get(flip, ()), flip)
    return flips


def flip_counts(
    flips: Mapping[str, str], keys: Sequence[CaseKey]
) -> dict[tuple[str, str], dict[str, int]]:
    """Return how many cases of each suite and variant are in each list of the baseline."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for key in keys:
        flip = flips.get(str(key))
        if flip is not None:
            of_group = counts.setdefault((key.suite, key.variant), {})
            of_group[flip] = of_group.get(flip, 0) + 1
    return counts
