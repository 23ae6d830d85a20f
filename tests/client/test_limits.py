"""The limiter against a service in virtual time: no clock of this machine is asked."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from harness.client.limits import (
    COOLDOWN,
    MINUTE,
    MOST_KEPT,
    AdaptiveLimit,
    Limiter,
    Ticket,
    Window,
)


@dataclass
class Service:
    """Takes so many requests at once, for a second each, and refuses the others at once."""

    takes: Callable[[float], int]
    retry_after: float
    now: float = 0.0
    served: int = 0
    refused: list[float] = field(default_factory=list)
    limits: list[tuple[float, int]] = field(default_factory=list)
    under_way: int = 0

    def run(self, adaptive: AdaptiveLimit, requests: int) -> None:
        """Send requests as a run does: as many as the limit allows, refused ones again."""
        ends: list[tuple[float, int, Ticket]] = []
        remaining, closed_until, number = requests, 0.0, 0
        while self.served < requests:
            while remaining and len(ends) < adaptive.limit and self.now >= closed_until:
                remaining -= 1
                number += 1
                ticket = adaptive.sent(self.now)
                if len(ends) < self.takes(self.now):
                    heapq.heappush(ends, (self.now + 1.0 + 1e-6 * number, number, ticket))
                    continue
                remaining += 1
                adaptive.ended()
                self.refused.append(self.now)
                closed_until = self.now + self.retry_after
                adaptive.refused(ticket, self.now, self.retry_after)
                self.limits.append((self.now, adaptive.limit))
            may_send = closed_until if remaining and len(ends) < adaptive.limit else float("inf")
            if ends and ends[0][0] <= may_send:
                self.now = ends[0][0]
                heapq.heappop(ends)
                adaptive.ended()
                adaptive.succeeded(self.now)
                self.limits.append((self.now, adaptive.limit))
                self.served += 1
            else:
                self.now = max(self.now, may_send)


@pytest.mark.parametrize("takes", [1, 5, 20, 80, 300])
@pytest.mark.parametrize("retry_after", [0.1, 1.0])
def test_a_service_is_used_to_four_fifths_and_seldom_asked_too_much(
    takes: int, retry_after: float
) -> None:
    service = Service(lambda _now: takes, retry_after)
    warm = 400

    service.run(AdaptiveLimit(10, 400), warm)
    began, refused = service.now, len(service.refused)
    adaptive = AdaptiveLimit(10, 400)
    service = Service(lambda _now: takes, retry_after)
    service.run(adaptive, warm + 2000)

    seconds = service.now - began
    assert 2000 / seconds >= 0.8 * takes, (seconds, adaptive.limit)
    assert len(service.refused) - refused <= 0.05 * 2000
    assert all(1 <= limit <= 400 for _, limit in service.limits)


def test_a_service_that_takes_less_for_a_while_is_followed_down_and_up_again() -> None:
    def takes(now: float) -> int:
        return 20 if 40 <= now < 120 else 80

    service = Service(takes, 1.0)

    service.run(AdaptiveLimit(10, 100), 10_000)

    at = {second: limit for moment, limit in service.limits for second in [int(moment)]}
    assert at[38] > 60
    assert 12 <= at[100] <= 30
    assert max(limit for moment, limit in service.limits if moment > 160) > 60


@pytest.mark.parametrize("seed", range(20))
def test_there_are_never_two_cuts_in_one_cooldown(seed: int) -> None:
    draw = random.Random(seed)
    adaptive, now, cuts = AdaptiveLimit(64, 64), 0.0, []

    for _ in range(2000):
        now += draw.random() / 10
        before, ticket = adaptive.limit, adaptive.sent(now)
        adaptive.ended()
        if draw.random() < 0.3:
            adaptive.refused(ticket, now, 0.0)
            if adaptive.limit < before:
                cuts.append(now)
        else:
            adaptive.succeeded(now)

    assert all(later - sooner >= COOLDOWN for sooner, later in pairs(cuts))


def pairs(values: list[float]) -> Iterator[tuple[float, float]]:
    yield from itertools.pairwise(values)


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    adaptive = AdaptiveLimit(10, 100)

    for second in range(100):
        adaptive.sent(float(second))
        adaptive.ended()
        adaptive.succeeded(float(second))

    assert adaptive.limit == 10


def test_a_service_in_trouble_pauses_growth_and_costs_nothing() -> None:
    adaptive = AdaptiveLimit(4, 100)

    for _ in range(4):
        adaptive.sent(0.0)
    adaptive.on_server_error(0.0)
    for _ in range(20):
        adaptive.succeeded(1.0)

    assert adaptive.limit == 4


def test_the_limit_that_a_person_gave_is_never_passed() -> None:
    service = Service(lambda _now: 1000, 1.0)
    adaptive = AdaptiveLimit(7, 7)

    service.run(adaptive, 500)

    assert {limit for _, limit in service.limits} == {7}


def test_no_minute_holds_more_than_its_budget() -> None:
    draw = random.Random(1)
    window, now, spent = Window(1000), 0.0, []

    for _ in range(100_000):
        now += draw.random() / 100
        amount = draw.randint(1, 20)
        now += window.wait(amount, now)
        assert window.wait(amount, now) == 0
        window.spend(amount, now)
        spent.append((now, amount))

    total, first = 0, 0
    for moment, amount in spent:
        total += amount
        while spent[first][0] + MINUTE <= moment:
            total -= spent[first][1]
            first += 1
        assert total <= 1000


def test_more_than_a_whole_budget_is_let_through_alone() -> None:
    window = Window(10)

    assert window.wait(50, 0.0) == 0
    window.spend(50, 0.0)
    assert window.wait(1, 1.0) == MINUTE - 1


def test_a_wait_that_the_service_asks_for_holds_every_request() -> None:
    now = 0.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    async def run() -> None:
        limiter = Limiter(
            AdaptiveLimit(10, 10), requests=None, tokens=None, clock=lambda: now, sleep=sleep
        )
        ticket = await limiter.admit(1)
        limiter.failed(ticket, 429, 7.0)
        limiter.ended()
        assert limiter.pause_seconds == 7.0
        await limiter.admit(1)

    asyncio.run(run())

    assert slept == [7.0]


def test_replies_around_a_wait_are_no_round_of_successes() -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def limit_after(pause: float) -> int:
        limiter = Limiter(
            AdaptiveLimit(4, 8), requests=None, tokens=None, clock=lambda: now, sleep=sleep
        )
        for _ in range(4):
            await limiter.admit(1)
        for _ in range(3):
            limiter.succeeded(1.0)
            limiter.ended()
        if pause:
            limiter.pause(pause)
        await limiter.admit(1)
        limiter.succeeded(1.0)
        return limiter.limit

    assert asyncio.run(limit_after(0.0)) == 8
    assert asyncio.run(limit_after(5.0)) == 4


def test_the_history_of_a_limit_has_its_changes_and_stays_short() -> None:
    limit = AdaptiveLimit(10, 1_000)

    for second in range(1, 2_000):
        ticket = limit.sent(float(second * 100))
        limit.ended()
        limit.refused(ticket, float(second * 100), 0.0)
        for _ in range(40):
            limit.sent(second * 100 + 50.0)
        for _ in range(40):
            limit.ended()
            limit.succeeded(second * 100 + 50.0)

    assert limit.history[0] == (0.0, 10)
    assert limit.history[-1][1] == limit.limit
    assert 50 < len(limit.history) <= MOST_KEPT
    assert [moment for moment, _ in limit.history] == sorted(m for m, _ in limit.history)
