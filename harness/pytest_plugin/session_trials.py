"""The trials of a session, each with an index of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from harness.model.suite import Case, Suite, Trial, Variant
from harness.pytest_plugin.workers import Worker


class SessionTrials:
    """Makes trials, and finds those that they are compared with.

    Every worker of pytest-xdist collects the same tests and must give them the same indexes; what
    a test runs by itself, only one worker knows of, so it takes indexes that no other has.
    """

    def __init__(self, worker: Worker | None) -> None:
        self._indexes: Iterator[int] = count()
        self._own_indexes = self._indexes if worker is None else worker.own_indexes()
        self._compared: dict[tuple[int, str, str], list[Trial]] = {}

    def collected(self, suite: Suite, case: Case, variant: Variant) -> list[Trial]:
        """Return the trials of a case that is collected."""
        return self._trials(suite, case, variant, self._indexes)

    def own(self, suite: Suite, case: Case, variant: Variant) -> list[Trial]:
        """Return the trials of a case that a test runs by itself."""
        return self._trials(suite, case, variant, self._own_indexes)

    def peers(self, trials: Iterable[Trial]) -> Iterator[Trial]:
        """Yield the trials of other variants that some trials are compared with."""
        for trial in trials:
            for peer in trial.peers():
                repeats = self._compared.get((id(peer.suite), peer.case.id, peer.variant.name))
                if repeats is None:
                    repeats = self.own(peer.suite, peer.case, peer.variant)
                yield repeats[peer.repeat - 1]

    def _trials(
        self, suite: Suite, case: Case, variant: Variant, indexes: Iterator[int]
    ) -> list[Trial]:
        repeats = range(1, case.repeat + 1)
        trials = [
            Trial(suite, case, variant, repeat, case.repeat, next(indexes)) for repeat in repeats
        ]
        if case.compared:
            self._compared[id(suite), case.id, variant.name] = trials
        return trials
