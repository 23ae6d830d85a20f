"""A run that ended, in words and as plain data: for a terminal, Markdown, annotations, `--json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.execute.run_result import RunResult
from harness.excerpts import Excerpts
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.model.identical_variants import counted
from harness.printable import visible
from harness.reporting.failures import first_reason, rerun_command
from harness.reporting.rerun_words import rerun_words
from harness.reporting.summary import warnings_of_run
from harness.reporting.terminal import failure_blocks, summary_section, totals_line

if TYPE_CHECKING:
    from harness.app.compare.baseline_result import BaselineResult


def run_status(result: RunResult, compared: BaselineResult | None = None) -> RunStatus:
    """Return how a run ended; what its baseline says goes before its own outcomes."""
    # a run whose record broke off has outcomes that are lost, so it did not finish either
    is_finished = result.stopped is None and result.broken is None
    status = RunStatus.of(result.exit_code, is_finished=is_finished)
    return status if compared is None else status.beside(compared.status)


def failure_texts(result: RunResult, compared: BaselineResult | None = None) -> Iterator[str]:
    """Yield a block of text for each trial that needs a person's attention."""
    problems = result.problems(_known_failures(compared))
    yield from failure_blocks(problems, Excerpts(), result.options())
    yield from metric_texts(result)


def metric_texts(result: RunResult) -> Iterator[str]:
    """Yield a line for each computed metric that is outside its limits."""
    yield from (f"METRIC {visible(metric.line)}" for metric in result.summary.missed)


def run_markdown_text(result: RunResult, compared: BaselineResult | None = None) -> str:
    """Return a run as Markdown, with what its baseline says."""
    from harness.reporting.markdown import run_markdown  # most runs do without

    return run_markdown(
        result.summary,
        result.seconds,
        run_status(result, compared).headline(),
        result.problems(_known_failures(compared)),
        comparison="" if compared is None else compared.markdown(),
        notes=result_notes(result),
        options=result.options(),
    )


def annotation_lines(
    result: RunResult, compared: BaselineResult | None, environment: Mapping[str, str]
) -> list[str]:
    """Return what GitHub Actions shows beside the suites; nothing where it does not run."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return []
    from harness.reporting.annotations import workflow_commands

    problems = result.problems(_known_failures(compared))
    root = Path(environment.get("GITHUB_WORKSPACE") or ".")
    errors, warnings = (
        ([], []) if compared is None else (compared.regressions(), compared.warnings())
    )
    # the head of a record that could not be kept may be gone as well
    identical = () if result.broken else result.head().identical_variants
    if identical:
        warnings = [*warnings, counted(identical)]
    status = run_status(result, compared)
    if status is RunStatus.UNJUDGED:
        errors = [status.headline(), *errors]
    return list(workflow_commands(problems, errors, warnings, root))


def summary_text(result: RunResult, *, may_be_unjudged: bool = False) -> str:
    """Return the table of suites and variants with the totals.

    Args:
        result: The run.
        may_be_unjudged: Whether it is nothing special if no trial was judged.
    """
    heading = "" if may_be_unjudged and _is_unjudged(result) else _heading(result)
    return heading + summary_section(result.summary, result.seconds)


def totals_text(result: RunResult) -> str:
    """Return the run in one line, below a heading if it ended in an unusual way."""
    return _heading(result) + totals_line(result.summary, result.seconds)


def result_notes(result: RunResult) -> list[str]:
    """Return what else a person should know: who served the run, and where its record is."""
    # the head of a record that could not be kept may be gone as well
    notes = (
        []
        if result.broken
        else [f"note: {visible(note)}" for note in warnings_of_run(result.head())]
    )
    if result.is_simulated:
        notes.append("note: served by the built-in simulator; no model was asked")
    if result.set_aside is not None:
        notes.append(f"note: an older run file was renamed to {visible(str(result.set_aside))}")
    if result.unlisted is not None:
        notes.append(f"note: {visible(result.unlisted)}")
    notes += [f"note: {visible(note)}" for note in result.notes]
    return [*notes, f"record: {visible(str(result.run_file))}"]


def result_data(result: RunResult, compared: BaselineResult | None = None) -> dict[str, Any]:
    """Return the result as plain data."""
    head, status = result.head(), run_status(result, compared)
    options, unfinished = rerun_words(head.options), result.summary.unfinished
    return {
        "exit_code": int(status.exit_code),
        "status": status.value,
        "baseline": None if compared is None else compared.data(),
        "seconds": result.seconds,
        "simulated": result.is_simulated,
        "run_file": str(result.run_file),
        "planned": result.planned,
        "stopped": _why_stopped(result, compared),
        "error": result.broken,
        **result.summary.as_data(),
        **({"unfinished": unfinished.as_data()} if unfinished else {}),
        "identical_variants": [found.as_data() for found in head.identical_variants],
        "unstable": [case.as_data() for case in result.summary.unstable],
        "problems": [
            {
                "id": record["id"],
                "outcome": record["outcome"],
                "path": record["path"],
                "line": record["line"],
                "reason": first_reason(record),
                "rerun": rerun_command(record, options),
            }
            for record in result.problems(_known_failures(compared))
        ],
    }


def _why_stopped(result: RunResult, compared: BaselineResult | None) -> str | None:
    if result.stopped is not None:
        return result.stopped.why
    return None if compared is None else compared.stopped


def _known_failures(compared: BaselineResult | None) -> frozenset[CaseKey]:
    return frozenset() if compared is None else compared.known_failures


def _heading(result: RunResult) -> str:
    """Return a line for what the counts below it do not show: an early end, or an empty one."""
    if _is_unjudged(result):
        return f"{RunStatus.UNJUDGED.headline()}\n"
    if result.stopped is None:
        return ""
    missing = result.planned - result.summary.total.trials
    is_interrupted = run_status(result) is RunStatus.INTERRUPTED
    # what stopped the run may also have failed it, as a key that was refused: say that it stopped
    word = (RunStatus.INTERRUPTED if is_interrupted else RunStatus.STOPPED).headline()
    # whoever pressed Ctrl-C knows why
    why = "" if is_interrupted else f"{visible(result.stopped.why)}; "
    if not missing:  # as with pytest's -x: it waits for what was sent, and sends no more
        return f"{word}: {why}all trials that were sent ended\n"
    return f"{word}: {why}{missing:,} of {result.planned:,} trials did not end\n"


def _is_unjudged(result: RunResult) -> bool:
    return run_status(result) is RunStatus.UNJUDGED
