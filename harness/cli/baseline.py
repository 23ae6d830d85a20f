"""`harness baseline`: what later runs are compared with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import click

from harness import app
from harness.cli.vocabulary import shown
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.source import visible

_EPILOG = """\b
Examples:
  harness baseline save latest            into baselines/main.baseline.jsonl, for git
  harness baseline save ID --name nightly --with-replies
  harness baseline show git:HEAD~1
  harness run suites --baseline main --fail-on regression
"""
_LABELS = ("passed", "failed", "errored", "flaky")
_MOST_SHOWN = 20


@click.group("baseline", epilog=_EPILOG)
def baseline_group() -> None:
    """Save, show and list what runs are compared with."""


@baseline_group.command("save")
@click.argument("run", default=app.LATEST)
@click.option("--name", default="main", show_default=True, help="What it is to be called.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where it goes, if not into the project's `baselines`.",
)
@click.option("--with-measures", is_flag=True, help="Keep latency, tokens and cost too.")
@click.option(
    "--with-replies",
    is_flag=True,
    help="Keep what was sent and said too; --confirm needs what was sent.",
)
def save_command(
    run: str, name: str, output: Path | None, with_measures: bool, with_replies: bool
) -> int:
    """Save what RUN (the newest without it) has to say of each case."""
    from harness.app.compare import baselines  # no other command waits for it

    saved = baselines.save_baseline(
        run,
        _here(),
        name=name,
        output=output,
        has_measures=with_measures,
        has_replies=with_replies,
    )
    total = sum(saved.counts.values())
    click.echo(f"{visible(str(saved.path))}: {total:,} cases, {_counts(saved.counts)}")
    for case, before, now in saved.moved[:_MOST_SHOWN]:
        click.echo(visible(f"  {case}: {before} -> {now}"))
    if len(saved.moved) > _MOST_SHOWN:
        click.echo(f"  … and {len(saved.moved) - _MOST_SHOWN:,} more changed their verdict")
    for note in saved.notes:
        click.echo(f"note: {note}")
    return 0


@baseline_group.command("show")
@click.argument("baseline", default="main")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, nothing else.")
def show_command(baseline: str, as_json: bool) -> int:
    """Say where BASELINE (`main` without it) comes from and what it holds."""
    from harness.app.compare import baselines

    found = baselines.open_baseline(baseline, app.project_settings(_here()))
    counts = baselines.baseline_counts(found.side)
    if as_json:
        groups = [
            {"suite": suite, "variant": variant, **dict(numbers)}
            for (suite, variant), numbers in sorted(counts.items())
        ]
        print(json.dumps({"name": found.name, **dict(found.head), "groups": groups}, indent=2))
        return 0
    click.echo(visible(found.title))
    for (suite, variant), numbers in sorted(counts.items()):
        place = suite if variant == "default" else f"{suite} [{variant}]"
        click.echo(visible(f"  {place}: {sum(numbers.values()):,} cases, {_counts(numbers)}"))
    return 0


@baseline_group.command("list")
def list_command() -> int:
    """List the baselines of the project."""
    from harness.app.compare import baselines

    is_empty, status = True, 0
    for path, file in baselines.list_baselines(_here()):
        is_empty = False
        if isinstance(file, StoreError):
            click.echo(f"error: {visible(shown(file))}", err=True)
            status = int(ExitCode.UNUSABLE)
            continue
        when = str(file.head.get("started") or "")[:19]
        click.echo(visible(f"{path}: {len(file.cases):,} cases, run {file.head.get('run')} {when}"))
    if is_empty:
        click.echo("there is no baseline yet; `harness baseline save` makes one of the newest run")
    return status


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{numbers[each]:,} {each}" for each in _LABELS if numbers.get(each))


def _here() -> app.RunOptions:
    return app.RunOptions(paths=[Path()], environment=os.environ)
