"""How many requests may be under way at once, and how many a minute: what the service can take."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MINUTE = 60.0
CUT = 0.8
DEEPEST_CUT = 0.5
COOLDOWN = 1.0  # seconds after a cut in which there is no other
PLATEAU_SECONDS = (
    15.0  # seconds before more is tried than was refused, or after a 5xx anything grows
)
LONGEST_PLATEAU_SECONDS = 240.0
GROWTH = 0.05
SATURATED = 0.8
SMALLEST_ROUND = 4
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request under way: after how many cuts it was sent, and with how many others."""

    cuts: int
    in_flight: int


class AdaptiveLimit:
    """How many requests may be under way at once; it learns from what the service refuses.

    It doubles with every round of successes until the first refusal, then grows by a twentieth a
    round, and only while it is used. A refusal takes a fifth, once in a while: those that were
    sent before the cut only bring it down to what the service did take, and never below a half.
    Then it grows back to just below where it was refused, and rests there before it tries more; the
    rest gets longer each time it is refused at the same place again.

    Its clocks are apart: when there may be another cut, when it may grow, and when it may try more
    than was refused. `Limiter` has a third: when anything may be sent.

    Attributes:
        limit: How many requests may be under way.
        in_flight: How many are.
        history: When the limit changed, and to what; of a long one every other change is kept.

    Source:
        Slow start, additive increase and multiplicative decrease: RFC 5681; the plateau below the
        last refusal: RFC 9438.
    """

    def __init__(self, start: int, ceiling: int) -> None:
        self.limit, self._ceiling = start, ceiling
        self.history: list[tuple[float, int]] = [(0.0, start)]
        self.in_flight = self._most_in_flight = self._successes = 0
        self._cuts = self._refused = 0
        self._refused_at = math.inf  # the limit at which there was a refusal
        self._flying_at_cut = 0
        self._rest = PLATEAU_SECONDS
        self._no_cut_before = self._no_growth_before = self._no_trial_before = -math.inf

    def sent(self) -> Ticket:
        """Take note of a request that is sent."""
        self.in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        return Ticket(self._cuts, self.in_flight)

    def ended(self) -> None:
        """Take note of a request that is not under way any more; tell how it went as well."""
        self.in_flight -= 1

    def succeeded(self, now: float) -> None:
        """Grow after a round of successes that used what there was."""
        if now < self._no_growth_before:
            return
        self._successes += 1
        if self._successes < max(self.limit, SMALLEST_ROUND):
            return
        if self._most_in_flight >= SATURATED * self.limit:
            self._grow(now)
        self._start_round()

    def _grow(self, now: float) -> None:
        if self.limit >= self._refused_at:
            self._refused_at, self._rest = math.inf, PLATEAU_SECONDS  # the service takes more now
        step = max(1, round(GROWTH * self.limit)) if self._cuts else self.limit
        most: float = self._ceiling
        if now < self._no_trial_before:
            most = min(most, max(self._refused_at - 1, self.limit))
        self.limit = int(min(self.limit + step, most))
        self._note(now)

    def refused(self, ticket: Ticket, now: float, wait: float) -> None:
        """Cut after a 429; `wait` is the seconds that the service asked for."""
        if ticket.cuts < self._cuts:
            self._refused += 1
            took = self._flying_at_cut - self._refused
            lowest = math.ceil(DEEPEST_CUT * self._flying_at_cut)
            self.limit = max(1, min(self.limit, max(took, lowest)))
            self._note(now)
        elif now >= self._no_cut_before:
            self._cut(ticket, now, wait)

    def _cut(self, ticket: Ticket, now: float, wait: float) -> None:
        is_same_place = abs(self.limit - self._refused_at) <= max(1, GROWTH * self.limit)
        self._rest = (
            min(2 * self._rest, LONGEST_PLATEAU_SECONDS) if is_same_place else PLATEAU_SECONDS
        )
        self._cuts += 1
        self._refused, self._refused_at = 1, self.limit
        self._flying_at_cut = max(ticket.in_flight, self.in_flight)
        self.limit = max(1, min(self.limit - 1, round(CUT * self.limit)))
        self._no_cut_before = self._no_growth_before = now + max(wait, COOLDOWN)
        self._no_trial_before = now + wait + self._rest
        self._note(now)
        self._start_round()

    def on_server_error(self, now: float) -> None:
        """Stop growing for a while after a 5xx."""
        self._no_growth_before = max(self._no_growth_before, now + PLATEAU_SECONDS)

    def _note(self, now: float) -> None:
        if self.limit != self.history[-1][1]:
            self.history.append((now, self.limit))
        if len(self.history) > MOST_KEPT:
            del self.history[1:-1:2]

    def _start_round(self) -> None:
        self._successes, self._most_in_flight = 0, self.in_flight


class Window:
    """A budget for any minute.

    Attributes:
        budget: What may be spent in any sixty seconds.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def wait(self, amount: int, now: float) -> float:
        """Return the seconds until so much may be spent; 0 if it may be now.

        An amount that is larger than the whole budget is let through when nothing else was spent.
        """
        self._forget(now)
        too_much = self._total + amount - self.budget
        if too_much <= 0 or not self._spent:
            return 0.0
        freed = 0
        for spent_at, spent in self._spent:
            freed += spent
            if freed >= too_much:
                return spent_at + MINUTE - now
        return self._spent[-1][0] + MINUTE - now

    def spend(self, amount: int, now: float) -> None:
        """Take note of what was spent."""
        if amount > 0:
            self._spent.append((now, amount))
            self._total += amount

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] + MINUTE <= now:
            self._total -= self._spent.popleft()[1]


class Limiter:
    """What stands between a run and one endpoint: a limit that adapts, budgets and a gate.

    Attributes:
        held: How many requests wait to be sent because the gate is closed or a budget is spent.
    """

    def __init__(
        self,
        adaptive: AdaptiveLimit,
        *,
        requests: Window | None,
        tokens: Window | None,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._adaptive, self._requests, self._tokens = adaptive, requests, tokens
        self._clock, self._sleep = clock, sleep
        self._closed_until = -math.inf
        self.held = 0

    @property
    def limit(self) -> int:
        """How many requests may be under way at once."""
        return self._adaptive.limit

    @property
    def history(self) -> list[tuple[float, int]]:
        """When the limit changed, in the clock's seconds, and to what."""
        return self._adaptive.history

    @property
    def in_flight(self) -> int:
        """How many requests are under way."""
        return self._adaptive.in_flight

    @property
    def closed_for(self) -> float:
        """The seconds for which the service wants to be left alone."""
        return max(0.0, self._closed_until - self._clock())

    async def admit(self, tokens: int) -> Ticket:
        """Wait until a request with about so many tokens may be sent."""
        while (wait := self._wait(tokens)) > 0:
            self.held += 1
            try:
                await self._sleep(wait)
            finally:
                self.held -= 1
        now = self._clock()
        if self._requests is not None:
            self._requests.spend(1, now)
        self.used(tokens)
        return self._adaptive.sent()

    def used(self, tokens: int) -> None:
        """Take note of tokens that count against the budget."""
        if self._tokens is not None:
            self._tokens.spend(tokens, self._clock())

    def ended(self) -> None:
        """Take note of a request that is not under way any more."""
        self._adaptive.ended()

    def succeeded(self) -> None:
        """Take note of a success."""
        self._adaptive.succeeded(self._clock())

    def hold(self, wait: float) -> None:
        """Send nothing for so many seconds."""
        self._closed_until = max(self._closed_until, self._clock() + wait)

    def failed(self, ticket: Ticket, status: int | None, wait: float | None) -> None:
        """Take note of a failure: its status, and the seconds that the service asked to wait."""
        now = self._clock()
        if wait is not None:
            self.hold(wait)
        if status == 429:
            self._adaptive.refused(ticket, now, wait or 0.0)
        elif status is not None and status >= 500:
            self._adaptive.on_server_error(now)

    def _wait(self, tokens: int) -> float:
        now = self._clock()
        wait = self._closed_until - now
        if self._requests is not None:
            wait = max(wait, self._requests.wait(1, now))
        if self._tokens is not None:
            wait = max(wait, self._tokens.wait(tokens, now))
        return wait
