"""A run from its plan to what is said of it: on the terminal, in files, by the exit status."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import app
from harness.cli.baseline_options import BaselineOptions
from harness.cli.vocabulary import shown
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.source import visible

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck, BaselineResult


@dataclass(frozen=True, slots=True)
class Reports:
    """What is to be said about a run, and where."""

    run_file: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    is_quiet: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> Reports:
        """Take the reports out of a command's options."""
        names = ("run_file", "junit", "markdown", "html", "csv", "quiet", "as_json")
        return cls(*(options.pop(name) for name in names))

    def check(self) -> None:
        """Make sure that the files can be written.

        Raises:
            SettingsError: One of them cannot.
        """
        for name, path in self.files().items():
            app.check_report(path, self.run_file, name)

    def files(self) -> dict[str, Path]:
        """Return the reports that are written beside the record, by their options."""
        named = {
            "junit": self.junit,
            "markdown": self.markdown,
            "html": self.html,
            "csv": self.csv,
        }
        return {name: path for name, path in named.items() if path is not None}


def report_run(
    chosen: app.RunOptions,
    sources: app.Sources,
    budget: app.Budget,
    reports: Reports,
    options: BaselineOptions,
) -> int:
    """Run what was chosen, say what came of it, and return the exit status."""
    outputs = app.OutputOptions(run_file=reports.run_file, command=sys.argv)
    if not reports.is_quiet and not reports.as_json:
        show = partial(app.progress_on, sys.stderr)
        outputs = app.OutputOptions(run_file=reports.run_file, command=sys.argv, progress=show)
    plan = app.plan(chosen)
    reports.check()
    gate = options.gate(plan, is_offline=sources.is_offline or not sources.allow_requests)
    gc.freeze()  # suites live to the end; looking through them again and again costs 10 %
    result = app.run(plan, outputs, budget, sources)
    trouble = [] if result.broken is None else [result.broken]
    held = _compared(gate, plan, result, budget, outputs, trouble)
    return tell_result(result, held, reports, trouble)


def tell_result(
    result: app.RunResult, held: BaselineResult | None, reports: Reports, known: Sequence[str] = ()
) -> int:
    """Say what came of a run, here and in files, and return the exit status.

    Args:
        result: The run.
        held: What its baseline has to say.
        reports: What to say where.
        known: What went wrong until now.
    """
    trouble = list(known)
    if result.broken is None:
        trouble += _written(result, held, reports)
    status = int(result.exit_code if held is None else held.exit_code)
    if reports.as_json:
        trouble += _tried(lambda: _print_document(result, held, reports, trouble))
    else:
        trouble += _tried(lambda: _print_result(result, held, reports))
        for each in trouble:
            click.echo(f"error: {visible(each)}; what came before is kept", err=True)
    trouble += _tried(lambda: _annotate(result, held, reports))
    return status if not trouble else max(status, int(ExitCode.ERRORED))


def _annotate(result: app.RunResult, held: BaselineResult | None, reports: Reports) -> None:
    for line in app.annotation_lines(result, held, os.environ):
        click.echo(line, err=reports.as_json)


def _compared(
    gate: BaselineCheck | None,
    plan: app.Plan,
    result: app.RunResult,
    budget: app.Budget,
    outputs: app.OutputOptions,
    trouble: list[str],
) -> BaselineResult | None:
    if gate is None:
        return None
    from harness.app.compare import baseline_check

    try:
        return baseline_check.check_run(gate, plan, result, budget, outputs)
    except StoreError as error:
        trouble.append(shown(error))
        return None


def _written(result: app.RunResult, held: BaselineResult | None, reports: Reports) -> list[str]:
    """Write the reports that are files; return what went wrong."""
    trouble = []
    junit, markdown, html, csv = reports.junit, reports.markdown, reports.html, reports.csv
    if junit is not None:
        trouble += _tried(lambda: app.write_junit(result.run_file, junit))
    if markdown is not None:
        trouble += _tried(lambda: app.write_text(markdown, app.run_markdown_text(result, held)))
    if html is not None or csv is not None:
        from harness.app.report import files as writing  # most runs do without

        if html is not None:
            trouble += _tried(lambda: writing.write_html(result.run_file, html, held))
        if csv is not None:
            trouble += _tried(lambda: writing.write_table(result.run_file, csv, "csv"))
    return trouble


def _tried(action: Callable[[], None]) -> list[str]:
    """Do something after a run; what goes wrong then must not hide the run's results."""
    try:
        action()
    except StoreError as error:
        return [shown(error)]
    return []


def _print_document(
    result: app.RunResult, held: BaselineResult | None, reports: Reports, trouble: Sequence[str]
) -> None:
    files = reports.files()
    document = {
        **app.result_data(result, held),
        "junit": None,
        "markdown": None,
        "html": None,
        "csv": None,
        **{name: str(path) for name, path in files.items()},
    }
    if trouble:
        document |= {"error": "; ".join(trouble), "exit_code": int(ExitCode.ERRORED)}
    print(json.dumps(document, indent=2))


def _print_result(result: app.RunResult, held: BaselineResult | None, reports: Reports) -> None:
    broken = _tried(lambda: _print_failures(result, held))
    click.echo(app.totals_text(result) if reports.is_quiet else app.summary_text(result))
    if held is not None:
        click.echo(f"\n{held.text(is_short=reports.is_quiet)}\n")
    for note in app.result_notes(result):
        click.echo(note)
    if result.broken is None:
        for path in reports.files().values():
            click.echo(f"report: {visible(str(path))}")
        if reports.html is not None:
            from harness.app.report.files import page_notes  # most runs do without

            for note in page_notes(reports.html):
                click.echo(visible(note))
    if broken and result.broken is None:
        raise StoreError(broken[0])


def _print_failures(result: app.RunResult, held: BaselineResult | None) -> None:
    for block in app.failure_texts(result, held):
        head, newline, rest = block.partition("\n")
        click.echo(f"{click.style(head, fg='red', bold=True)}{newline}{rest}\n")
    if held is not None and held.known_failures:
        known = len(held.known_failures)
        number = f"{known:,} failing case{'' if known == 1 else 's'}"
        click.echo(f"{number} of the baseline are not shown (--fail-on regression)")
