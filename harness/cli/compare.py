"""`harness compare`."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import click

from harness import app
from harness.source import visible

_EPILOG = """\b
Examples:
  harness compare 20261101T101500123-ab12 latest   an earlier run and the newest
  harness compare old.jsonl new.jsonl --markdown summary.md
  harness compare main latest                      a saved baseline and the newest run
  harness compare latest --by model --reference claude-haiku-4-5
  harness compare latest --by temperature --pictures pictures

\b
Exit status: 0 not worse, or not to tell · 1 regressed · 2 not comparable ·
4 not to tell, with --require-conclusive
"""
_ADVICE = "compare runs of the same cases and assertions; --force shows the numbers"
_LEVELS = click.Choice(["variant", "model", "temperature"])


@click.command("compare", epilog=_EPILOG)
@click.argument("old")
@click.argument("new", required=False)
@click.option("--by", type=_LEVELS, help="Compare the levels of this inside one run.")
@click.option("--reference", metavar="LEVEL", help="With --by: what the others are compared with.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 100, min_open=True),
    default=5.0,
    show_default=True,
    metavar="POINTS",
    help="Changes of pass rate that do not matter.",
)
@click.option("--force", is_flag=True, help="Show numbers, without a verdict, where there is none.")
@click.option("--require-conclusive", is_flag=True, help="Exit with 4 if it cannot be told.")
@click.option(
    "--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write Markdown there."
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Draw pass rates, score against temperature and score against cost there, as SVG.",
)
@click.option(
    "--errors",
    type=click.Choice(["fail", "exclude"]),
    default="fail",
    show_default=True,
    help="Whether a trial that errored counts as a failure or is left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, nothing else.")
def compare_command(
    old: str,
    new: str | None,
    by: str | None,
    reference: str | None,
    margin: float,
    force: bool,
    require_conclusive: bool,
    markdown: Path | None,
    pictures: Path | None,
    errors: str,
    as_json: bool,
) -> int:
    """Say whether NEW is better or worse than OLD, case by case.

    A run is a file, a folder, an id or `latest`; OLD may be a baseline too.
    """
    from harness.app.compare import comparing  # no other command waits for it

    if (new is None) == (by is None):
        raise click.UsageError("name two runs, or one run and --by")
    if reference is not None and by is None:
        raise click.UsageError("--reference goes with --by")
    if math.isnan(margin):
        raise click.UsageError("--margin is a number of points")
    choice, comparer = app.RunOptions((), environment=os.environ), comparing.Comparer(margin / 100)
    excludes = errors == "exclude"
    if by is not None:
        comparisons = comparing.compare_levels(
            old, by, reference, choice, comparer, excludes_errors=excludes
        )
    else:
        comparisons = comparing.compare_runs(
            old, str(new), choice, comparer, excludes_errors=excludes
        )
    status = comparing.comparison_status(
        comparisons, is_forced=force, needs_conclusion=require_conclusive
    )
    if markdown is not None:
        text = comparing.comparison_markdown(comparisons, is_forced=force)
        app.write_text(markdown, text)
    drawn = [] if pictures is None else comparing.draw(comparisons, pictures)
    if as_json:
        data = [comparing.comparison_data(comparison) for comparison in comparisons]
        print(json.dumps({"comparisons": data, "exit_code": int(status)}, indent=2))
    else:
        texts = [
            comparing.comparison_text(comparison, is_forced=force, advice=_ADVICE)
            for comparison in comparisons
        ]
        click.echo("\n\n".join(texts))
        for picture in drawn:
            click.echo(f"picture: {visible(str(picture))}")
    return int(status)
