"""How many exchanges are under way at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slot:
    """A place for one exchange at a time; its holder gives it up while it only waits."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._is_held = True

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Let others have the place until the block ends, then wait for one again."""
        self.release()
        try:
            yield
        finally:
            await self._slots.wait_for_place()
            self._is_held = True

    def release(self) -> None:
        """Give the place up for good."""
        if self._is_held:
            self._is_held = False
            self._slots.give_back()


class Slots:
    """At most `concurrency` places; those who wait are served in their order."""

    def __init__(self, concurrency: int) -> None:
        self._places = asyncio.Semaphore(concurrency)

    async def acquire(self) -> Slot:
        """Wait for a place and return it."""
        await self.wait_for_place()
        return Slot(self)

    async def wait_for_place(self) -> None:
        """Wait until a place is free and take it."""
        await self._places.acquire()

    def give_back(self) -> None:
        """Free a place."""
        self._places.release()
