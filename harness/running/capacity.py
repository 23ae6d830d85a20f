"""A changing number of permits, handed out in order of arrival."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager


class CapacityLimiter:
    """Hands out permits, as many at once as the capacity allows at that moment.

    The capacity is read anew for every permit, because a service takes more at one time than at
    another. If it shrinks, no permit is taken away: holders see `is_contended` and release theirs
    when it suits them.

    Args:
        capacity: Returns how many permits may be in use.
        clock: Returns seconds, to measure how long holders wait for their permits.
        on_free: Called when a permit is free and no one is waiting.

    Attributes:
        clock: Returns seconds.
        in_use: How many permits are out.
        paused: How many holders gave their permit up for a while and will take one again.
    """

    def __init__(
        self,
        capacity: Callable[[], int],
        clock: Callable[[], float],
        *,
        on_free: Callable[[], None] | None = None,
    ) -> None:
        self._capacity, self.clock, self._on_free = capacity, clock, on_free
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.in_use = 0
        self.paused = 0

    @property
    def free(self) -> int:
        """How many permits may be taken now; below 0 after the capacity shrank."""
        return self._capacity() - self.in_use

    @property
    def is_contended(self) -> bool:
        """Whether a holder should release its permit: others wait, or the capacity shrank."""
        return bool(self._waiters) or self.in_use > self._capacity()

    def take(self) -> None:
        """Take a permit without waiting; the caller makes sure that it may."""
        self.in_use += 1

    async def acquire(self) -> None:
        """Wait for a permit and take it."""
        # Whoever finds a free permit and a queue must not overtake the queue.
        if not self._waiters and self.in_use < self._capacity():
            self.in_use += 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        # The capacity may have grown without anyone noticing; those before this one go first.
        self.hand_out()
        try:
            await waiter
        except asyncio.CancelledError:
            # The permit may have arrived in the same turn of the event loop as the cancellation;
            # it would be lost for good if it were not passed on.
            if waiter.done() and not waiter.cancelled():
                self.release()
            raise

    def release(self) -> None:
        """Return a permit, which goes to whoever has waited longest."""
        self.in_use -= 1
        self.hand_out()

    def hand_out(self) -> None:
        """Give free permits to those who wait, and offer the rest to `on_free`."""
        while self._waiters and self.in_use < self._capacity():
            waiter = self._waiters.popleft()
            if not waiter.done():  # a cancelled one stays in the queue until its turn comes
                # Counted here and not when the waiter runs: until then, others would see a free
                # permit and take it as well.
                self.in_use += 1
                waiter.set_result(None)
        if self._on_free is not None and self.in_use < self._capacity():
            self._on_free()

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[Permit]:
        """Hold a permit until the block ends."""
        await self.acquire()
        try:
            yield Permit(self)
        finally:
            self.release()


class Permit:
    """A permit that was taken, and that its holder gives up while it only waits.

    Attributes:
        queued: Seconds spent waiting to get it back after pauses.
    """

    __slots__ = ("_limiter", "_pauses", "queued")

    def __init__(self, limiter: CapacityLimiter) -> None:
        self._limiter = limiter
        self._pauses = 0
        self.queued = 0.0

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Let others have the permit until the block ends, then wait for one again.

        Of several blocks at once, as of the votes of a judge, the first gives the permit up and
        the last takes one again.
        """
        return self._given_up(counts=1)

    def set_aside(self) -> AbstractAsyncContextManager[None]:
        """Pause without being counted in the limiter's `paused`.

        For a holder that waits for trials which have not started: if it counted, such holders
        could use up the bound on `paused`, and those trials would never start.
        """
        return self._given_up(counts=0)

    @asynccontextmanager
    async def _given_up(self, counts: int) -> AsyncIterator[None]:
        limiter = self._limiter
        if not self._pauses:
            limiter.paused += counts
            limiter.release()
        self._pauses += 1
        is_cancelled = False
        try:
            yield
        except asyncio.CancelledError:
            is_cancelled = True
            raise
        finally:
            # Also after an error in the block: its holder goes on, for example to record that a
            # judge did not answer, and must be counted again while it does.
            self._pauses -= 1
            if not self._pauses:
                try:
                    await self._take_again(at_once=is_cancelled)
                finally:
                    limiter.paused -= counts

    async def _take_again(self, *, at_once: bool) -> None:
        limiter = self._limiter
        if at_once:
            limiter.take()
            return
        began = limiter.clock()
        try:
            await limiter.acquire()
        except asyncio.CancelledError:
            # A cancelled holder must not wait. It takes the permit beyond the capacity, because it
            # will release it on its way out whether it got one or not.
            limiter.take()
            raise
        self.queued += limiter.clock() - began
