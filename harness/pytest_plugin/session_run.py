"""The run of a session, in the background of pytest's own loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from harness import app
from harness.model.suite import Trial
from harness.pytest_plugin.vocabulary import PYTEST

_SECONDS_TO_END = 10.0
SECONDS_TO_GIVE_UP = 2.0


class SessionRun:
    """A run that begins when it is first needed and takes its trials one by one.

    Attributes:
        service_seconds: How long the service took for the trials that tests waited for.
        cancelled: How many trials were wanted and given up when the run ended.
    """

    def __init__(self, open_run: Callable[[], app.BackgroundRun]) -> None:
        self._open_run = open_run
        self._run: app.BackgroundRun | None = None
        self._has_ended, self._was_closed = True, False
        self.service_seconds = 0.0
        self.cancelled = 0

    @property
    def has_begun(self) -> bool:
        """Whether anything was asked for."""
        return self._run is not None

    def begin(self) -> app.BackgroundRun:
        """Return the run, which begins with the first call.

        Raises:
            SettingsError: There is nowhere to send to, or no key.
        """
        if self._run is None:
            run = self._open_run()
            run.start()
            self._run = run
        return self._run

    def outcomes(self, trials: Sequence[Trial]) -> list[app.BackgroundOutcome]:
        """Wait for the outcomes of trials; those that were not asked for yet are sent now.

        Raises:
            RunEndedError: The run ended before; the message says why.
        """
        run = self.begin()
        outcomes = [run.outcome(trial) for trial in trials]
        self.service_seconds += sum(outcome.outcome.seconds for outcome in outcomes)
        return outcomes

    def ask(self, trials: Iterable[Trial], beside: Iterable[Trial]) -> None:
        """Ask for trials, and for those that they are compared with."""
        self.begin().ask(trials, beside)

    def end(self, *, is_interrupted: bool) -> None:
        """End the run; what is wanted and not there is given up."""
        if self._run is None or self._was_closed:
            return
        self._was_closed = True
        self.cancelled = self._run.waiting()
        gives_up = is_interrupted or self.cancelled > 0
        seconds = SECONDS_TO_GIVE_UP if gives_up else _SECONDS_TO_END
        self._has_ended = self._run.close(seconds, at_once=gives_up)

    @property
    def result(self) -> app.RunResult | None:
        """The result of the run; None before it ended, and if it broke."""
        return None if self._run is None else self._run.result

    def why_ended(self) -> str:
        """Return in a line why there is no result."""
        if self._run is None or not self._has_ended:
            return "the run did not end in time"
        return self._run.why_ended(PYTEST)
