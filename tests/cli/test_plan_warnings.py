"""How the command line says which variants would send the same request."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from harness.cli.plan_warnings import print_warnings, warnings_as_errors, warnings_data
from tests.support.suites import plan_of, write_cases

HEAD = "matrix: {temperature: [0, 0.7]}\n"
FIXED = "  - {id: fixed, prompt: Hi, request: {temperature: 1}}\n"


def test_a_warning_names_the_axis_the_value_that_wins_and_a_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_cases(tmp_path, FIXED, HEAD)

    number = print_warnings(plan_of(path), on_stderr=True)

    output = capsys.readouterr()
    assert (number, output.out) == (1, "")
    assert click.unstyle(output.err) == (
        f"warning: {path}:3:10: the variants `0` and `0.7` of the case `fixed`"
        " send the same request\n"
        f"  the case sets `temperature` itself ({path}:5:39)\n"
        "  fix: remove `temperature` from one of the two places\n"
    )


def test_an_option_that_wins_is_spelled_as_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_cases(tmp_path, FIXED, HEAD)

    print_warnings(plan_of(path, assignments=["request.temperature=0"]), on_stderr=False)

    assert "`--set request.temperature` wins over the variants" in capsys.readouterr().out


def test_five_warnings_are_printed_and_the_others_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"v{number}" for number in range(8)]
    variables = ", ".join(f"{name}: {{vars: {{{name}: 1}}}}" for name in names)
    cases = "".join(
        f"  - {{id: c{n}, prompt: '{{{{ v{n} is defined }}}}', vars: {{}}}}\n" for n in range(8)
    )
    plan = plan_of(write_cases(tmp_path, cases, f"variants: {{{variables}}}\n"))

    number = print_warnings(plan, on_stderr=False)

    printed = click.unstyle(capsys.readouterr().out)
    assert number == len(warnings_data(plan)) == 8
    assert printed.count("warning: ") == 5
    assert printed.endswith("… and 3 more; `harness validate --json` has all\n")


def test_the_data_of_a_warning_have_its_text(tmp_path: Path) -> None:
    path = write_cases(tmp_path, FIXED, HEAD)

    (warning,) = warnings_data(plan_of(path))

    assert (warning["path"], warning["line"], warning["column"]) == (str(path), 3, 10)
    assert (warning["variants"], warning["cases"]) == (["0", "0.7"], 1)
    (reason,) = warning["reasons"]
    assert (reason["cause"], reason["line"]) == ("case", 5)
    assert warning["problem"].endswith(f"send the same request: {reason['text']}")


def test_strictly_every_warning_and_note_is_an_error(tmp_path: Path) -> None:
    judged = "  - {id: judged, prompt: Hi, assert: [{judge: It is kind.}]}\n"
    coded = '  - {id: coded, prompt: Hi, assert: [{python: "checks.py:fine"}]}\n'
    (tmp_path / "checks.py").write_text("def fine(output): return True\n")
    path = write_cases(tmp_path, FIXED + judged + coded, HEAD)

    same, missing, forbidden = warnings_as_errors(plan_of(path))

    assert "send the same request: the case sets `temperature` itself" in same.problem
    assert str(missing.span) == f"{path}:6:40"
    assert missing.problem == "this assertion needs a judge model, but none is configured"
    assert str(forbidden.span).startswith(f"{path}:7:")
    assert forbidden.problem.endswith("would run code of the project, which is not allowed")
