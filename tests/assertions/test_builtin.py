"""All built-in assertions, each on the same odd replies."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from harness.assertions.builtin import assertion_families, builtin_assertions
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from tests.assertions.vectors import ERROR, FAIL, PASS, REGISTRY, calling, judged, result_of
from tests.support.replies import reply

TWINS = [
    path for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
]
ODD_NAMES = ["empty", "tool", "scripts", "1 MB"]
ODD_REPLIES = (
    reply(""),
    calling(("search", {"q": "x"})),
    reply("naïve \ud800 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u202e שלום 👩‍👩‍👧 \x1b[31m"),
    reply("word " * 200_000),
)
# the results on these four: p passes, f fails, e cannot be judged
ODD: list[tuple[dict[str, Any], str]] = [
    ({"equals": "a"}, "ffff"),
    ({"contains": "or"}, "fffp"),
    ({"contains_any": ["or", "zz"]}, "fffp"),
    ({"contains_all": ["or", "d w"]}, "fffp"),
    ({"starts_with": "word"}, "fffp"),
    ({"ends_with": "d "}, "fffp"),
    ({"matches": "w.rd"}, "fffp"),
    ({"char_count": {"max": 10}}, "ppff"),
    ({"word_count": {"max": 10}}, "pppf"),
    ({"line_count": {"max": 1}}, "pppp"),
    ({"is_json": True}, "ffff"),
    ({"contains_json": True}, "ffff"),
    ({"json_path": "$.a"}, "uuuu"),
    ({"is_xml": True}, "ffff"),
    ({"is_html": True}, "ffff"),
    ({"is_yaml": True}, "ffff"),
    ({"is_sql": True}, "fffe"),
    ({"levenshtein": "a"}, "fffe"),
    ({"similarity_ratio": "a"}, "fffe"),
    ({"rouge_1": "a"}, "fffe"),
    ({"rouge_2": "a"}, "fffe"),
    ({"rouge_l": "a"}, "fffe"),
    ({"bleu": "a"}, "fffe"),
    ({"chrf": "a"}, "fffe"),
    ({"meteor": "a"}, "fffe"),
    ({"stop_reason": "end_turn"}, "pfpp"),
    ({"max_latency": "1s"}, "pppp"),
    ({"max_ttft": "1s"}, "eeee"),
    ({"max_cost": 1}, "eeee"),
    ({"max_input_tokens": 100}, "pppp"),
    ({"max_output_tokens": 2}, "ffff"),
    ({"max_total_tokens": 100}, "pppp"),
    ({"min_tokens_per_second": 1}, "eeee"),
    ({"calls_tool": "search"}, "fpff"),
    ({"no_tool_calls": True}, "pfpp"),
    ({"tool_call_f1": ["search"]}, "fpff"),
    ({"is_refusal": True}, "ffff"),
    ({"all_of": [{"word_count": {"max": 10}}]}, "pppf"),
    ({"any_of": [{"word_count": {"max": 10}}]}, "pppf"),
    ({"none_of": [{"word_count": {"max": 10}}]}, "fffp"),
    ({"that": "output | length > 20"}, "ffpp"),
]
# u: the reply lacks what is read, which fails under `not_` as well
RESULTS = {"p": PASS, "f": FAIL, "e": ERROR, "u": FAIL}
OPPOSITES = {"p": FAIL, "f": PASS, "e": ERROR, "u": FAIL}
NEGATABLE = [
    ({f"not_{key}": item[key], **{k: v for k, v in item.items() if k != key}}, letters)
    for item, letters in ODD
    for key in list(item)[:1]
    if REGISTRY[key].is_negatable
]


@pytest.mark.parametrize("which", range(len(ODD_REPLIES)), ids=ODD_NAMES)
@pytest.mark.parametrize(("item", "letters"), ODD)
def test_odd_replies_are_judged_as_any_others(
    item: dict[str, Any], letters: str, which: int
) -> None:
    verdict = judged(item, ODD_REPLIES[which])

    assert result_of(verdict) == RESULTS[letters[which]], verdict.reason
    assert not verdict.traceback
    assert 0 <= verdict.score <= 1
    assert len(verdict.reason) < 3000


@pytest.mark.parametrize("which", range(len(ODD_REPLIES)), ids=ODD_NAMES)
@pytest.mark.parametrize(("item", "letters"), NEGATABLE)
def test_a_negated_assertion_says_the_opposite_but_errors_alike(
    item: dict[str, Any], letters: str, which: int
) -> None:
    verdict = judged(item, ODD_REPLIES[which])

    assert result_of(verdict) == OPPOSITES[letters[which]], verdict.reason


def test_every_assertion_that_judges_one_reply_is_in_the_table() -> None:
    alone = {
        definition.name
        for definition in REGISTRY
        if not definition.is_async and not definition.compares
    }

    assert alone == {key for item, _ in ODD for key in list(item)[:1]}


def test_there_are_at_least_four_hundred_vectors() -> None:
    twins = [import_module(f"tests.assertions.{path.stem}") for path in TWINS]
    vectors = sum(len(getattr(twin, "VECTORS", ())) for twin in twins)

    assert vectors + len(ODD_REPLIES) * (len(ODD) + len(NEGATABLE)) >= 400


def test_the_families_hold_every_assertion_once() -> None:
    families = assertion_families(Expressions(TemplateEnvironment))

    names = [definition.name for registry in families.values() for definition in registry]

    assert sorted(names) == sorted(definition.name for definition in REGISTRY)
    assert len(names) == len(set(names))


def test_a_registry_can_be_extended_without_changing_the_next_one() -> None:
    registry = builtin_assertions(Expressions(TemplateEnvironment))

    registry.register("own")(registry["contains"].function)

    assert "own" in registry
    assert "own" not in builtin_assertions(Expressions(TemplateEnvironment))
