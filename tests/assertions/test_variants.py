"""Assertions that compare the variants of a case, with peers that are passed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.parameters import ArgumentError
from harness.assertions.peers import PeerResult, PeerResults
from harness.model.outcome import Verdict
from harness.model.reply import Reply, ReplyOrigin
from harness.model.suite import Expectation
from tests.assertions.test_builtin import ODD_NAMES, ODD_REPLIES
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    REGISTRY,
    VARIABLES,
    read,
    result_of,
)
from tests.support.replies import reply
from tests.support.trials import HERE

SCRIPTS = "Grüße 你好 שלום"


def variant(text: str = "Hi", score: float = 1.0, **changes: Any) -> PeerResult:
    """Return the result of a variant's trial with this reply."""
    unscored = changes.pop("unscored", "")
    return PeerResult((reply(text, **changes),), VARIABLES, score, unscored)


def judged(item: Mapping[str, Any], variants: Mapping[str, PeerResult]) -> Verdict:
    context = EvaluationContext(VARIABLES, peers=PeerResults("polite", 1, variants))
    return Evaluator(REGISTRY).judge(read(item), variants["polite"].replies[0], context)


def said(polite: str, terse: str) -> dict[str, PeerResult]:
    return {"terse": variant(terse), "polite": variant(polite)}


def measured(polite: Mapping[str, Any], terse: Mapping[str, Any], **more: Any) -> Any:
    return {"terse": variant(**terse), "polite": variant(**polite), **more}


NO_REPLY = PeerResult(problem="has no reply: HTTP 500 api_error: broken")
UNSCORED = variant(unscored="could not be judged")
BEST = {"best_of": "polite"}
CHEAPEST = {"best_of": "polite", "by": "cost"}
FASTEST = {"best_of": "polite", "by": "latency"}
VECTORS: list[tuple[dict[str, Any], dict[str, PeerResult], str, str]] = [
    ({"same_as": "terse"}, said("yes", "yes"), PASS, "the reply is that of `terse`: 'yes'"),
    ({"same_as": "terse"}, said("yes", "no"), FAIL, "line 1, column 1"),
    ({"same_as": "terse"}, said("a\nbc", "a\nbd"), FAIL, "line 2, column 2"),
    ({"same_as": "terse"}, said("Yes", "yes"), FAIL, "not that of `terse`"),
    ({"same_as": "terse", "ignore_case": True}, said("YES", "yes"), PASS, ""),
    ({"same_as": "terse"}, said("yes ", "yes"), FAIL, "column 4"),
    ({"same_as": "terse"}, said("", ""), PASS, ""),
    ({"same_as": "terse"}, said("", "x"), FAIL, ""),
    ({"same_as": "terse"}, said(SCRIPTS, SCRIPTS), PASS, ""),
    ({"same_as": "terse"}, said("caf\u00e9", "cafe\u0301"), FAIL, "column 4"),
    ({"not_same_as": "terse"}, said("yes", "no"), PASS, ""),
    ({"not_same_as": "terse"}, said("yes", "yes"), FAIL, ""),
    ({"same_as": "polite"}, said("yes", "no"), NOT_APPLICABLE, "compared with this one"),
    ({"not_same_as": "polite"}, said("yes", "no"), NOT_APPLICABLE, ""),
    ({"same_as": "terse", "transform": "output | lower | trim"}, said(" YES", "yes "), PASS, ""),
    ({"same_as": "terse", "transform": "(output | from_json).n"},
     said('{"n": 1, "m": 2}', '{"n": 1}'), PASS, ""),
    ({"same_as": "terse", "transform": "output | from_json"}, said("{}", "no"), ERROR,
     "the reply of `terse` cannot be transformed: from_json: not JSON"),
    ({"same_as": "terse", "transform": "output | from_json"}, said("no", "{}"), FAIL,
     "the output cannot be transformed: from_json: not JSON"),
    ({"not_same_as": "terse", "transform": "output | from_json"}, said("no", "{}"), FAIL, ""),
    ({"same_as": "terse"}, {"terse": NO_REPLY, "polite": variant()}, ERROR,
     "the variant `terse` has no reply: HTTP 500"),
    ({"not_same_as": "terse"}, {"terse": NO_REPLY, "polite": variant()}, ERROR, "has no reply"),
    ({"same_as": "other"}, said("a", "a"), ERROR, "the variant `other` was not run"),
    (BEST, measured({"score": 1}, {"score": 0.5}), PASS, "`polite` has 1; `terse` 0.5"),
    (BEST, measured({"score": 0.5}, {"score": 1}), FAIL, "`polite` has 0.5; `terse` 1"),
    (BEST, measured({"score": 0.5}, {"score": 0.5}), PASS, ""),
    (BEST, measured({"score": 0.3}, {"score": 0.1 + 0.2}), PASS, ""),
    (BEST, measured({"score": 0.5}, {"score": 0.1}, long=variant(score=0.9)), FAIL,
     "`long` 0.9, `terse` 0.1"),
    ({"best_of": "terse"}, measured({"score": 0.5}, {"score": 1}), NOT_APPLICABLE,
     "only the variant `terse` is judged"),
    (BEST, measured({"score": 1}, {}, long=UNSCORED), ERROR, "`long` could not be judged"),
    (BEST, measured({"score": 0.5}, {"score": 1}, long=UNSCORED), FAIL, "`terse` 1"),
    (BEST, {"terse": variant(score=1), "polite": UNSCORED}, ERROR, "`polite` could not be judged"),
    (BEST, {"polite": variant()}, ERROR, "no other variants"),
    (BEST, {"terse": NO_REPLY, "polite": variant()}, ERROR, "has no reply"),
    ({"not_best_of": "polite"}, measured({"score": 0.5}, {"score": 1}), PASS, ""),
    (CHEAPEST, measured({"cost": 0.001}, {"cost": 0.002}), PASS, "0.001 USD; `terse` 0.002 USD"),
    (CHEAPEST, measured({"cost": 0.002}, {"cost": 0.001}), FAIL, ""),
    (CHEAPEST, measured({"cost": 0.002}, {"cost": None}), ERROR, "has no price"),
    (FASTEST, measured({"latency": 0.5}, {"latency": 1.5}), PASS, "0.5 s; `terse` 1.5 s"),
    (FASTEST, measured({"latency": 1.5}, {"latency": 0.5}), FAIL, ""),
    (FASTEST, measured({"latency": 1.5}, {"origin": ReplyOrigin.CACHE}), NOT_APPLICABLE,
     "came from the cache, so it was not timed"),
    (FASTEST, {"terse": NO_REPLY, "polite": variant(latency=0.5)}, ERROR, "has no reply"),
    (FASTEST, measured({"latency": 1.5}, {"latency": 0.5}, long=NO_REPLY), FAIL, "`terse` 0.5 s"),
    (FASTEST, measured({"latency": 0.5}, {"latency": 1.5}, long=NO_REPLY), ERROR, "has no reply"),
    (FASTEST, measured({"origin": ReplyOrigin.CASSETTE}, {}), NOT_APPLICABLE, "was replayed"),
    ({"any_of": [{"same_as": "terse"}, {"contains": "x"}]}, said("x", "y"), PASS, ""),
    ({"any_of": [{"same_as": "terse"}, {"contains": "x"}]}, said("y", "y"), PASS, ""),
    ({"any_of": [{"same_as": "terse"}, {"contains": "x"}]}, said("y", "z"), FAIL, ""),
    ({"none_of": [{"same_as": "terse"}]}, said("y", "y"), FAIL, ""),
    ({"all_of": [{"same_as": "terse"}], "transform": "output | upper"}, said("y", "Y"), PASS, ""),
    ({"all_of": [{"same_as": "terse", "transform": "output | trim"}],
      "transform": "output | upper"}, said("y", " Y "), PASS, ""),
]  # fmt: skip


@pytest.mark.parametrize(("item", "variants", "result", "words"), VECTORS)
def test_variants_are_compared(
    item: dict[str, Any], variants: dict[str, PeerResult], result: str, words: str
) -> None:
    verdict = judged(item, variants)

    assert result_of(verdict) == result, verdict.reason
    assert words in verdict.reason
    assert not verdict.traceback


@pytest.mark.parametrize("on", ODD_REPLIES, ids=ODD_NAMES)
@pytest.mark.parametrize("item", [{"same_as": "terse"}, {"best_of": "polite"}])
def test_odd_replies_are_compared_as_any_others(item: dict[str, Any], on: Reply) -> None:
    variants = {"terse": PeerResult((on,)), "polite": PeerResult((on,))}

    verdict = judged(item, variants)

    assert verdict.passed, verdict.reason
    assert not verdict.is_not_applicable
    assert len(verdict.reason) < 3000


def test_every_assertion_that_compares_without_a_judge_is_in_the_table() -> None:
    names = {
        definition.name
        for definition in REGISTRY
        if definition.compares and not definition.wants_judge
    }

    assert names == {key for item, *_ in VECTORS for key in item} & names == {"same_as", "best_of"}


def test_without_peers_nothing_can_be_compared() -> None:
    expectation = Expectation("same_as", "terse", HERE)

    verdict = Evaluator(REGISTRY).judge(expectation, reply("Hi"), EvaluationContext())

    assert verdict.is_error
    assert "no other variants here" in verdict.reason


def test_an_unknown_measure_is_refused() -> None:
    expectation = Expectation("best_of", "terse", HERE, options={"by": "speed"})

    with pytest.raises(ArgumentError) as caught:
        REGISTRY.read(expectation)

    assert caught.value.problem == "`by`: unknown measure `speed`"
    assert caught.value.fix == "use one of `score`, `cost`, `latency`"
