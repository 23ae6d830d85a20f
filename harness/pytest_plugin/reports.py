"""What a session says of its prompt tests: before they run, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from harness import app
from harness.errors import HarnessError
from harness.exit_code import RunStatus
from harness.model.identical_variants import IdenticalVariants, grouped
from harness.model.settings import Settings
from harness.printable import visible
from harness.pytest_plugin.vocabulary import PYTEST, shown

if TYPE_CHECKING:
    import pytest

    from harness.pytest_plugin.session_comparison import SessionComparison

_MOST_WARNINGS = 5
Compares: TypeAlias = "Callable[[app.RunResult], SessionComparison | None]"


@dataclass(frozen=True, slots=True)
class SessionReport:
    """Lines for the terminal.

    Attributes:
        has_failed: Whether the session failed for a reason that no test shows: the record could
            not be kept, nothing was judged, a metric misses its limits, or the run is worse than
            its baseline.
        failures: Reports of tests whose excuse did not hold, each with what replaces it.
        gate: That reason. It is reported as a failing test, so that a JUnit report is not green.
    """

    lines: Sequence[str] = ()
    has_failed: bool = False
    failures: Sequence[tuple[pytest.TestReport, Sequence[pytest.TestReport]]] = ()
    gate: str = ""


def header_line(
    tests: int, trials: int, settings: Settings, *, replay: str | None, model: str | None
) -> str:
    """Say what will run, and where.

    Args:
        tests: How many there are.
        trials: How many trials they have together.
        settings: Those of the session.
        replay: The folder that replies are taken from, if they are.
        model: The model that the command line or the configuration asks for.
    """
    parts = [f"{tests:,} prompt tests, {trials:,} trials"]
    if replay is not None:
        parts.append(f"replayed from {replay}")
    elif settings.base_url is not None:
        host = urlsplit(settings.base_url).netloc or settings.base_url
        parts.append(f"to {host}, at most {settings.most_concurrency} at once")
    parts += [] if model is None else [f"model {model}"]
    return f"harness: {', '.join(parts)}"


def identical_lines(findings: Sequence[IdenticalVariants]) -> list[str]:
    """Return a line for each of the first variants that would send the same request."""
    groups = grouped(findings)
    lines = [
        visible(
            f"{group.first.span}: {group.headline}: "
            + "; ".join(shown(reason.words) for reason in group.first.reasons)
        )
        for group in groups[:_MOST_WARNINGS]
    ]
    remaining = len(groups) - len(lines)
    return [*lines, f"… and {remaining:,} more"] if remaining else lines


def result_lines(
    result: app.RunResult, service_seconds: float, cancelled: int, *, has_run_tests: bool
) -> list[str]:
    """Return the summary of a run that ended.

    Args:
        result: The run.
        service_seconds: How long the service took for the trials that tests waited for.
        cancelled: How many trials were sent ahead and given up.
        has_run_tests: Whether a test of a suite ran.
    """
    has_tests = has_suite_tests(result, has_run_tests=has_run_tests)
    lines = app.summary_text(result, may_be_unjudged=not has_tests).split("\n")
    if cancelled:
        lines.append(f"note: {cancelled:,} trials that were sent ahead were given up")
    times = f"{service_seconds:.2f} s of service in {result.seconds:.2f} s"
    if result.seconds:
        times += f" (x{service_seconds / result.seconds:.1f})"
    if result.broken is not None:
        lines.append(f"error: {result.broken}; what came before is kept")
    return [*lines, times, *app.result_notes(result)]


def has_suite_tests(result: app.RunResult, *, has_run_tests: bool) -> bool:
    """Return whether a run had tests of suites, be it that the suites skip them.

    Replies that test functions asked for, they judge themselves.
    """
    return has_run_tests or result.summary.total.counts["skipped"] > 0


def with_baseline(
    compare: Compares,
    result: app.RunResult,
    lines: Sequence[str],
    *,
    has_run_tests: bool,
) -> SessionReport:
    """Return the report of a run, compared with the session's baseline if there is one.

    Args:
        compare: Compares the run with the session's baseline, if there is one.
        result: The run.
        lines: What is to be said of it anyway.
        has_run_tests: Whether a test of a suite was among those that ran.
    """
    problems = list(app.metric_texts(result))
    if has_suite_tests(result, has_run_tests=has_run_tests) and (
        app.run_status(result) is RunStatus.UNJUDGED
    ):
        problems.append("error: no prompt test was judged, so the session fails")
    lines = [*lines, *problems]
    try:
        compared = compare(result)
    except HarnessError as error:
        problems.append(f"error: {shown(error)}")
        return SessionReport([*lines, problems[-1]], has_failed=True, gate="\n".join(problems))
    if compared is None:
        return SessionReport(lines, has_failed=bool(problems), gate="\n".join(problems))
    lines = [*lines, "", *compared.result.text(vocabulary=PYTEST).split("\n"), *compared.notes]
    has_failed = bool(compared.result.reasons or compared.failures or problems)
    verdict = [*compared.result.headlines()[:1], *compared.result.gate(PYTEST)]
    if compared.result.has_regressed:
        problems += verdict
    return SessionReport(lines, has_failed, compared.failures, "\n".join(problems))
