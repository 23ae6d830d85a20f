"""A service that queues silently is noticed, and one that does not is left alone: virtual time."""

from __future__ import annotations

import heapq
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harness.client.limits import AdaptiveLimit
from harness.client.queueing import QueueWatch

MOST = 50


@dataclass
class Queue:
    """Works on so many requests at once; the others wait for their turn, and nobody is refused.

    Attributes:
        places: How many it works on.
        work: Draws the seconds and the tokens of a reply.
        pauses: When it refuses a request and asks for a pause, and for how many seconds.
        waits: How long each reply took.
        limits: The limit when each came.
    """

    places: float
    work: Callable[[random.Random], tuple[float, int]]
    pauses: list[tuple[float, float]] = field(default_factory=list)
    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)

    def run(self, adaptive: AdaptiveLimit, requests: int, seed: int = 1) -> None:
        """Send requests as a run does: as many at once as the limit allows."""
        source = random.Random(seed)
        ends: list[tuple[float, int, float, float, int]] = []
        free: list[float] = []
        sent, closed_until = 0, self.now
        while len(self.waits) < requests:
            while sent < requests and len(ends) < adaptive.limit and self.now >= closed_until:
                if self.pauses and self.now >= self.pauses[0][0]:
                    closed_until = self.now + self._refuse(adaptive)
                    break
                sent += 1
                adaptive.sent(self.now)
                seconds, tokens = self.work(source)
                begins = self.now
                if len(free) >= self.places:
                    begins = max(begins, heapq.heappop(free))
                heapq.heappush(free, begins + seconds)
                heapq.heappush(ends, (begins + seconds, sent, self.now, seconds, tokens))
            if self.now < closed_until and (not ends or ends[0][0] > closed_until):
                self.now = closed_until
                continue
            self.now, _, began, _, tokens = heapq.heappop(ends)
            self.waits.append(self.now - began)
            adaptive.succeeded(self.now, self.now - began, tokens)
            adaptive.ended()
            self.limits.append(adaptive.limit)

    def _refuse(self, adaptive: AdaptiveLimit) -> float:
        _, seconds = self.pauses.pop(0)
        ticket = adaptive.sent(self.now)
        adaptive.refused(ticket, self.now, seconds)
        adaptive.ended()
        adaptive.held_up()
        return seconds


def steady(_: random.Random) -> tuple[float, int]:
    return 0.5, 30


def nearly_steady(source: random.Random) -> tuple[float, int]:
    return 0.5 + source.uniform(0, 0.05), 30


def by_length(source: random.Random) -> tuple[float, int]:
    tokens = int(source.lognormvariate(4, 0.8)) + 1
    return 0.3 + tokens / 60 * source.uniform(0.8, 1.2), tokens


def erratic(source: random.Random) -> tuple[float, int]:
    return source.lognormvariate(0, 0.7), 30


@pytest.mark.parametrize("places", [2, 3, 4, 8])
@pytest.mark.parametrize(
    ("work", "factor"), [(steady, 1.1), (nearly_steady, 1.4), (by_length, 2.5)]
)
def test_a_silent_queue_is_not_flooded(
    places: int, work: Callable[[random.Random], tuple[float, int]], factor: float
) -> None:
    waits, seconds = [], []

    for seed in range(20):
        alone, queue = Queue(places, work), Queue(places, work)
        alone.run(AdaptiveLimit(places, places), 40 * places, seed)
        queue.run(AdaptiveLimit(10, MOST, QueueWatch()), 40 * places, seed)
        waits.append(statistics.median(queue.waits) / statistics.median(alone.waits))
        seconds.append(queue.now / alone.now)

    assert statistics.mean(waits) <= factor
    assert statistics.mean(seconds) <= 1.05


def test_a_service_with_one_place_is_asked_one_at_a_time_in_the_end() -> None:
    queue, adaptive = Queue(1, steady), AdaptiveLimit(10, MOST, QueueWatch())
    queue.run(adaptive, 160)

    assert queue.limits[-1] == 1
    assert adaptive.queue_limit == 1
    assert statistics.median(queue.waits) == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("work", "factor"), [(steady, 1.02), (by_length, 1.1), (erratic, 2.0)])
def test_a_service_that_takes_all_is_soon_asked_for_as_much_as_before(
    seed: int, work: Callable[[random.Random], tuple[float, int]], factor: float
) -> None:
    watched, unwatched = Queue(float("inf"), work), Queue(float("inf"), work)

    adaptive = AdaptiveLimit(10, MOST, QueueWatch())
    watched.run(adaptive, 1_000, seed)
    unwatched.run(AdaptiveLimit(10, MOST), 1_000, seed)

    assert watched.now <= factor * unwatched.now
    assert adaptive.queue_limit is None
    assert statistics.median(watched.limits) == MOST


@pytest.mark.parametrize("pauses", [[(2.0, 10.0)], [(5.0, 60.0)], [(2.0, 5.0), (20.0, 5.0)]])
def test_a_pause_that_a_service_asks_for_is_no_slowness(pauses: list[tuple[float, float]]) -> None:
    queues_seen, seeds = 0, 40

    for seed in range(seeds):
        watch = QueueWatch()
        Queue(float("inf"), erratic, list(pauses)).run(AdaptiveLimit(10, MOST, watch), 300, seed)
        queues_seen += watch.lowered > 0

    assert queues_seen <= seeds // 4


@pytest.mark.parametrize("places", [2, 3, 4])
@pytest.mark.parametrize("seconds", [2.0, 30.0])
def test_a_silent_queue_is_found_beside_a_pause(places: int, seconds: float) -> None:
    queue = Queue(places, steady, [(3.0, seconds)])
    adaptive = AdaptiveLimit(10, MOST, QueueWatch())

    queue.run(adaptive, 40 * places)

    assert places <= adaptive.limit <= 2 * places


def test_a_service_that_takes_more_later_is_asked_for_more() -> None:
    queue = Queue(2, steady)
    adaptive = AdaptiveLimit(10, MOST, QueueWatch())
    queue.run(adaptive, 80)
    assert adaptive.limit == 2

    queue.places = float("inf")
    queue.run(adaptive, 1_000)

    assert adaptive.limit > 20


def test_a_task_takes_no_time_so_it_says_nothing() -> None:
    adaptive = AdaptiveLimit(10, MOST, QueueWatch())
    for number in range(40):
        adaptive.sent(float(number))
        adaptive.succeeded(number + 0.5)
        adaptive.ended()

    assert adaptive.limit == 10  # not used, so it does not grow either
