"""What is said of the prompt tests of a session when it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness import app
from harness.errors import HarnessError
from harness.pytest_plugin.vocabulary import shown

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import Baseline


@dataclass(frozen=True, slots=True)
class SessionReport:
    """Lines for the terminal.

    Attributes:
        has_failed: Whether the session failed for a reason that no test tells: the record could
            not be kept, a metric misses its limits, or the run is worse than its baseline.
    """

    lines: Sequence[str] = ()
    has_failed: bool = False


def with_baseline(
    baseline: Callable[[], Baseline | None], result: app.RunResult, lines: Sequence[str]
) -> SessionReport:
    """Return the report of a run with what its baseline has to say, if there is one."""
    missed = list(app.metric_texts(result))
    lines = [*lines, *missed]
    try:
        known = baseline()
        if known is None:
            return SessionReport(lines, has_failed=bool(missed))
        from harness.app.compare import baseline_check

        held = baseline_check.check_recorded_run(known, result)
    except HarnessError as error:
        return SessionReport([*lines, f"error: {shown(error)}"], has_failed=True)
    has_failed = held.has_regressed or bool(missed)
    return SessionReport([*lines, "", *held.text().split("\n")], has_failed)
