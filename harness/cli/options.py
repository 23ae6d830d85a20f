"""Options that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from harness import app
from harness.cli.vocabulary import shown
from harness.errors import HarnessError


def duration(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Return the seconds of a time such as `250ms`, `5s` or `2m`."""
    if value is None:
        return None
    try:
        return app.read_duration(value)
    except HarnessError as error:
        raise click.BadParameter(f"{shown(error)}; write `250ms`, `5s` or `2m`") from error


def number(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Return a number; click also takes `nan`, which no range refuses."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("write a number of points")
    return value


def amount(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    """Return an amount; click also takes `nan` and `inf`, which no cost ever reaches."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not an amount; write USD above 0, such as `0.50`")
    return value


Command = TypeVar("Command", bound=Callable[..., Any])

allowing_code = click.option(
    "--allow-code/--no-allow-code",
    default=None,
    help="Let `python` expectations run project code, with your permissions.",
)
judging = click.option("--judge", metavar="MODEL", help="Judge model, for suites that name none.")

_SHARED = (
    click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path)),
    click.option(
        "-k",
        "keyword",
        metavar="EXPR",
        help="Select by words in trial ids: `refund and not haiku`.",
    ),
    click.option("--tag", "tags", multiple=True, help="Select by tag; repeatable."),
    click.option(
        "--only",
        multiple=True,
        metavar="ID",
        help="Select by id: `refund`, `triage::refund[haiku-4-5]#2`; repeatable.",
    ),
    click.option(
        "--shard",
        metavar="I/N",
        help="Run one of N equal shares, such as `2/5`; `harness merge` joins them.",
    ),
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="KEY=VALUE",
        help="Set for all suites: `request.temperature=0`, `vars.company=Acme`; repeatable.",
    ),
    allowing_code,
    click.option("--repeat", type=int, help="Trials per case and variant."),
    click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
    ),
)
MARGIN = click.option(
    "--margin",
    type=click.FloatRange(0, 100, min_open=True),
    callback=number,
    metavar="POINTS",
    help="Changes of the pass rate up to this count as equivalent, and a regression that is"
    " surely smaller passes.  [default: 5]",
)
ERRORS = click.option(
    "--errors",
    type=click.Choice(["fail", "exclude"]),
    help="Count errored trials of the new run as failures, or exclude them; those of the old run"
    " are never evidence.  [default: fail]",
)
GATE_BY = click.option(
    "--gate-by", type=click.Choice(["tag"]), help="Give each tag a verdict of its own."
)
FAIL_ON = click.option(
    "--fail-on",
    type=click.Choice(["failed", "broken", "regression"]),
    help="With --baseline: fail on every failed case; on cases that passed in the baseline or"
    " are new, and fail; or on a regression alone. A regression fails in all of them."
    "  [default: failed]",
)
_BASELINE = (
    click.option(
        "--baseline",
        metavar="BASELINE",
        help="Compare with a saved baseline (name, file or git:REV), a run, or `latest`;"
        " a regression exits with 1.",
    ),
    FAIL_ON,
    click.option(
        "--require-conclusive",
        is_flag=True,
        help="With --baseline: exit with 4 if the comparison is inconclusive.",
    ),
    MARGIN,
    ERRORS,
    GATE_BY,
)
confirming = click.option(
    "--confirm",
    type=click.IntRange(1, 100),
    metavar="N",
    help="With --baseline: ask cases whose verdict flipped again, N times; what passes again does"
    " not count as broken.",
)
_REPORTS = (
    click.option(
        "--run-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the record there.  [default: a new folder under the reports]",
    ),
    click.option(
        "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write a JUnit XML report."
    ),
    click.option(
        "--markdown",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write a Markdown report, for a pull request; it is appended to GitHub's job summary.",
    ),
    click.option(
        "--html",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the page to review the run with: one file, works offline.",
    ),
    click.option(
        "--csv",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write a CSV table of the trials.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Print only failures and one line of totals."),
)


def choosing(command: Command) -> Command:
    """Add the paths and the options that select trials."""
    return _with(_SHARED, command)


def reporting(command: Command) -> Command:
    """Add the options for the record and the reports of a run."""
    return _with(_REPORTS, command)


def comparing_with_baseline(command: Command) -> Command:
    """Add the options that compare a run with a baseline."""
    return _with(_BASELINE, command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def choice(options: dict[str, Any], **flags: Any) -> app.RunOptions:
    """Return what the options of `choosing` choose, with settings that are given as flags."""
    return app.RunOptions(
        paths=options["paths"],
        keyword=options["keyword"],
        tags=options["tags"],
        only=options["only"],
        shard=options["shard"],
        assignments=options["assignments"],
        repeat=options["repeat"],
        flags={**flags, "allow_code": options["allow_code"]},
        environment=os.environ,
    )
