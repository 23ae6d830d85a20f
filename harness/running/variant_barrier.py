"""Trials that are compared with each other: what each came to, for those that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.assertions.peers import PeerResult
from harness.model.suite import Suite, Trial


@dataclass(slots=True)
class _Group:
    """The trials of one case and repeat, by variant.

    Attributes:
        suite: Kept, so that no other one can take its identity.
        expected: Those that run at all.
    """

    suite: Suite
    expected: frozenset[str]
    begun: set[str] = field(default_factory=set)
    known: dict[str, PeerResult] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def wake(self) -> None:
        """Let those who wait look again."""
        for each in self.waiting:
            if not each.done():
                each.set_result(None)
        self.waiting.clear()


class VariantBarrier:
    """Knows what the variants of a case came to, as long as others wait for that.

    Args:
        expected: Returns the variants of a trial's case and repeat that run.
        forgets: Whether a group may be forgotten once all who are expected have ended; not where a
            trial may be run again.
    """

    def __init__(self, expected: Callable[[Trial], frozenset[str]], *, forgets: bool) -> None:
        self._expected, self._forgets = expected, forgets
        self._groups: dict[tuple[int, str, int], _Group] = {}
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._groups)

    def begin(self, trial: Trial) -> None:
        """Take note of a trial that starts, maybe once more."""
        if trial.case.compared:
            group = self._group(trial)
            group.begun.add(trial.variant.name)
            group.known.pop(trial.variant.name, None)

    def tell(self, trial: Trial, peer: PeerResult) -> None:
        """Say what a trial came to, as far as others are compared with it."""
        if trial.case.compared:
            group = self._group(trial)
            group.known[trial.variant.name] = peer
            group.wake()

    async def others(self, trial: Trial) -> Mapping[str, PeerResult]:
        """Wait for all that a trial is compared with; return them and itself in suite order."""
        group = self._group(trial)
        while any(self._may_come(group, name) for name in trial.compared):
            change = asyncio.get_running_loop().create_future()
            group.waiting.append(change)
            await change
        return {
            variant.name: group.known.get(variant.name) or PeerResult(problem=self._why_unknown())
            for variant in trial.suite.variants
            if variant is trial.variant or variant.name in trial.compared
        }

    def end(self, trial: Trial) -> None:
        """Take note of a trial that ended."""
        if not trial.case.compared:
            return
        group = self._group(trial)
        group.ended.add(trial.variant.name)
        if self._forgets and group.expected <= group.ended:
            del self._groups[_key(trial)]

    def stop(self) -> None:
        """Let nobody wait for trials that have not started, because none will."""
        self._is_stopping = True
        for group in self._groups.values():
            group.wake()

    def _may_come(self, group: _Group, name: str) -> bool:
        if name in group.known or name not in group.expected:
            return False
        return name in group.begun or not self._is_stopping

    def _why_unknown(self) -> str:
        return "was not run" + (", because the run was stopped" if self._is_stopping else "")

    def _group(self, trial: Trial) -> _Group:
        key = _key(trial)
        if key not in self._groups:
            self._groups[key] = _Group(trial.suite, self._expected(trial))
        return self._groups[key]


def _key(trial: Trial) -> tuple[int, str, int]:
    return id(trial.suite), trial.case.id, trial.repeat
