"""`harness probe`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.printable import visible

if TYPE_CHECKING:
    from harness.app.execute.probing import ProbePlan

_EPILOG = """\b
Examples:
  harness probe claude-haiku-4-5
  harness probe gemma3 --base-url http://127.0.0.1:8080 --auth none
  harness probe claude-haiku-4-5 --max-cost 0.02 --markdown probe.md
"""


@click.command("probe", epilog=_EPILOG)
@click.argument("model")
@click.option("--base-url", help="API server; `simulator` is the built-in one.")
@click.option(
    "--auth",
    type=click.Choice(["bearer", "x-api-key", "none"]),
    help="How the key is sent.  [default: `auth` of the settings]",
)
@click.option("--concurrency", help="Maximum number of requests in flight.")
@click.option(
    "--max-cost", type=click.FloatRange(0), metavar="USD", help="Send nothing if it may cost more."
)
@click.option(
    "--markdown", type=click.Path(path_type=Path, dir_okay=False), help="Write the table to a file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def probe_command(
    model: str, max_cost: float | None, markdown: Path | None, *, as_json: bool, **flags: Any
) -> int:
    """Find out what the server really does with what a suite may ask MODEL for.

    Some twenty small requests show for each part of the API whether it is honoured, ignored or
    refused, each with evidence. Later runs warn where a suite uses what was ignored or refused.
    """
    from harness.app.execute import probing  # only this command needs it

    if markdown is not None:
        app.check_report(markdown, None, "markdown")  # before anything is paid
    settings = app.project_settings(app.RunOptions((), flags=flags, environment=os.environ))
    plan = probing.plan_probe(settings, model, max_cost)
    if not as_json:
        click.echo(_announcement(plan), err=True)
    report = probing.probe(plan, _progress(plan.calls, is_shown=not as_json))
    if markdown is not None:
        app.write_markdown(markdown, probing.probe_markdown(report), os.environ)
    if as_json:
        print_json({"exit_code": 0, **report.as_data()})
    else:
        click.echo(probing.probe_text(report))
    return 0


def _announcement(plan: ProbePlan) -> str:
    asked, answered = plan.tokens
    cost = "" if plan.cost is None else f", {plan.cost:.4f} USD"
    return visible(
        f"{plan.calls} requests to {plan.settings.base_url} with {plan.model}: up to about"
        f" {asked:,} + {answered:,} tokens{cost}"
    )


def _progress(calls: int, *, is_shown: bool) -> Callable[[int], None]:
    """Return what shows how many requests have ended, on a terminal in one line."""
    if not is_shown or not sys.stderr.isatty():
        return lambda _: None

    def show(number: int) -> None:
        end = "\n" if number == calls else ""
        click.echo(f"\r{number} of {calls} answered{end}", err=True, nl=False)

    return show
