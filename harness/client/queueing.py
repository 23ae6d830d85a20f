"""Notices a service that queues requests instead of refusing them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

SUSPICIOUS = 1.75  # how many times as long replies take as without a queue
SMALLEST_TRY = 12  # replies, of which the pace of a lower limit is judged
MEASURABLE = 1.3  # how much higher a limit must be for a gain of pace to be seen
NOISE = 0.05  # of measured times; a lower limit that is wrong by it costs as much pace
TOKENS_OF_OVERHEAD = 20  # a reply takes time even if it is short


class Advice(Enum):
    """What to do with a limit at the end of a round."""

    GROW = "grow"  # nothing speaks against more
    HOLD = "hold"  # leave it, until another round was seen
    LOWER = "lower"  # try whether fewer at once are as fast
    STAY = "stay"  # they are: more would only queue
    BACK = "back"  # they are not, or more at once are faster again: there is no queue


class NextLimit(NamedTuple):
    """What to do, and the limit that comes of it."""

    advice: Advice
    limit: int


@dataclass(slots=True)
class _Round:
    """Replies that came since a moment."""

    began: float
    replies: list[tuple[float, float]] = field(default_factory=list)  # seconds and weight

    def pace(self, now: float) -> float:
        """Weight a second."""
        return sum(weight for _, weight in self.replies) / max(now - self.began, 1e-9)

    def seconds_by_weight(self) -> float:
        """Return how long replies took; those of the first half may have met a shorter queue."""
        later = self.replies[len(self.replies) // 2 :]
        return sum(seconds for seconds, _ in later) / sum(weight for _, weight in later)


class _Pace(NamedTuple):
    limit: int
    pace: float
    slowdown: float


class QueueWatch:
    """Compares how many requests are in flight with how many the service works on.

    By Little's law, the latter is to the former as the time that a reply takes when it need not
    wait is to the time that it does take. The estimate of the first is the fastest reply so far, as
    in BBR, where a path holds bandwidth times the shortest round trip. A long reply takes longer,
    so times count by token. If replies take far longer, they queue, or they differ for reasons of
    their own. Only a try shows which one it is: with fewer in flight, a queue keeps its pace.

    Attributes:
        lowered: How often a lower limit kept the pace.

    Source:
        Little (1961), "A Proof for the Queuing Formula L = λW"; Cardwell et al. (2016), "BBR:
        Congestion-Based Congestion Control".
    """

    def __init__(self) -> None:
        self.lowered = 0
        self._fastest = math.inf  # seconds by weight
        self._suspicious = SUSPICIOUS
        self._round = _Round(0.0)
        self._is_first = True
        self._before: _Pace | None = None  # a try
        self._kept: _Pace | None = None  # the last one that showed a queue

    def start(self, now: float) -> None:
        """Begin a round of replies."""
        self._round = _Round(now)

    def replied(self, seconds: float, tokens: int) -> None:
        """Count a reply; `seconds` are those from sending the request to its end."""
        weight = float(tokens + TOKENS_OF_OVERHEAD)
        self._round.replies.append((seconds, weight))
        self._fastest = min(self._fastest, seconds / weight)

    def replies_needed(self, limit: int) -> int:
        """Return of how many replies a round consists at least."""
        return limit if self._before is None else max(2 * limit, SMALLEST_TRY)

    def next_limit(self, limit: int, now: float) -> NextLimit:
        """Return what the round that ends speaks for."""
        if not self._round.replies:
            return NextLimit(Advice.GROW, limit)
        is_first, self._is_first = self._is_first, False
        slowdown = self._round.seconds_by_weight() / max(self._fastest, 1e-9)
        now_at = _Pace(limit, self._round.pace(now), slowdown)
        if self._before is not None:
            return self._end_try(self._before, now_at)
        if self._kept is not None and self._is_faster(self._kept, now_at):
            return self._no_queue(now_at)
        if limit == 1 or slowdown <= self._suspicious:
            return NextLimit(Advice.GROW, limit)
        if is_first:  # a burst into an idle service has no pace yet
            return NextLimit(Advice.HOLD, limit)
        self._before = now_at
        # Times are never quite equal: 2.01 places are 2.
        places = math.ceil(limit / slowdown * (1 - NOISE))
        return NextLimit(Advice.LOWER, max(1, min(limit - 1, places)))

    def _end_try(self, before: _Pace, now_at: _Pace) -> NextLimit:
        self._before = None
        # halfway between the pace of a queue and that of as many fewer
        kept = (1 + now_at.limit / before.limit) / 2
        if now_at.pace < kept * before.pace:
            return self._no_queue(before)
        self.lowered += 1
        self._kept = now_at
        return NextLimit(Advice.STAY, now_at.limit)

    def _is_faster(self, kept: _Pace, now_at: _Pace) -> bool:
        """Whether more at once were faster by half of what they are more, at least."""
        more = now_at.limit / kept.limit
        return more >= MEASURABLE and now_at.pace >= kept.pace * (1 + more) / 2

    def _no_queue(self, at: _Pace) -> NextLimit:
        # replies differ as much as that without a queue
        self._suspicious = max(self._suspicious, 1.5 * at.slowdown)
        self._kept = None
        return NextLimit(Advice.BACK, at.limit)
