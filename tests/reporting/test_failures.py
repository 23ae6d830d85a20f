"""What a person needs to see of a trial that did not pass."""

from pathlib import Path

import pytest

from harness.excerpts import Excerpts
from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from harness.reporting.failures import (
    deciding_verdict,
    failure_text,
    first_reason,
    grouped_errors,
    is_broken_off,
    line_of,
    rerun_command,
)
from tests.support.trials import record


def test_a_failure_shows_place_expected_actual_reply_and_the_command_to_run_it(
    tmp_path: Path,
) -> None:
    verdict = Verdict.failing("the reply is not 'a'", expected="a", actual="b\nc")
    one = record(0, "failed", verdict=verdict, text="b\nc", variant="haiku-0.7")
    path = tmp_path / "t.suite.yaml"
    path.write_text("cases:\n  - id: case-0\n    contains: a\n")
    one["path"] = str(path)

    text = failure_text(one, Excerpts())

    assert text == (
        "FAILED test::case-0[haiku-0.7]\n"
        f"  {path}:3:5: contains: the reply is not 'a'\n"
        "  3 |     contains: a\n"
        "    |     ^^^^^^^^\n"
        "  expected: a\n"
        "  actual:   b\n"
        "            c\n"
        "  reply:    b\n"
        "            c\n"
        "            (end_turn, 0.500 s, 12 + 3 tokens)\n"
        f"  rerun:    harness run {path} --only 'test::case-0[haiku-0.7]'"
    )


def test_the_rerun_command_is_quoted_for_the_shell() -> None:
    one = record(0)
    one["path"] = "my suites/a.suite.yaml"

    assert rerun_command(one) == "harness run 'my suites/a.suite.yaml' --only test::case-0"


def test_a_command_to_run_again_repeats_the_options() -> None:
    command = rerun_command(record(0), ["--base-url", "http://x", "--set", "vars.a=b c"])

    assert command.endswith("--only test::case-0 --base-url http://x --set 'vars.a=b c'")


def with_both(label: str) -> OutcomeRecord:
    """Return a trial with a verdict that could not judge before one that failed."""
    one = record(0, "failed", verdict=Verdict.failing("it is wrong"))
    (failed,) = one["verdicts"]
    errored = {**failed, "assertion": "judge", "reason": "no answer", "error": "", "line": 9}
    one["verdicts"] = [errored, failed] if label == "failed" else [failed, errored]  # type: ignore[list-item]
    one["outcome"] = label
    return one


@pytest.mark.parametrize(
    ("label", "reason", "line"),
    [("failed", "contains: it is wrong", 3), ("errored", "judge: no answer", 9)],
)
def test_the_verdict_that_made_the_outcome_explains_it(label: str, reason: str, line: int) -> None:
    one = with_both(label)

    assert first_reason(one) == reason
    assert line_of(one) == line


def test_a_failed_trial_shows_what_could_not_be_judged_as_well() -> None:
    text = failure_text(with_both("failed"), Excerpts())

    assert "contains: it is wrong" in text
    assert "judge: could not judge: no answer" in text


def test_a_conversation_that_failed_before_it_broke_off_shows_both() -> None:
    one = record(0, "failed", verdict=Verdict.failing("it is wrong"))
    one["error"] = record(1, "errored")["error"]

    text = failure_text(one, Excerpts())

    assert not is_broken_off(one)
    assert first_reason(one) == "contains: it is wrong"
    assert "HTTP 500 api_error: broken" in text
    assert "contains: it is wrong" in text
    groups, _ = grouped_errors([one, record(1, "errored")], most=5)
    assert [group.count for group in groups] == [1, 1]


def test_no_verdict_explains_a_trial_without_a_reply() -> None:
    one = record(0, "errored")

    assert is_broken_off(one)
    assert deciding_verdict(one) is None
    assert (first_reason(one), line_of(one)) == ("HTTP 500 api_error: broken", one["line"])
