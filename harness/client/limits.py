"""How many requests may be in flight at once, and how many a minute: what the service can take."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from harness.client.queueing import Advice, QueueWatch

MINUTE = 60.0
CUT = 0.8  # what a refusal leaves of the limit
DEEPEST_CUT = 0.5  # the least that one burst of refusals leaves of what was in flight
COOLDOWN = 1.0  # seconds between two cuts, at least
PLATEAU_SECONDS = 15.0  # pause before a limit that was refused is tried again, and after a 5xx
LONGEST_PLATEAU_SECONDS = 240.0
GROWTH = 0.05
SATURATED = 0.8  # the share of the limit that a round must have used to make it grow
SMALLEST_ROUND = 4  # successes; with a limit of 1 each single one would double it
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the limit knew when a request was sent, to judge a refusal by.

    Attributes:
        cuts: How many cuts there had been.
        in_flight: How many requests were in flight, this one included.
    """

    cuts: int
    in_flight: int


class AdaptiveLimit:
    """How many requests may be in flight at once; it learns from what the service refuses.

    It doubles with every round of successes until the first refusal, then grows by a twentieth a
    round, and only while it is used. A refusal takes a fifth, at most once a second. Then the
    limit grows back to just below where it was refused, and stays on that plateau before it tries
    more; the plateau gets longer each time it is refused at the same limit again.

    There are three deadlines: when the limit may be cut again, when it may grow, and when it may
    pass the limit that was refused. `Limiter` has one more: when anything may be sent.

    A service that queues requests is treated like one that refuses them, if there is a watch.

    Attributes:
        limit: How many requests may be in flight.
        in_flight: How many are.
        history: When the limit changed, and to what; a long one is thinned out.
        queue_limit: How many requests the service works on at once, if it was seen to queue more.

    Source:
        Slow start, additive increase and multiplicative decrease: RFC 5681; the plateau below the
        last refusal: RFC 9438.
    """

    def __init__(self, start: int, ceiling: int, watch: QueueWatch | None = None) -> None:
        self.limit, self._ceiling, self._watch = start, ceiling, watch
        self._is_steady = False
        self.queue_limit: int | None = None
        self.history: list[tuple[float, int]] = [(0.0, start)]
        self.in_flight = self._most_in_flight = self._successes = 0
        self._cuts = self._refused = 0
        self._refused_at = math.inf  # the limit at which there was a refusal
        self._in_flight_at_cut = 0
        self._plateau = PLATEAU_SECONDS
        self._no_cut_before = self._no_growth_before = self._no_probe_before = -math.inf

    def sent(self, now: float) -> Ticket:
        """Count a request as in flight; its ticket goes with a refusal."""
        self.in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self.in_flight)
        if not self._is_steady and now >= self._no_growth_before:
            # More than the limit are those that were sent before it was lowered.
            self._is_steady = SATURATED * self.limit <= self.in_flight <= self.limit
            if self._is_steady:
                self._start_round(now)
        return Ticket(self._cuts, self.in_flight)

    def held_up(self) -> None:
        """Count no reply until the limit is used again: what waits for leave has no pace."""
        self._is_steady = False

    def ended(self) -> None:
        """Count a request as no longer in flight, however it went."""
        self.in_flight -= 1

    def succeeded(self, now: float, seconds: float | None = None, tokens: int = 0) -> None:
        """Grow after a round of successes that used what there was.

        Args:
            now: The time.
            seconds: How long the reply took; None if nobody waited for it, as for a task.
            tokens: How long it is.
        """
        if self._watch is not None and seconds is not None:
            self._watch.replied(seconds, tokens)
        if not self._is_steady:
            return
        self._successes += 1
        needed = self.limit if self._watch is None else self._watch.replies_needed(self.limit)
        if self._successes < max(needed, SMALLEST_ROUND):
            return
        # Ten at once, however many succeed, do not show that the service takes a hundred.
        if self._most_in_flight >= SATURATED * self.limit:
            self._adapt(now)
        self._start_round(now)

    def _adapt(self, now: float) -> None:
        if self._watch is None:
            self._grow(now)
            return
        advice, limit = self._watch.next_limit(self.limit, now)
        match advice:
            case Advice.GROW:
                self._grow(now)
            case Advice.LOWER:
                self._is_steady = False
            case Advice.STAY:
                self._stay(now)
            case Advice.BACK:
                self._forget_queue()
        if advice is not Advice.GROW:
            self.limit = limit
            self._record(now)

    def _forget_queue(self) -> None:
        """Grow as if there had been no queue."""
        if self.queue_limit is not None:
            self.queue_limit = None
            self._refused_at, self._plateau = math.inf, PLATEAU_SECONDS
            self._no_probe_before = -math.inf

    def _stay(self, now: float) -> None:
        """Keep a lower limit that was as fast: until the plateau ends, more would only queue."""
        is_same_limit = self.limit + 1 == self._refused_at
        longer = min(2 * self._plateau, LONGEST_PLATEAU_SECONDS)
        self._plateau = longer if is_same_limit else PLATEAU_SECONDS
        self.queue_limit = self.limit
        self._refused_at = self.limit + 1
        self._no_probe_before = now + self._plateau

    def _grow(self, now: float) -> None:
        # A whole round passed at the limit that was refused: the service takes more now.
        if self.limit >= self._refused_at:
            self._refused_at, self._plateau = math.inf, PLATEAU_SECONDS
        # Doubling finds the size of an unknown service in a few rounds; after a refusal it is
        # known, and each step that is too large costs refusals.
        is_known = self._cuts or self.queue_limit is not None
        step = max(1, round(GROWTH * self.limit)) if is_known else self.limit
        most: float = self._ceiling
        if now < self._no_probe_before:
            most = min(most, max(self._refused_at - 1, self.limit))
        self.limit = int(min(self.limit + step, most))
        self._record(now)

    def refused(self, ticket: Ticket, now: float, wait: float) -> None:
        """Cut after a 429; `wait` is the seconds that the service asked for."""
        # Sent before the last cut, so it says nothing about the limit after it. But together these
        # refusals show how much of that burst the service did accept, which may be less than the
        # cut assumed. Never below a half: a service that refuses everything for a moment would
        # else bring the limit down to 1, from where growing back by steps of 1 takes long.
        if ticket.cuts < self._cuts:
            self._refused += 1
            accepted = self._in_flight_at_cut - self._refused
            lowest = math.ceil(DEEPEST_CUT * self._in_flight_at_cut)
            self.limit = max(1, min(self.limit, max(accepted, lowest)))
            self._record(now)
        elif now >= self._no_cut_before:
            self._cut(ticket, now, wait)

    def _cut(self, ticket: Ticket, now: float, wait: float) -> None:
        # Refused within one step of the last refusal: this is a fixed limit of the service, and
        # every further try costs refusals. Elsewhere, its load has changed, and is tried soon.
        is_same_limit = abs(self.limit - self._refused_at) <= max(1, GROWTH * self.limit)
        longer = min(2 * self._plateau, LONGEST_PLATEAU_SECONDS)
        self._plateau = longer if is_same_limit else PLATEAU_SECONDS
        self._cuts += 1
        self._refused, self._refused_at = 1, self.limit
        self._in_flight_at_cut = max(ticket.in_flight, self.in_flight)
        # At least by one: a fifth of a small limit rounds to nothing.
        self.limit = max(1, min(self.limit - 1, round(CUT * self.limit)))
        self._no_cut_before = self._no_growth_before = now + max(wait, COOLDOWN)
        self._no_probe_before = now + wait + self._plateau
        self._record(now)
        self._is_steady = False

    def on_server_error(self, now: float) -> None:
        """Stop growing for a while after a 5xx."""
        # No cut: a 5xx says that the service is in trouble, not that this run sends too much.
        self._no_growth_before = max(self._no_growth_before, now + PLATEAU_SECONDS)
        self._is_steady = False

    def _record(self, now: float) -> None:
        if self.limit != self.history[-1][1]:
            self.history.append((now, self.limit))
        # In place: a run passes this list on once, and reads it when it ends. The first and the
        # last change stay.
        if len(self.history) > MOST_KEPT:
            del self.history[1:-1:2]

    def _start_round(self, now: float) -> None:
        self._successes, self._most_in_flight = 0, self.in_flight
        if self._watch is not None:
            self._watch.start(now)


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
        """Return the seconds until an amount may be spent; 0 if it may be now."""
        self._forget(now)
        too_much = self._total + amount - self.budget
        # An amount larger than the whole budget passes alone: it would else wait for ever.
        if too_much <= 0 or not self._spent:
            return 0.0
        freed = 0
        for spent_at, spent in self._spent:
            freed += spent
            if freed >= too_much:
                return spent_at + MINUTE - now
        return self._spent[-1][0] + MINUTE - now

    def spend(self, amount: int, now: float) -> None:
        """Count an amount as spent at `now`."""
        if amount > 0:
            self._spent.append((now, amount))
            self._total += amount

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] + MINUTE <= now:
            self._total -= self._spent.popleft()[1]


class Limiter:
    """Admits requests to one endpoint: counts them, keeps budgets, and pauses when asked to.

    The number in flight is not enforced here but by the permits of the engine, which asks for
    `limit`; a request that waits here is one that already has its permit.

    Attributes:
        paused: How many requests wait because the service asked for a pause or a budget is spent.
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
        self._paused_until = -math.inf
        self.paused = 0

    @property
    def limit(self) -> int:
        """How many requests may be in flight at once."""
        return self._adaptive.limit

    @property
    def history(self) -> list[tuple[float, int]]:
        """When the limit changed, in the clock's seconds, and to what."""
        return self._adaptive.history

    @property
    def in_flight(self) -> int:
        """How many requests are in flight."""
        return self._adaptive.in_flight

    @property
    def queue_limit(self) -> int | None:
        """How many requests the service works on at once, if it was seen to queue more."""
        return self._adaptive.queue_limit

    @property
    def pause_seconds(self) -> float:
        """The seconds for which the service still asks to be sent nothing."""
        return max(0.0, self._paused_until - self._clock())

    async def admit(self, tokens: int) -> Ticket:
        """Wait until a request may be sent, and count it as sent.

        Args:
            tokens: About how many its input has.
        """
        # A loop: while this one slept, others may have used the budget, or the pause got longer.
        while (wait := self._wait(tokens)) > 0:
            self.paused += 1
            self._adaptive.held_up()
            try:
                await self._sleep(wait)
            finally:
                self.paused -= 1
        now = self._clock()
        if self._requests is not None:
            self._requests.spend(1, now)
        self.used(tokens)
        return self._adaptive.sent(now)

    def used(self, tokens: int) -> None:
        """Count tokens against the budget of the minute."""
        if self._tokens is not None:
            self._tokens.spend(tokens, self._clock())

    def ended(self) -> None:
        """Count a request as no longer in flight, however it went."""
        self._adaptive.ended()

    def succeeded(self, seconds: float | None = None, tokens: int = 0) -> None:
        """Let the limit grow if its time has come.

        Args:
            seconds: How long the reply took; None if nobody waited for it, as for a task.
            tokens: How long it is.
        """
        self._adaptive.succeeded(self._clock(), seconds, tokens)

    def pause(self, wait: float) -> None:
        """Send nothing for this many seconds; a longer pause that was asked for stays."""
        self._paused_until = max(self._paused_until, self._clock() + wait)

    def failed(
        self,
        ticket: Ticket,
        status: int | None,
        wait: float | None,
        *,
        is_overdue: bool = False,
    ) -> None:
        """Adapt to a failure.

        Args:
            ticket: Of the request that failed.
            status: The HTTP status, if there was one.
            wait: Seconds that the service asks to wait, if it does.
            is_overdue: Whether the reply did not come in time; a service that queues refuses so.
        """
        now = self._clock()
        if wait is not None:
            self.pause(wait)
        if status == 429 or is_overdue:
            self._adaptive.refused(ticket, now, wait or 0.0)
        elif status is not None and status >= 500:
            self._adaptive.on_server_error(now)

    def _wait(self, tokens: int) -> float:
        now = self._clock()
        wait = self._paused_until - now
        if self._requests is not None:
            wait = max(wait, self._requests.wait(1, now))
        if self._tokens is not None:
            wait = max(wait, self._tokens.wait(tokens, now))
        return wait
