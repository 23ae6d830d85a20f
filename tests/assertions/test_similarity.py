"""Scores of similarity against the libraries and definitions they come from."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import sacrebleu
from nltk.translate.meteor_score import meteor_score
from rouge_score.rouge_scorer import RougeScorer

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.assertions.similarity import similarity_assertions
from harness.model.suite import Expectation
from tests.assertions.vectors import ERROR, FAIL, PASS, Vector, check, judged, parametrized
from tests.support.replies import reply
from tests.support.trials import HERE

VECTORS: list[Vector] = [
    ({"levenshtein": "kitten"}, "kitten", PASS, 1, "the score is 1.000, the minimum is 0.8"),
    ({"levenshtein": "kitten"}, "sitting", FAIL, 1 - 3 / 7, "the score is 0.571"),
    ({"levenshtein": "kitten", "min": 0.5}, "sitting", PASS, 1 - 3 / 7, ""),
    ({"levenshtein": ["abc", "kitten"]}, "kitten", PASS, 1, ""),
    ({"levenshtein": "KITTEN"}, "kitten", FAIL, 0, ""),
    ({"levenshtein": "KITTEN", "ignore_case": True}, "kitten", PASS, 1, ""),
    ({"not_levenshtein": "kitten"}, "entirely other", PASS, 1, ""),
    ({"similarity_ratio": "abcd"}, "abed", FAIL, 0.75, ""),
    ({"similarity_ratio": "abcd", "min": 0.75}, "abed", PASS, 0.75, ""),
    ({"similarity_ratio": ["x", "Paris."]}, "Paris", PASS, 10 / 11, ""),
    ({"similarity_ratio": "PARIS", "ignore_case": True}, "Paris", PASS, 1, ""),
    ({"rouge_1": "the cat sat on the mat"}, "the cat sat on the mat", PASS, 1, ""),
    ({"rouge_1": "the cat sat on the mat"}, "the dog lay", FAIL, 2 / 9, ""),
    ({"rouge_1": "The CAT, sat!"}, "the cat sat", PASS, 1, ""),
    ({"rouge_1": ["nothing alike", "a b c d"], "min": 0.5}, "a b x y", PASS, 0.5, ""),
    ({"rouge_2": "the cat sat"}, "the cat sat", PASS, 1, ""),
    ({"rouge_2": "the cat sat"}, "sat cat the", FAIL, 0, ""),
    ({"rouge_l": "a b c d", "min": 0.7}, "a b x d", PASS, 0.75, ""),
    ({"rouge_l": "a b c d"}, "d c b a", FAIL, 0.25, ""),
    ({"bleu": "the cat sat on the mat"}, "the cat sat on the mat", PASS, 1, ""),
    ({"meteor": "the cat sat on the mat"}, "the cat sat on the mat", PASS, None, "0.998"),
    ({"meteor": "the cat sat on the mat"}, "on the mat sat the cat", PASS, 0.5, ""),
    ({"meteor": "the cat sat on the mat"}, "a dog", FAIL, 0, "the score is 0.000"),
    ({"meteor": ["a b", "the cats sat"], "min": 0.9}, "The cat sat", PASS, None, ""),
    ({"meteor": "日本 語"}, "日本 語", PASS, None, ""),
    ({"meteor": "a"}, "a " * 100_000, ERROR, None, "the limit is 100,000"),
    ({"bleu": "the cat sat on the mat"}, "a dog", FAIL, None, "the minimum is 0.5"),
    ({"bleu": ["a b", "the cat sat"]}, "the cat sat", PASS, 1, ""),
    ({"chrf": "the cat sat"}, "the cat sat", PASS, 1, ""),
    ({"chrf": "the cat sat"}, "xyz", FAIL, 0, ""),
    ({"not_chrf": "the cat sat"}, "xyz", PASS, 1, ""),
    ({"levenshtein": "a"}, "a" * 200_000, ERROR, None, "the limit is 100,000"),
    ({"bleu": "a"}, "a " * 100_000, ERROR, None, "the limit is 100,000"),
]  # fmt: skip


SAID = "the a cat dog sat on under mat lamp Paris Rome, 42 naïve 日本 runs! (slowly) it's"
WORDS = SAID.split()


@parametrized(VECTORS)
def test_similarity_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


def pairs() -> list[tuple[str, str]]:
    source = random.Random(4711)

    def text() -> str:
        words = source.choices(WORDS, k=source.randint(1, 14))
        return " ".join([*words, "cat"] if set(words) == {"日本"} else words)  # for ROUGE's sake

    made = [(text(), text()) for _ in range(150)]
    return made + [(one, one.replace("a", "o", 1)) for one, _ in made[:50]]


def score_of(name: str, reference: str, text: str) -> float:
    registry = AssertionRegistry()
    registry.include(similarity_assertions)
    expectation = registry.read(Expectation(name, reference, HERE))
    return Evaluator(registry).judge(expectation, reply(text), EvaluationContext()).score


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's distance by its definition, a row at a time (Wagner and Fischer 1974)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def common_subsequence(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


def test_levenshtein_is_the_share_of_characters_that_stay() -> None:
    for reference, text in pairs():
        wanted = 1 - edit_distance(reference, text) / max(len(reference), len(text))

        assert score_of("levenshtein", reference, text) == pytest.approx(wanted, abs=1e-6)


def test_the_ratio_is_that_of_the_longest_common_subsequence() -> None:
    for reference, text in pairs():
        wanted = 2 * common_subsequence(reference, text) / (len(reference) + len(text))

        assert score_of("similarity_ratio", reference, text) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "kind"), [("rouge_1", "rouge1"), ("rouge_2", "rouge2"), ("rouge_l", "rougeL")]
)
def test_rouge_is_that_of_its_reference_library(name: str, kind: str) -> None:
    scorer = RougeScorer([kind])
    for reference, text in pairs():
        wanted = scorer.score(reference, text)[kind].fmeasure

        assert score_of(name, reference, text) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.slow
def test_bleu_and_chrf_are_those_of_sacrebleu() -> None:
    bleu = sacrebleu.BLEU(effective_order=True)
    chrf = sacrebleu.CHRF()
    for reference, text in pairs():
        wanted = bleu.sentence_score(text, [reference]).score / 100
        assert score_of("bleu", reference, text) == pytest.approx(min(wanted, 1), abs=1e-6)
        wanted = chrf.sentence_score(text, [reference]).score / 100
        assert score_of("chrf", reference, text) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("on the mat sat the cat", 0.5),
        ("the cat sat on the mat", 0.9977),
        ("the cat was sat on the mat", 0.9654),
    ],
)
def test_meteor_is_that_of_the_examples_of_its_article(text: str, wanted: float) -> None:
    # https://en.wikipedia.org/wiki/METEOR, "Examples"
    assert score_of("meteor", "the cat sat on the mat", text) == pytest.approx(wanted, abs=1e-4)


def test_meteor_is_that_of_nltk_without_synonyms() -> None:
    class Nothing:
        def synsets(self, _word: str) -> list[str]:
            return []

    for reference, text in pairs():
        words = [re.findall(r"\w+|[^\w\s]", whole) for whole in (reference, text)]
        wanted = meteor_score([words[0]], words[1], wordnet=Nothing())

        assert score_of("meteor", reference, text) == pytest.approx(wanted, abs=1e-6)
    assert score_of("meteor", "They were running", "they were run") > 0.9  # by their stems


def test_of_several_references_the_best_counts() -> None:
    registry = AssertionRegistry()
    registry.include(similarity_assertions)
    expectation = registry.read(Expectation("rouge_1", ["nothing", "the cat sat"], HERE))

    assert (
        Evaluator(registry).judge(expectation, reply("the cat sat"), EvaluationContext()).score == 1
    )


def test_more_words_than_a_table_can_hold_are_an_error_and_no_long_wait() -> None:
    registry = AssertionRegistry()
    registry.include(similarity_assertions)
    text = "word " * 5_000
    expectation = registry.read(Expectation("rouge_l", [text], HERE))

    verdict = Evaluator(registry).judge(expectation, reply(text), EvaluationContext())

    assert verdict.is_error
    assert "more than 4,000,000 pairs" in verdict.reason
