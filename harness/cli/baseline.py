"""`harness baseline`: what later runs are compared with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.cli.vocabulary import shown
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.case_result import CaseLabel
from harness.printable import visible

_EPILOG = """\b
Examples:
  harness baseline save latest            writes baselines/main.baseline.jsonl, for git
  harness baseline save ID --name nightly --with-replies
  harness baseline show git:HEAD~1
  harness run suites --baseline main --fail-on regression
"""
_MOST_SHOWN = 20


@click.group("baseline", epilog=_EPILOG)
def baseline_group() -> None:
    """Save, show and list the baselines that runs are compared with."""


@baseline_group.command("save")
@click.argument("run", default=app.LATEST)
@click.option("--name", default="main", show_default=True, help="Name of the baseline.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the file there.  [default: the project's `baselines` folder]",
)
@click.option("--with-measures", is_flag=True, help="Also keep latency, tokens and cost.")
@click.option(
    "--with-replies",
    is_flag=True,
    help="Also keep requests and replies; `run --confirm` needs the requests.",
)
def save_command(
    run: str, name: str, output: Path | None, with_measures: bool, with_replies: bool
) -> int:
    """Save the results of each case of RUN (default: the latest run)."""
    from harness.app.compare import saving  # only this command needs it

    saved = saving.save_baseline(
        run,
        _here(),
        name=name,
        output=output,
        has_measures=with_measures,
        has_replies=with_replies,
    )
    total = sum(saved.counts.values())
    click.echo(f"{visible(str(saved.path))}: {_cases(total)}, {_counts(saved.counts)}")
    for case, before, now in saved.moved[:_MOST_SHOWN]:
        click.echo(visible(f"  {case}: {before} -> {now}"))
    if len(saved.moved) > _MOST_SHOWN:
        click.echo(f"  … and {len(saved.moved) - _MOST_SHOWN:,} more changed their verdict")
    for note in saved.notes:
        click.echo(f"note: {note}")
    return 0


@baseline_group.command("show")
@click.argument("baseline", default="main")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def show_command(baseline: str, as_json: bool) -> int:
    """Show where BASELINE (default: `main`) comes from and what it holds."""
    from harness.app.compare import baselines, saving

    opened = baselines.open_baseline(baseline, app.project_settings(_here()))
    counts = saving.baseline_counts(opened.side)
    if as_json:
        groups = [
            {"suite": suite, "variant": variant, **dict(numbers)}
            for (suite, variant), numbers in sorted(counts.items())
        ]
        print_json({"name": opened.name, **dict(opened.head), "groups": groups})
        return 0
    click.echo(visible(opened.title))
    for (suite, variant), numbers in sorted(counts.items()):
        name = suite if variant == "default" else f"{suite} [{variant}]"
        click.echo(visible(f"  {name}: {_cases(sum(numbers.values()))}, {_counts(numbers)}"))
    return 0


@baseline_group.command("list")
def list_command() -> int:
    """List the baselines of the project."""
    from harness.app.compare import saving

    is_empty, status = True, 0
    for path, file in saving.list_baselines(_here()):
        is_empty = False
        if isinstance(file, StoreError):
            click.echo(f"error: {visible(shown(file))}", err=True)
            status = int(ExitCode.UNUSABLE)
            continue
        when = str(file.head.get("started") or "")[:19]
        click.echo(visible(f"{path}: {_cases(len(file.cases))}, run {file.head.get('run')} {when}"))
    if is_empty:
        click.echo("no baselines yet; `harness baseline save` saves the latest run as one")
    return status


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{numbers[label]:,} {label}" for label in CaseLabel if numbers.get(label))


def _here() -> app.RunOptions:
    return app.RunOptions(paths=[Path()], environment=os.environ)


def _cases(number: int) -> str:
    return f"{number:,} case{'' if number == 1 else 's'}"
