"""Assertions by which a judge model grades a reply with one score."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assertions.judges import Scripted, judged_by


@pytest.mark.parametrize(
    ("item", "scores", "passed", "score", "words"),
    [
        ({"judge": "short"}, [0.5], True, 0.5, "gives 0.5, the minimum is 0.5: reason 1"),
        ({"judge": "short"}, [0.4], False, 0.4, "the minimum is 0.5"),
        ({"judge": "short", "min": 0.9}, [0.8], False, 0.8, ""),
        ({"not_judge": "rude"}, [0.1], True, 1, ""),
        ({"not_judge": "rude"}, [1], False, 0, ""),
        ({"judge": "short", "votes": 3}, [1, 0, 0.8], True, 0.6,
         "2 of 3 votes pass; the judge gives 1, 0, 0.8"),
        ({"judge": "short", "votes": 3}, [1, 0, 0.1], False, 1.1 / 3, "1 of 3 votes pass"),
        ({"answers": "Why?"}, [1], True, 1, ""),
        ({"answers": "Why?"}, [0.2], False, 0.2, "the minimum is 0.5"),
        ({"faithful_to": "The context."}, [0.7], False, 0.7, "the minimum is 0.8"),
        ({"faithful_to": "The context."}, [0.8], True, 0.8, ""),
    ],
)  # fmt: skip
def test_a_grade_passes_from_the_minimum_on(
    item: dict[str, Any], scores: list[float], passed: bool, score: float, words: str
) -> None:
    judge = Scripted([{"score": value} for value in scores])

    verdict = judged_by(judge, item)

    assert not verdict.is_error, verdict.reason
    assert verdict.passed is passed
    assert verdict.score == pytest.approx(score)
    assert words in verdict.reason
    assert len(verdict.judge_calls) == len(scores)


@pytest.mark.parametrize(
    ("item", "material", "task"),
    [
        ({"judge": "It is kind."}, {}, "It is kind."),
        ({"answers": "Why?"}, {"The question": "Why?"}, "answers the question"),
        ({"faithful_to": "It rains."}, {"The context": "It rains."}, "the context supports"),
    ],
)
def test_the_judge_sees_the_reply_and_what_to_grade_it_by(
    item: dict[str, Any], material: dict[str, str], task: str
) -> None:
    judge = Scripted([{"score": 1}])

    judged_by(judge, item, "Hello")

    (question,) = judge.questions
    assert (question.output, question.material) == ("Hello", material)
    assert task in " ".join(question.task.split())
