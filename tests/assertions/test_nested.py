"""Expectations nested in an expectation."""

from __future__ import annotations

from harness.assertions.nested import NestedExpectations
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
