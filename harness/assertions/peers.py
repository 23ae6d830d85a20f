"""What the variants of a case came to, for those that are compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from harness.model.reply import Reply


class VariantComparison(Enum):
    """Which variants an assertion compares, and on whose trials its verdict is given."""

    WITH_NAMED = "every variant with the one it names"
    NAMED_WITH_ALL = "the variant it names with every other"

    def needed_by(self, variant: str, named: str, variants: frozenset[str]) -> frozenset[str]:
        """Return the variants that have to be known to judge a variant's trial.

        Args:
            variant: Whose trial is judged.
            named: The variant that the expectation names.
            variants: All of the suite.
        """
        if self is VariantComparison.WITH_NAMED:
            return frozenset({named} - {variant})
        return variants - {named} if variant == named else frozenset()


class NotComparableError(Exception):
    """Another variant has nothing to compare with."""


@dataclass(frozen=True, slots=True)
class PeerResult:
    """What the trial of one variant came to.

    Attributes:
        replies: One a turn.
        variables: Those of its trial.
        score: What it scored by the expectations that compare nothing.
        unscored: Why it has no score; empty if it has one.
        problem: Why it cannot be compared with at all; empty if it can.
    """

    replies: tuple[Reply, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    score: float = 0.0
    unscored: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PeerResults:
    """The trials of one case and repeat, one a variant, as those see them that are compared.

    Attributes:
        own: The variant whose reply is judged.
        turn: Which turn's reply that is, counted from 1.
    """

    own: str
    turn: int
    _by_variant: Mapping[str, PeerResult]
    _transforms: tuple[Callable[[Reply, Mapping[str, Any]], Reply], ...] = ()

    @property
    def is_transformed(self) -> bool:
        """Whether only a part of the replies is compared."""
        return bool(self._transforms)

    @property
    def others(self) -> list[str]:
        """The other variants, in the order of the suite."""
        return [name for name in self._by_variant if name != self.own]

    def through(self, transform: Callable[[Reply, Mapping[str, Any]], Reply]) -> PeerResults:
        """Return the same, with replies that are transformed as the one that is judged."""
        return replace(self, _transforms=(*self._transforms, transform))

    def reply(self, variant: str) -> Reply:
        """Return the reply of a variant to the turn.

        Raises:
            NotComparableError: It has none.
        """
        peer = self._comparable(variant)
        reply = peer.replies[self.turn - 1]
        for transform in self._transforms:
            reply = transform(reply, peer.variables)
        return reply

    def score(self, variant: str) -> float:
        """Return what a variant scored by the expectations that compare nothing.

        Raises:
            NotComparableError: It has no score.
        """
        peer = self._comparable(variant)
        if peer.unscored:
            raise NotComparableError(f"the variant `{variant}` {peer.unscored}")
        return peer.score

    def _comparable(self, variant: str) -> PeerResult:
        peer = self._by_variant.get(variant)
        if peer is None:
            raise NotComparableError(f"the variant `{variant}` was not run")
        if peer.problem:
            raise NotComparableError(f"the variant `{variant}` {peer.problem}")
        return peer
