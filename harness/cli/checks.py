"""`harness validate`, `list` and `schema`: the commands about suites that send nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.cli.options import choice, choosing, judging
from harness.cli.plan_warnings import print_warnings, warnings_as_errors, warnings_data
from harness.cli.vocabulary import shown
from harness.errors import BrokenSuitesError
from harness.printable import visible

_VALIDATE_EPILOG = """\b
Examples:
  harness validate suites
  harness validate suites --strict            warnings and notes are errors, too
  harness validate suites/triage.suite.yaml --json
"""
_LIST_EPILOG = """\b
Examples:
  harness list suites
  harness list suites -k "refund and not haiku"
"""
_SCHEMA_EPILOG = """\b
Examples:
  harness schema > schemas/suite.schema.json
  # first line of a suite, for editors:
  # yaml-language-server: $schema=../schemas/suite.schema.json
  harness schema --run > run.schema.json          for programs that read run files
"""


@click.command("validate", epilog=_VALIDATE_EPILOG)
@choosing
@judging
@click.option("--strict", is_flag=True, help="Treat warnings and notes as errors: exit with 2.")
def validate_command(as_json: bool, strict: bool, judge: str | None, **options: Any) -> int:
    """Report every mistake in the suites below PATHS; send nothing.

    Variants of a case that would send the same request, and a limit on cost without a price, are
    warnings; a judge or `--allow-code` that a run would need is a note.
    """
    plan = app.plan_run(choice(options, judge=judge))
    trials = plan.count()
    if strict and (errors := warnings_as_errors(plan)):
        raise BrokenSuitesError(errors)
    numbers = {
        "suites": len(plan.suites),
        "cases": sum(len(suite.cases) for suite in plan.suites),
        "trials": trials,
    }
    if as_json:
        warnings = warnings_data(plan)
        print_json({"exit_code": 0, "errors": [], "warnings": warnings, **numbers})
    else:
        _print_validated(plan, numbers)
    return 0


def _print_validated(plan: app.Plan, numbers: Mapping[str, int]) -> None:
    warnings = print_warnings(plan, on_stderr=False)
    parts = [
        f"{number:,} {name if number != 1 else name.removesuffix('s')}"
        for name, number in numbers.items()
    ]
    result = f"{warnings:,} warning{'' if warnings == 1 else 's'}" if warnings else "no problems"
    click.echo(f"{', '.join(parts)}: {result}")
    for requirement in app.missing_requirements(plan):
        click.echo(f"note: {visible(shown(requirement))}")


@click.command("list", epilog=_LIST_EPILOG)
@choosing
def list_command(as_json: bool, **options: Any) -> int:
    """List the trials that would run, with their calls and maximum cost."""
    plan = app.plan_run(choice(options))
    plan.count()
    if as_json:
        trials = [asdict(trial) for trial in app.planned_trials(plan)]
        print_json({"exit_code": 0, "warnings": warnings_data(plan), "trials": trials})
        return 0
    _print_trials(plan)
    print_warnings(plan, on_stderr=True)
    return 0


def _print_trials(plan: app.Plan) -> None:
    number = calls = judge_calls = tokens_in = tokens_out = unpriced = 0
    cost = 0.0
    for trial in app.planned_trials(plan):
        number += 1
        calls += trial.calls
        judge_calls += trial.judge_calls
        tokens_in += trial.input_tokens
        tokens_out += trial.output_tokens
        unpriced += trial.total_cost is None
        cost += trial.total_cost or 0.0
        click.echo(visible(f"{trial.id}  ({_estimate(trial)})"))
    total = f"{number:,} trials, {calls:,} calls"
    total += f" and {judge_calls:,} of the judge" if judge_calls else ""
    total += f", about {tokens_in:,} tokens in, at most {tokens_out:,} out"
    if unpriced < number:
        total += f", at most {cost:.4f} USD"
    if unpriced:
        total += f"; {unpriced:,} trials have no price (`prices` in the settings)"
    click.echo(total)


def _estimate(trial: app.PlannedTrial) -> str:
    if not trial.calls:
        return "skipped"
    parts = [f"{trial.calls} call{'s' * (trial.calls != 1)}"]
    parts += [f"{trial.judge_calls} of the judge"] if trial.judge_calls else []
    parts += [] if trial.total_cost is None else [f"at most {trial.total_cost:.4f} USD"]
    return ", ".join(parts)


@click.command("schema", epilog=_SCHEMA_EPILOG)
@click.option("--run", "of_run", is_flag=True, help="Print that of run files instead.")
def schema_command(*, of_run: bool) -> int:
    """Print the JSON Schema of suite files, for editors."""
    if of_run:
        from harness.app.report.run_schema import run_schema_text  # no other command reads it

        click.echo(run_schema_text(), nl=False)
    else:
        click.echo(app.schema_text(), nl=False)
    return 0
