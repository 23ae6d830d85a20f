"""`harness compare`."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.cli.options import ERRORS, GATE_BY, MARGIN
from harness.cli.record_notes import print_notes, print_record_notes
from harness.printable import visible

_EPILOG = """\b
Examples:
  harness compare 20261101T101500123-ab12 latest   an earlier run with the latest
  harness compare old.jsonl new.jsonl --markdown summary.md
  harness compare main latest                      a saved baseline with the latest run
  harness compare latest --by model --reference claude-haiku-4-5
  harness compare latest --by temperature --charts charts
  harness compare latest --by prompt               also: vars.tone, max_tokens, …

\b
Exit status: 0 not worse, or inconclusive · 1 regressed · 2 not comparable ·
4 inconclusive, with --require-conclusive
"""
_ADVICE = "compare runs of the same cases and assertions; --force shows the numbers"
_NEW_OBJECTS = 1_000_000  # between two looks of the garbage collector


@click.command("compare", epilog=_EPILOG)
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--by",
    metavar="AXIS",
    help="Compare within one run: by variant, prompt, model, temperature, or another axis.",
)
@click.option(
    "--reference", metavar="LEVEL", help="With --by: the level that the others are compared with."
)
@MARGIN
@GATE_BY
@click.option(
    "--force",
    is_flag=True,
    help="Show the numbers of runs that are not comparable, without a verdict.",
)
@click.option(
    "--require-conclusive", is_flag=True, help="Exit with 4 if the comparison is inconclusive."
)
@click.option(
    "--markdown",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a Markdown report; it is appended to GitHub's job summary.",
)
@click.option(
    "--charts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write SVG charts there: pass rates, score by temperature, score by cost.",
)
@ERRORS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def compare_command(
    old: str,
    new: str | None,
    by: str | None,
    reference: str | None,
    margin: float | None,
    gate_by: str | None,
    force: bool,
    require_conclusive: bool,
    markdown: Path | None,
    charts: Path | None,
    errors: str | None,
    as_json: bool,
) -> int:
    """Compare NEW with OLD, case by case: is it better, worse or equivalent?

    A run is a file, a folder, an id or `latest`; OLD may also be a baseline.
    """
    from harness.app.compare import comparing  # only this command needs it

    if (new is None) == (by is None):
        raise click.UsageError("give two runs, or one run and --by")
    if reference is not None and by is None:
        raise click.UsageError("--reference needs --by")
    if gate_by is not None and by is not None:
        raise click.UsageError("--gate-by goes with two runs, not with --by: leave one out")
    if markdown is not None:
        app.check_report(markdown, None, "markdown")
    gc.set_threshold(_NEW_OBJECTS)  # what is read lives to the end: a look costs a twentieth
    choice = app.RunOptions((), environment=os.environ)
    share = comparing.MARGIN if margin is None else margin / 100
    comparer = comparing.Comparer(share, by_tag=gate_by == "tag")
    excludes = errors == "exclude"
    if by is not None:
        comparisons = comparing.compare_levels(
            old, by, reference, choice, comparer, excludes_errors=excludes
        )
        print_record_notes([old], choice, compared_within=old)
    else:
        comparisons, notes = comparing.compare_runs(
            old, str(new), choice, comparer, excludes_errors=excludes
        )
        print_notes(notes)
    status = comparing.comparison_status(
        comparisons, is_forced=force, needs_conclusion=require_conclusive
    )
    if markdown is not None:
        text = comparing.comparison_markdown(comparisons, is_forced=force)
        app.write_markdown(markdown, text, os.environ)
    drawn = [] if charts is None else comparing.draw(comparisons, charts)
    if as_json:
        data = [comparing.comparison_data(comparison) for comparison in comparisons]
        print_json({"comparisons": data, "exit_code": int(status.exit_code)})
    else:
        click.echo(comparing.comparison_text(comparisons, is_forced=force, advice=_ADVICE))
        for chart in drawn:
            click.echo(f"chart: {visible(str(chart))}")
    return int(status.exit_code)
