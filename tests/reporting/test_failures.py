"""What a person needs to see of a trial that did not pass."""

from pathlib import Path

from harness.excerpts import Excerpts
from harness.model.outcome import Verdict
from harness.reporting.failures import failure_text, rerun_command
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
