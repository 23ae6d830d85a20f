"""The assertion by which a judge model prefers the reply of one variant to that of another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from harness.assertions.peers import PeerResult, PeerResults
from harness.assertions.questions import JudgeAnswer, JudgeError, Question
from harness.model.outcome import Verdict
from tests.assertions.judges import judged_by
from tests.assertions.vectors import calling
from tests.support.replies import reply


def judged(
    judge: Preferring, options: Mapping[str, Any], mine: str, theirs: str, own: str = "polite"
) -> Verdict:
    """Return the verdict on the reply of `polite`, compared with that of `terse`."""
    results = {"terse": PeerResult((reply(theirs),)), "polite": PeerResult((reply(mine),))}
    item = {"prefer": "It is kind.", "over": "terse", **options}
    return judged_by(judge, item, mine, PeerResults(own, 1, results))


class Preferring:
    """A judge that answers by the texts it is shown, first and second."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.shown = answers, list[tuple[str, str | None]]()

    async def answer(self, question: Question, vote: int) -> JudgeAnswer:
        self.shown.append((question.output, question.second))
        better = self.answers["first" if question.output == "mine" else "second"]
        better = better[vote - 1] if isinstance(better, list) else better
        if isinstance(better, Exception):
            raise better
        values = {"id": question.word, "reason": f"because {better}", "better": better}
        return JudgeAnswer(question.read(json.dumps(values)), [{"answer": better, "cost": 0.1}])


@pytest.mark.parametrize(
    ("first", "second", "options", "passed", "score", "words"),
    [
        ("first", "second", {}, True, 1, "finds it better than `terse`: because first"),
        ("second", "first", {}, False, 0, "finds `terse` better"),
        ("first", "first", {}, False, 0.5, "finds it as good as `terse`"),
        ("second", "second", {}, False, 0.5, "as good"),
        ("tie", "tie", {}, False, 0.5, "as good"),
        ("first", "tie", {}, False, 0.5, "as good"),
        ("tie", "tie", {"min": 0.5}, True, 0.5, ""),
        ("first", "first", {"min": 0.5}, True, 0.5, ""),
        ("second", "first", {"min": 0.5}, False, 0, ""),
        (["first", "first", "tie"], "second", {"votes": 3}, True, 2.5 / 3, "2 of 3 votes pass"),
        (["first", "second", "tie"], "second", {"votes": 3}, False, 2 / 3, "1 of 3 votes pass"),
    ],
)
def test_a_judge_prefers_what_it_prefers_in_both_orders(
    first: Any, second: Any, options: dict[str, Any],
    passed: bool, score: float, words: str,
) -> None:  # fmt: skip
    judge = Preferring(first=first, second=second)

    verdict = judged(judge, options, "mine", "theirs")

    assert verdict.passed is passed, verdict.reason
    assert verdict.score == pytest.approx(score)
    assert words in verdict.reason
    assert set(judge.shown) == {("mine", "theirs"), ("theirs", "mine")}
    assert len(verdict.judge_calls) == len(judge.shown) == 2 * options.get("votes", 1)


def test_a_judge_that_answers_in_one_order_only_is_an_error_on_record() -> None:
    judge = Preferring(first="first", second=JudgeError("no", [{"answer": "?"}]))

    verdict = judged(judge, {}, "mine", "theirs")

    assert verdict.is_error
    assert not verdict.passed
    assert [call["answer"] for call in verdict.judge_calls] == ["first", "?"]


@pytest.mark.parametrize("minimum", [0.5, 1])
def test_equal_replies_are_a_tie_without_asking_the_judge(minimum: float) -> None:
    judge = Preferring()

    verdict = judged(judge, {"min": minimum}, "same", "same")

    assert (verdict.passed, verdict.score, judge.shown) == (minimum == 0.5, 0.5, [])


@pytest.mark.parametrize("answer", [None, "", "both", "First", 1, {"first": 1}])
def test_an_answer_that_is_not_a_choice_is_an_error(answer: Any) -> None:
    judge = Preferring(first=answer, second=answer)

    verdict = judged(judge, {}, "mine", "theirs")

    assert verdict.is_error
    assert len(judge.shown) == 2


def test_the_variant_that_others_are_compared_with_is_not_judged() -> None:
    judge = Preferring()

    verdict = judged(judge, {}, "mine", "theirs", own="terse")

    assert verdict.is_not_applicable
    assert judge.shown == []


def test_replies_that_differ_only_in_their_tool_calls_cannot_be_compared_by_their_texts() -> None:
    results = {"terse": PeerResult((calling(("a", {})),)), "polite": PeerResult((reply(""),))}
    item = {"prefer": "It is kind.", "over": "terse"}

    verdict = judged_by(Preferring(), item, "", PeerResults("polite", 1, results))

    assert verdict.is_error
    assert "use `calls_tool`" in verdict.reason
