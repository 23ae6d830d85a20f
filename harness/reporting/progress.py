"""How a run is getting on, while it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol, Self

from harness.model.record import OutcomeRecord, spent_on_judges
from harness.printable import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

PLAIN_SECONDS = 5.0


class ShowsProgress(Protocol):
    """Shows trials as they start and end."""

    def started(self) -> None:
        """Take note of a trial that starts."""

    def ended(self, record: OutcomeRecord) -> None:
        """Take note of a trial that ended."""

    def watch(self, activity: Callable[[], str]) -> None:
        """Show, along with the counts, what the requests wait for."""

    def tick(self) -> None:
        """Take note that time passes."""

    def stopping(self, why: str, grace: float) -> None:
        """Take note that no more trials start, and how long those in flight have to end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Count:
    """What the progress lines tell of."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self._clock, self._began = total, clock, clock()
        self.done = self.in_flight = self.failed = self.errored = 0
        self.cost = 0.0
        self.activity: Callable[[], str] = str

    def start(self) -> None:
        """Count a trial that starts."""
        self.in_flight += 1

    def end(self, record: OutcomeRecord) -> None:
        """Count a trial that ended."""
        self.done += 1
        self.in_flight = max(0, self.in_flight - (record["outcome"] != "skipped"))
        self.failed += record["outcome"] == "failed" and record["xfail"] is None
        self.errored += record["outcome"] == "errored" and record["xfail"] is None
        self.cost += (record["cost"] or 0.0) + spent_on_judges(record)

    def waiting(self, why: str, grace: float) -> str:
        """Return what a run that was stopped waits for."""
        message = (
            f"stopping ({visible(why)}): waiting up to {grace:g} s for {self.in_flight} trials"
        )
        return f"{message} in flight; Ctrl-C again ends at once"

    def __str__(self) -> str:
        seconds = max(self._clock() - self._began, 1e-6)
        rate = self.done / seconds
        activity = self.activity() or f"{self.in_flight} in flight"
        parts = [f"{self.done:,}/{self.total:,}", activity]
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{self.errored:,} errored"] if self.errored else []
        parts += [f"{rate:.1f}/s"] if self.done else []
        parts += [f"{self.cost:.4f} USD"] if self.cost else []
        if self.done and self.done < self.total:
            parts.append(f"about {(self.total - self.done) / rate:.0f} s left")
        return " · ".join(parts)


class NoProgress:
    """Shows nothing."""

    def started(self) -> None:
        """Show nothing."""

    def ended(self, record: OutcomeRecord) -> None:
        """Show nothing."""

    def watch(self, activity: Callable[[], str]) -> None:
        """Show nothing."""

    def tick(self) -> None:
        """Show nothing."""

    def stopping(self, why: str, grace: float) -> None:
        """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class PlainProgress:
    """Writes a line every few seconds, for logs."""

    def __init__(
        self, total: int, stream: IO[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._count, self._stream, self._clock = Count(total, clock), stream, clock
        self._last = clock()

    def started(self) -> None:
        """Count it."""
        self._count.start()

    def watch(self, activity: Callable[[], str]) -> None:
        """Add what the requests wait for to every line."""
        self._count.activity = activity

    def ended(self, record: OutcomeRecord) -> None:
        """Count it, and write a line if it is time."""
        self._count.end(record)
        self.tick()

    def tick(self) -> None:
        """Write a line if it is time."""
        if self._clock() - self._last >= PLAIN_SECONDS:
            self._last = self._clock()
            self._write(str(self._count))

    def stopping(self, why: str, grace: float) -> None:
        """Say what is waited for."""
        self._write(self._count.waiting(why, grace))

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class TerminalProgress:
    """Draws a bar that is gone when the run is over."""

    def __init__(self, total: int, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._count = Count(total)
        self._bar: Bar = Progress(
            SpinnerColumn(),
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=stream),
            transient=True,
        )
        self._task: TaskID = self._bar.add_task("", total=total)

    def started(self) -> None:
        """Count it."""
        self._count.start()

    def ended(self, record: OutcomeRecord) -> None:
        """Move the bar on."""
        self._count.end(record)
        self.tick()

    def watch(self, activity: Callable[[], str]) -> None:
        """Add what the requests wait for to the bar."""
        self._count.activity = activity

    def tick(self) -> None:
        """Draw what changed."""
        self._bar.update(self._task, completed=self._count.done, description=str(self._count))

    def stopping(self, why: str, grace: float) -> None:
        """Say what is waited for."""
        self._bar.console.print(self._count.waiting(why, grace), markup=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
