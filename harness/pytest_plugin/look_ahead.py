"""How far ahead of pytest's loop the trials of tests are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from harness.pytest_plugin.keys import CaseTest

_WINDOWS_AHEAD = 20  # where no failure can make what is sent ahead useless


def window_of(concurrency: int, *, may_end_early: bool) -> int:
    """Return how many trials may be ahead of the test that runs.

    A session that ends with its first failure must not pay for many replies that it never reports.
    """
    return concurrency * (1 if may_end_early else _WINDOWS_AHEAD)


class LookAhead:
    """The tests of a session in their order, and the first one that was not asked for yet."""

    def __init__(
        self, tests: Sequence[CaseTest], window: int, is_ending: Callable[[], bool]
    ) -> None:
        self._tests = tests
        self._positions = {id(test): position for position, test in enumerate(tests)}
        self._trials_before = [0, *accumulate(len(test.trials) for test in tests)]
        self._window = window
        self._is_ending = is_ending
        self._next = 0

    def due(self, test: CaseTest) -> Iterator[CaseTest]:
        """Yield the tests to ask for when pytest has got to a test: it and those in its window.

        A test counts as asked for when the next one is fetched, so one that could not be is due
        again.
        """
        position = self._positions.get(id(test))
        if position is None:
            return
        self._next = max(self._next, position)
        while self._next < len(self._tests) and not self._is_ending():
            ahead = self._trials_before[self._next + 1] - self._trials_before[position]
            # the test that runs is always due, however many trials it has
            if self._next > position and ahead > self._window:
                return
            yield self._tests[self._next]
            self._next += 1
