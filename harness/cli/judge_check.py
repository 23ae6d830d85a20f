"""`harness judge-check`."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import app
from harness.cli.json_documents import print_json
from harness.exit_code import ExitCode
from harness.printable import visible

if TYPE_CHECKING:
    from harness.app.compare.judge_agreement import JudgeCheck

_MOST_SHOWN = 10
_EPILOG = """\b
Each line of FILE: {"output": "…", "pass": true, "assert": {"judge": "…"}}

\b
Examples:
  harness judge-check labelled.jsonl --judge claude-opus-4-6
  harness judge-check labelled.jsonl --rubric "It is polite." --min-kappa 0.6
"""


@click.command("judge-check", epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--judge", metavar="MODEL", help="Judge model.  [default: `judge` of the settings]")
@click.option("--rubric", help="Rubric for lines without `assert`.")
@click.option("--base-url", help="API server; `simulator` is the built-in one.")
@click.option("--concurrency", help="Maximum number of requests in flight.")
@click.option(
    "--cache/--no-cache", default=None, help="Reuse answers to the same question across runs."
)
@click.option(
    "--min-kappa",
    type=click.FloatRange(-1, 1),
    metavar="K",
    help="Exit with 1 unless the 95 % interval of kappa begins at this or above.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def judge_check_command(
    file: Path, rubric: str | None, min_kappa: float | None, *, as_json: bool, **flags: Any
) -> int:
    """Compare a judge with the human labels in FILE: agreement, kappa, rates, disputed lines."""
    from harness.app.compare import judge_agreement  # only this command needs it

    labelled = judge_agreement.read_labelled(file, rubric)
    show = partial(app.progress_on, sys.stderr)
    outputs = app.OutputOptions(command=sys.argv)
    if not as_json:
        outputs = app.OutputOptions(command=sys.argv, progress=show)
    chosen = app.RunOptions((file,), flags=flags, environment=os.environ)
    check = judge_agreement.check_judge(labelled, chosen, outputs)
    shortfall = "" if min_kappa is None else check.shortfall(min_kappa)
    status = (
        ExitCode.FAILED if shortfall else ExitCode.ERRORED if check.errored else ExitCode.PASSED
    )
    if check.unfinished:
        status = check.result.exit_code
    if as_json:
        gate = {"min_kappa": min_kappa, "shortfall": shortfall or None}
        print_json({"exit_code": int(status), **gate, **check.as_data()})
    else:
        for line in _lines(check, shortfall):
            click.echo(visible(line))
    return int(status)


def _lines(check: JudgeCheck, shortfall: str) -> list[str]:
    agreement = check.agreement
    width = max(len(f"{agreement.n:,}"), 4)
    first, second = width + 6, width + 2  # the columns stand under "judge: pass" and "fail"
    lines = [
        f"{'':16} judge: pass   fail",
        f"people: pass     {agreement.both_pass:>{first},} {agreement.only_people:>{second},}",
        f"people: fail     {agreement.only_judge:>{first},} {agreement.both_fail:>{second},}",
        "",
    ]
    lines += check.lines
    lines += [f"failed: {shortfall}"] if shortfall else []
    if check.errored:
        lines.append(f"{check.errored:,} could not be judged")
    for name, people, reason in check.disputed[:_MOST_SHOWN]:
        label = "pass" if people else "fail"
        lines.append(f"  {name}: people say {label}; {reason}")
    remaining = len(check.disputed) - _MOST_SHOWN
    lines += [f"  … and {remaining:,} more"] if remaining > 0 else []
    lines += [f"unfinished: {check.unfinished}"] if check.unfinished else []
    return [*lines, f"record: {check.result.run_file}"]
