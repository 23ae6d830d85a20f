"""The results of a case's other variants, for assertions that compare variants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from harness.assertions.expressions_api import ContentError
from harness.model.reply import Reply

NO_PEERS = "there are no other variants here to compare with"


class VariantComparison(Enum):
    """Which variants an assertion compares, and on which variant's trials it gives its verdict."""

    WITH_NAMED = "every variant with the one it names"
    NAMED_WITH_ALL = "the variant it names with every other"

    def needed_by(self, variant: str, named: str, variants: frozenset[str]) -> frozenset[str]:
        """Return the variants whose results are needed to judge a variant's trial.

        Args:
            variant: The variant whose trial is judged.
            named: The variant that the expectation names.
            variants: All variants of the suite.
        """
        if self is VariantComparison.WITH_NAMED:
            return frozenset({named} - {variant})
        return variants - {named} if variant == named else frozenset()


class NotComparableError(Exception):
    """Another variant has nothing to compare with."""


@dataclass(frozen=True, slots=True)
class PeerResult:
    """The result of one variant's trial.

    Attributes:
        replies: One for each turn.
        variables: The trial's variables.
        score: Its score by the expectations that compare no variants.
        unscored: Why it has no score; empty if it has one.
        problem: Why it cannot be compared at all; empty if it can.
    """

    replies: tuple[Reply, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    score: float = 0.0
    unscored: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PeerResults:
    """The results of one case and repeat in all variants, seen from the one that is judged.

    Attributes:
        own: The variant whose reply is judged.
        turn: The turn of that reply, counted from 1.
    """

    own: str
    turn: int
    _by_variant: Mapping[str, PeerResult]
    _transforms: tuple[Callable[[Reply, Mapping[str, Any]], Reply], ...] = ()

    @property
    def is_transformed(self) -> bool:
        """Whether the replies are compared after a `transform`."""
        return bool(self._transforms)

    @property
    def others(self) -> list[str]:
        """The other variants, in suite order."""
        return [name for name in self._by_variant if name != self.own]

    def through(self, transform: Callable[[Reply, Mapping[str, Any]], Reply]) -> PeerResults:
        """Return the same results, with their replies transformed as well."""
        return replace(self, _transforms=(*self._transforms, transform))

    def reply(self, variant: str) -> Reply:
        """Return a variant's reply to the turn.

        Raises:
            NotComparableError: It has none, or none that can be transformed.
        """
        peer = self._comparable(variant)
        reply = peer.replies[self.turn - 1]
        try:
            for transform in self._transforms:
                reply = transform(reply, peer.variables)
        except ContentError as error:
            # a fault of the other reply, which must not fail the one that is judged
            problem = f"the reply of `{variant}` cannot be transformed: {error.problem}"
            raise NotComparableError(problem) from error
        return reply

    def score(self, variant: str) -> float:
        """Return a variant's score by the expectations that compare no variants.

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
