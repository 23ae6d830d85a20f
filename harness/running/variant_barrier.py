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
        results: What was published, by variant.
    """

    suite: Suite
    expected: frozenset[str]
    begun: set[str] = field(default_factory=set)
    results: dict[str, PeerResult] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    def wake(self) -> None:
        """Let those who wait look again."""
        for waiter in self.waiters:
            if not waiter.done():  # a cancelled trial leaves its waiter behind
                waiter.set_result(None)
        self.waiters.clear()


class VariantBarrier:
    """Holds trials back until the variants that they are compared with have published a result.

    Args:
        expected: Returns the variants of a trial's case and repeat that run.
        forgets: Whether to drop a group's results once all who are expected have ended; must be
            False where a trial may run again.
    """

    def __init__(self, expected: Callable[[Trial], frozenset[str]], *, forgets: bool) -> None:
        self._expected, self._forgets = expected, forgets
        self._groups: dict[tuple[int, str, int], _Group] = {}
        self._is_stopping = False

    def __len__(self) -> int:
        return len(self._groups)

    def begin(self, trial: Trial) -> None:
        """Let others wait for a trial, also after a stop; a result from before is dropped."""
        if trial.case.compared:
            group = self._group(trial)
            group.begun.add(trial.variant.name)
            # Under pytest a trial may run again, and must not be compared by its old reply.
            group.results.pop(trial.variant.name, None)

    def publish(self, trial: Trial, result: PeerResult) -> None:
        """Hand the result of a trial to those that are compared with it."""
        if trial.case.compared:
            group = self._group(trial)
            group.results[trial.variant.name] = result
            group.wake()

    async def wait_for_peers(self, trial: Trial) -> Mapping[str, PeerResult]:
        """Wait for all that a trial is compared with.

        Returns:
            Their results and the trial's own, in suite order; the result of one that did not run
            says so.
        """
        group = self._group(trial)
        while any(self._may_come(group, name) for name in trial.compared):
            waiter = asyncio.get_running_loop().create_future()
            group.waiters.append(waiter)
            await waiter
        return {
            variant.name: group.results.get(variant.name) or PeerResult(problem=self._why_missing())
            for variant in trial.suite.variants
            if variant is trial.variant or variant.name in trial.compared
        }

    def end(self, trial: Trial) -> None:
        """Mark a trial as ended: it needs the results of its group no more."""
        if not trial.case.compared:
            return
        group = self._group(trial)
        group.ended.add(trial.variant.name)
        # Without this, the replies of all compared cases would stay in memory to the run's end.
        if self._forgets and group.expected <= group.ended:
            del self._groups[_key(trial)]

    def stop(self) -> None:
        """Stop waiting for trials that have not started, because they never will."""
        self._is_stopping = True
        for group in self._groups.values():
            group.wake()

    def _may_come(self, group: _Group, name: str) -> bool:
        # Selection and shards leave variants out; to wait for one of them would be for ever.
        if name in group.results or name not in group.expected:
            return False
        return name in group.begun or not self._is_stopping

    def _why_missing(self) -> str:
        return "was not run" + (", because the run was stopped" if self._is_stopping else "")

    def _group(self, trial: Trial) -> _Group:
        key = _key(trial)
        if key not in self._groups:
            self._groups[key] = _Group(trial.suite, self._expected(trial))
        return self._groups[key]


def _key(trial: Trial) -> tuple[int, str, int]:
    # By identity: a suite holds mappings, which have no hash, and two may have the same name.
    return id(trial.suite), trial.case.id, trial.repeat
