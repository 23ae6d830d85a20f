"""A run as Markdown and as annotations: short, and obedient to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.annotations import MOST, workflow_commands
from harness.reporting.markdown import run_markdown
from harness.reporting.markdown_text import MOST_BYTES
from tests.support.trials import case, record, summed


def failing(number: int, reason: str = "not fine") -> OutcomeRecord:
    return record(number, "failed", verdict=Verdict.failing(reason))


def test_the_verdict_is_first_and_what_failed_has_its_place_and_its_command() -> None:
    records = [record(0), failing(1, "no `x` | <b>")]

    text = run_markdown(summed(*records), 1.5, "FAILED", records[1:], notes=["record: r.jsonl"])

    assert text.startswith("## FAILED\n\n2 trials in 1.50 s: 1 passed, 1 failed")
    assert "<summary>1 case did not pass</summary>" in text
    assert "**test::case-1** failed (t.suite.yaml:3): contains: no \\`x\\` \\| &lt;b&gt;" in text
    assert "`harness run t.suite.yaml --only test::case-1`" in text
    assert text.rstrip().endswith("- record: r.jsonl")


def test_repeats_of_a_case_are_one_line() -> None:
    one = case("a")
    records = [record(n, "failed", of=one, repeat=n + 1, repeats=5) for n in range(5)]

    text = run_markdown(summed(*records), 1, "FAILED", records)

    assert text.count("**test::a** failed, 5 of 5 repeats") == 1
    assert "| test::a | failed | 0/5 " in text.replace("  ", " ").replace("  ", " ")


@pytest.mark.parametrize("reason", ["x" * 5000, "|" * 5000, "@" * 5000, "\u0416" * 5000])
def test_ten_thousand_failures_stay_below_the_limit(reason: str) -> None:
    records = [failing(n, reason) for n in range(2000)]

    text = run_markdown(summed(*records), 1, "FAILED", records, comparison="c\n" * 40_000)

    assert len(text.encode()) <= MOST_BYTES
    assert text.count("<details") == text.count("</details>")


def test_a_failure_is_told_at_its_line_below_the_repository() -> None:
    where = failing(1, "50 % of a\nb")
    where["path"] = "prompts/t.suite.yaml"

    (command,) = workflow_commands([where], root=Path.cwd().parent)

    folder = Path.cwd().name
    assert command == (
        f"::error file={folder}/prompts/t.suite.yaml,line=3,title=failed%3A test%3A%3Acase-1"
        "::contains: 50 %25 of a%0Ab"
    )


def test_repeats_are_one_annotation_and_many_cases_are_counted() -> None:
    one = case("a")
    repeats = [record(n, "failed", of=one, repeat=n + 1, repeats=3) for n in range(3)]

    match = list(
        workflow_commands(
            [*repeats, *(failing(n) for n in range(MOST + 6))], ["worse"], ["careful"]
        )
    )

    assert len(match) == MOST + 3
    assert match.pop(0) == "::error title=harness::worse"
    assert "(3 of 3 repeats)" in match[0]
    assert match[-2:] == ["::notice::7 more cases did not pass", "::warning title=harness::careful"]


def test_no_reply_can_give_a_command() -> None:
    hostile = "x\n::set-output name=a::b\r\n::error::c"

    (command,) = workflow_commands([failing(1, hostile)])

    assert "\n" not in command
    assert "\r" not in command
