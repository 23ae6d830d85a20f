from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from harness.cli.messages import show_error, show_nothing_to_do
from harness.errors import BrokenSuitesError, SettingsError, StoreError, SuiteError
from harness.exit_code import ExitCode
from harness.source import Span
from harness.wording import RESUME, Option, Wording

BAD_JUDGE = SettingsError("no judge", Wording("set {judge}", judge=Option("judge", "MODEL")))
TORN = StoreError(Wording("r.jsonl is torn; `{resume}` completes it", resume=RESUME))


def shown_error(
    error: SettingsError | StoreError | BrokenSuitesError, capsys: pytest.CaptureFixture[str]
) -> str:
    show_error(error, ExitCode.UNUSABLE, as_json=False)
    output = capsys.readouterr()
    assert output.out == ""
    return click.unstyle(output.err)


def test_an_error_of_the_settings_is_shown_with_its_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown_error(BAD_JUDGE, capsys) == "error: no judge\n  fix: set --judge MODEL\n"


def test_an_error_of_a_run_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    shown = shown_error(TORN, capsys)

    assert shown == "error: r.jsonl is torn; `harness run --resume` completes it\n"


def test_an_escape_in_a_message_does_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "\x1b" not in shown_error(StoreError("a\x1b[31mb"), capsys)


def test_mistakes_of_a_suite_are_shown_where_they_are_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.suite.yaml"
    path.write_text("suite: a\nprmpt: Hi\n")
    mistakes = [SuiteError(Span(path, 2, 1, 5), "unknown key `prmpt`", "write `prompt`")]

    shown = shown_error(BrokenSuitesError(mistakes), capsys)

    assert shown == (
        f"{path}:2:1: unknown key `prmpt`\n"
        "  2 | prmpt: Hi\n"
        "    | ^^^^^\n"
        "  fix: write `prompt`\n"
        "\n"
        "1 problem; nothing was sent\n"
    )


@pytest.mark.parametrize(
    ("error", "listed"),
    [
        (BAD_JUDGE, {"problem": "no judge", "fix": "set --judge MODEL"}),
        (TORN, {"problem": "r.jsonl is torn; `harness run --resume` completes it"}),
        (
            BrokenSuitesError([SuiteError(Span(Path("a"), 2, 3), "wrong", "right")]),
            {"path": "a", "line": 2, "column": 3, "problem": "wrong", "fix": "right"},
        ),
    ],
)
def test_as_json_an_error_is_the_only_document_on_standard_output(
    error: SettingsError | StoreError | BrokenSuitesError,
    listed: dict[str, object],
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_error(error, ExitCode.UNUSABLE, as_json=True)

    output = capsys.readouterr()
    assert json.loads(output.out) == {"exit_code": 2, "errors": [listed]}
    assert output.err == ""


@pytest.mark.parametrize("as_json", [False, True])
def test_that_nothing_was_to_be_done_is_said_on_standard_output(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    show_nothing_to_do("nothing failed", ExitCode.ERRORED, as_json=as_json)

    output = capsys.readouterr()
    assert output.err == ""
    if as_json:
        document = {"exit_code": 3, "status": "errored", "errors": [], "note": "nothing failed"}
        assert json.loads(output.out) == document
    else:
        assert output.out == "nothing failed\n"
