"""`harness cache`: the replies that runs of a project share."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.cli.options import choice, choosing, duration
from harness.printable import visible

_EPILOG = """\b
Examples:
  harness cache stats
  harness cache clear --older-than 10080m
  harness cache explain suites --only refund
"""


@click.group("cache", epilog=_EPILOG)
def cache_group() -> None:
    """Inspect or clear the replies that runs with --cache share."""


@cache_group.command("stats")
def stats_command() -> int:
    """Show how many replies the cache holds, and from when."""
    path, stats = app.cache_stats(_here())
    click.echo(f"{visible(path)}: {stats.replies:,} replies, {stats.bytes:,} bytes")
    if stats.oldest is not None and stats.newest is not None:
        click.echo(f"stored from {_time(stats.oldest)} to {_time(stats.newest)}")
    if stats.cost:
        click.echo(f"worth {stats.cost:.4f} USD")
    return 0


@cache_group.command("clear")
@click.option(
    "--older-than", callback=duration, metavar="TIME", help="Only replies older than this."
)
def clear_command(older_than: float | None) -> int:
    """Remove all replies, or only old ones."""
    removed = app.clear_cache(_here(), older_than)
    click.echo(f"{removed:,} {'reply' if removed == 1 else 'replies'} removed")
    return 0


@cache_group.command("explain")
@choosing
def explain_command(as_json: bool, **options: Any) -> int:
    """Show for each trial below PATHS whether its reply would come from the cache."""
    findings = list(app.explain_cache(app.plan_run(choice(options))))
    if as_json:
        print_json([asdict(finding) for finding in findings])
        return 0
    for finding in findings:
        if finding.is_usable and finding.stored is not None:
            state = f"in the cache since {_time(finding.stored)}"
        elif finding.stored is not None:
            state = f"too old (cache_age): stored {_time(finding.stored)}"
        else:
            state = "not in the cache: no run with --cache got a reply to this request and repeat"
        click.echo(visible(f"{finding.trial}  {state}  (key {finding.key})"))
    return 0


def _here() -> app.RunOptions:
    return app.RunOptions(paths=[Path()], environment=os.environ)


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ006
