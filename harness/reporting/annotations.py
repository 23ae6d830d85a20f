"""Workflow commands of GitHub Actions: what did not pass, at its line in the suite."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.model.record import OutcomeRecord
from harness.printable import visible
from harness.reporting.failures import by_case, first_reason, line_of

MOST = 50  # a step shows ten of a kind, a job fifty
_LONGEST = 1_000
_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def workflow_commands(
    problems: Iterable[OutcomeRecord],
    errors: Iterable[str] = (),
    warnings: Iterable[str] = (),
    root: Path = Path(),
) -> Iterator[str]:
    """Yield a workflow command for each case that did not pass, then one for each warning.

    Args:
        problems: Its trials, in suite order.
        errors: What else failed the run; shown first.
        warnings: What else a reader should know.
        root: The folder of the repository, that paths are relative to.

    Source:
        GitHub, "Workflow commands for GitHub Actions"; what is escaped, from actions/toolkit.
    """
    for error in errors:
        yield f"::error title=harness::{_with(_IN_MESSAGES, error)}"
    remaining = 0
    for number, (record, repeats) in enumerate(by_case(problems)):
        if number < MOST:
            yield _error(record, repeats, root)
        else:
            remaining += 1
    if remaining:
        yield f"::notice::{remaining:,} more cases did not pass"
    for warning in warnings:
        yield f"::warning title=harness::{_with(_IN_MESSAGES, warning)}"


def _error(record: OutcomeRecord, repeats: int, root: Path) -> str:
    path = Path(os.path.relpath(record["path"], root)).as_posix()
    location = f"file={_with(_IN_PROPERTIES, path)},line={line_of(record)}"
    count = f" ({repeats} of {record['repeats']} repeats)" if record["repeats"] > 1 else ""
    name = record["id"].partition("#")[0]
    title = _with(_IN_PROPERTIES, f"{record['outcome']}: {name}{count}")
    message = _with(_IN_MESSAGES, first_reason(record)[:_LONGEST])
    return f"::error {location},title={title}::{message}"


def _with(signs: dict[str, str], text: str) -> str:
    shown = visible(text)
    for sign, written in signs.items():
        shown = shown.replace(sign, written)
    return shown
