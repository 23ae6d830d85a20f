"""Prints errors: for people with an excerpt of the suite, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from harness.cli.json_documents import print_json
from harness.cli.vocabulary import shown
from harness.errors import BrokenSuitesError, HarnessError, SettingsError, SuiteError
from harness.excerpts import Excerpts
from harness.exit_code import ExitCode, RunStatus
from harness.printable import visible
from harness.wording import Wording


def show_error(error: HarnessError, status: ExitCode, *, as_json: bool) -> None:
    """Print an error: for people on standard error, or as a JSON document on standard output."""
    if as_json:
        print_json({"exit_code": int(status), "errors": list(_as_data(error))})
    else:
        click.echo(_as_text(error), err=True)


def show_nothing_to_do(message: str | Wording, status: ExitCode, *, as_json: bool) -> None:
    """Say on standard output that there was nothing to do, and how what was done before ended."""
    words = shown(message)
    if as_json:
        ended = RunStatus.of(status, is_finished=status is not ExitCode.STOPPED)
        document = {"exit_code": int(status), "status": ended, "errors": [], "note": words}
        print_json(document)
    else:
        click.echo(visible(words))


def _as_text(error: HarnessError) -> str:
    if isinstance(error, BrokenSuitesError):
        excerpts = Excerpts()
        parts = [_located(suite_error, excerpts) for suite_error in error.errors]
        count = len(parts)
        parts.append(f"{count} problem{'' if count == 1 else 's'}; nothing was sent")
        return "\n\n".join(parts)
    if isinstance(error, SettingsError):
        return (
            f"{_red('error')}: {visible(shown(error.problem))}\n  fix: {visible(shown(error.fix))}"
        )
    return f"{_red('error')}: {visible(shown(error))}"


def _located(error: SuiteError, excerpts: Excerpts) -> str:
    location = click.style(visible(str(error.span)), bold=True)
    problem = visible(error.problem).replace("\n", "\\n")
    excerpt = excerpts.of(error.span)
    lines = [
        f"{location}: {problem}",
        *([excerpt] if excerpt else []),
        f"  fix: {visible(shown(error.fix))}",
    ]
    return "\n".join(lines)


def _red(text: str) -> str:
    return click.style(text, fg="red", bold=True)


def _as_data(error: HarnessError) -> Iterable[dict[str, Any]]:
    if isinstance(error, BrokenSuitesError):
        for suite_error in error.errors:
            yield {
                "path": str(suite_error.span.path),
                "line": suite_error.span.line,
                "column": suite_error.span.column,
                "problem": suite_error.problem,
                "fix": shown(suite_error.fix),
            }
    elif isinstance(error, SettingsError):
        yield {"problem": shown(error.problem), "fix": shown(error.fix)}
    else:
        yield {"problem": shown(error)}
