"""The cases that both sides have, and the lists of those that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.sides import RunSide
from harness.stats.families import benjamini_hochberg
from harness.stats.stratified import Repeats, fisher_exact

_HALF = 0.5
MOST_FALSE = 0.1  # of the cases that are reported as moved


@dataclass(slots=True)
class Pair:
    """A case on both sides.

    Attributes:
        old: Without trials that errored: they are no evidence that it failed.
        q: Of the hypothesis that it passes as often as before, by its repeats alone, adjusted for
            all cases that are compared; None if there are no repeats on both sides.
        are_copies: Whether all repeats of each side gave one and the same reply. With a temperature
            of 0, or where a gateway keeps replies, repeats are no independent draws.
        repeats: How often it passed on both sides; copies of one reply count once.
        shares: The share of trials that passed on the old side and on the new, from 0 to 1.
        passes: Whether it passed before, and whether it passes now.
    """

    old: CaseResult
    new: CaseResult
    q: float | None = None
    are_copies: bool = field(init=False)
    repeats: Repeats = field(init=False)
    shares: tuple[float, float] = field(init=False)
    passes: tuple[bool, bool] = field(init=False)

    def __post_init__(self) -> None:
        # all of it is read more than once for every case
        old, new = self.old, self.new
        (was, before), (passed, now) = (old.passed, old.judged), (new.passed, new.judged)
        self.are_copies = (
            _may_be_copies(old) and _may_be_copies(new) and (_is_copied(old) or _is_copied(new))
        )
        if self.are_copies:
            self.repeats = Repeats(int(was > 0), 1, int(passed > 0), 1)
        else:
            self.repeats = Repeats(was, before, passed, now)
        self.shares = was / before, passed / now
        self.passes = old.label.passes, new.label.passes

    @property
    def change(self) -> float:
        """By how much that share changed, from -1 to 1."""
        old, new = self.shares
        return new - old

    @property
    def has_repeats(self) -> bool:
        """Whether it ran more than once on both sides, in one variant."""
        return all(result.judged > 1 and result.pooled == 1 for result in (self.old, self.new))

    @property
    def is_sure(self) -> bool:
        """Whether its own repeats show that it passes more or less often."""
        return self.q is not None and self.q < MOST_FALSE

    @property
    def has_broken(self) -> bool:
        """Whether it passed before and does not any more."""
        return self.passes == (True, False)

    @property
    def is_fixed(self) -> bool:
        """Whether it failed before and passes now."""
        return self.passes == (False, True)

    @property
    def still_fails(self) -> bool:
        """Whether it failed before and does so now."""
        return self.passes == (False, False)

    @property
    def crosses_half(self) -> bool:
        """Whether most trials passed on one side, and not on the other."""
        old, new = self.shares
        return (old > _HALF) != (new > _HALF)

    @property
    def is_newly_flaky(self) -> bool:
        """Whether its repeats agreed before, and do not any more."""
        return _is_flaky(self.new) and not _is_flaky(self.old)

    @property
    def has_moved(self) -> bool:
        """Whether its repeats show a change, though its label passes or fails as before."""
        before, now = self.passes
        return self.is_sure and before == now and (_is_flaky(self.old) or not _is_flaky(self.new))

    @property
    def has_another_reply(self) -> bool:
        """Whether it came out as before with another reply, as far as replies are known."""
        are_known = bool(self.old.replies and self.new.replies)
        before, now = self.passes
        return are_known and before == now and self.old.replies != self.new.replies


def pairs_of(old: RunSide, new: RunSide) -> dict[CaseKey, Pair]:
    """Return the cases that both sides have, in the order of the new one.

    What repeats say of each is adjusted for all.
    """
    pairs = {}
    for key, now in new.results.items():
        before = old.results.get(key)
        if before is None:
            continue
        if before.errored:
            before = before.without_errors()
        if before.is_rated:
            pairs[key] = Pair(before, now)
    p_values: dict[Repeats, float] = {}  # most cases passed as often as another
    telling = [pair for pair in pairs.values() if pair.has_repeats]
    for pair in telling:
        if pair.repeats not in p_values:
            p_values[pair.repeats] = fisher_exact(pair.repeats)
    qs = benjamini_hochberg([p_values[pair.repeats] for pair in telling])
    for pair, q in zip(telling, qs, strict=True):
        pair.q = q
    return pairs


def those(pairs: Sequence[Pair], fits: Callable[[Pair], bool]) -> tuple[Pair, ...]:
    """Return the pairs that fit, in their order."""
    return tuple(filter(fits, pairs))


def _is_flaky(result: CaseResult) -> bool:
    """Return whether the repeats of one variant disagree; those of several may well."""
    return result.label.is_flaky and result.pooled == 1


def _may_be_copies(result: CaseResult) -> bool:
    agrees = result.passed in {0, result.judged}
    return agrees and (result.judged == 1 or result.distinct_replies == 1) and result.pooled == 1


def _is_copied(result: CaseResult) -> bool:
    return result.judged > 1 and result.distinct_replies == 1
