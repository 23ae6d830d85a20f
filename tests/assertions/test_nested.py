"""Expectations nested in an expectation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from harness.assertions.nested import NestedExpectations, first_problem
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation
from tests.support.replies import reply
from tests.support.trials import expectation


def test_each_expectation_is_judged_on_the_part_in_its_order_when_its_turn_comes() -> None:
    judged: list[str] = []

    def judge(expectation: Expectation, reply: Reply) -> Verdict:
        judged.append(expectation.argument)
        return Verdict.passing(f"{expectation.argument} on {reply.text}")

    first, second = expectation(argument="a"), expectation(argument="b")
    verdicts = NestedExpectations((first, second), judge).judge(reply("part"))

    assert next(verdicts) == (first, Verdict.passing("a on part"))
    assert judged == ["a"]
    assert next(verdicts) == (second, Verdict.passing("b on part"))


PASS, FAIL = Verdict.passing("yes"), Verdict.failing("no")
UNREADABLE, ERROR = Verdict.unreadable("not JSON"), Verdict.errored("cannot say")


@pytest.mark.parametrize(
    ("verdicts", "problem"),
    [
        ([PASS, PASS], None),
        ([PASS, FAIL], FAIL),
        ([ERROR, FAIL], FAIL),
        ([UNREADABLE, ERROR, FAIL], FAIL),
        ([ERROR, UNREADABLE], UNREADABLE),
        ([UNREADABLE, ERROR], UNREADABLE),
        ([PASS, ERROR], ERROR),
    ],
)
def test_what_fails_for_certain_comes_before_what_could_not_be_judged(
    verdicts: Sequence[Verdict], problem: Verdict | None
) -> None:
    found = first_problem((expectation(), verdict) for verdict in verdicts)

    assert (found and found[1]) == problem


def test_what_is_only_shown_is_no_problem() -> None:
    assert first_problem([(expectation(weight=0.0), FAIL)]) is None
    assert first_problem([(expectation(is_warning=True), ERROR)]) is None


def test_nothing_is_judged_after_the_first_that_fails() -> None:
    def judged() -> Iterator[tuple[Expectation, Verdict]]:
        yield expectation(), FAIL
        raise AssertionError

    assert first_problem(judged()) is not None
