"""Assertions on what a reply cost."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.limits import untimed
from harness.model.reply import ReplyOrigin
from tests.assertions.vectors import (
    ERROR,
    FAIL,
    NOT_APPLICABLE,
    PASS,
    Vector,
    check,
    judged,
    parametrized,
    result_of,
)
from tests.support.replies import message, reply

UNREPORTED = reply(message=message("x", usage=None), latency=1.0)
VECTORS: list[Vector] = [
    ({"max_total_tokens": 15}, "x", PASS, 1, "have 15 tokens, the limit is 15"),
    ({"max_total_tokens": 14}, "x", FAIL, 0, "have 15 tokens, the limit is 14"),
    ({"min_tokens_per_second": 3}, reply("x", latency=1.0), PASS, 1, "at 3.0 tokens per second"),
    ({"min_tokens_per_second": 3}, reply("x", latency=2.0), FAIL, 0, "at 1.5 tokens per second"),
    ({"min_tokens_per_second": 3}, reply("x"), ERROR, None, "took no time"),
    ({"max_latency": "5s"}, reply("x", latency=5.0), PASS, None, ""),
    ({"max_latency": "250ms"}, reply("x", latency=0.3), FAIL, None, "took 0.300 s, the limit is 0.25 s"),
    ({"max_ttft": 1}, reply("x", first_token=0.5), PASS, None, ""),
    ({"max_ttft": 1}, reply("x", first_token=1.5), FAIL, None, "first token took 1.500 s"),
    ({"max_ttft": 1}, reply("x"), ERROR, None, "was not streamed"),
    ({"max_cost": 0.01}, reply("x", cost=0.01), PASS, None, ""),
    ({"max_cost": 0.01}, reply("x", cost=0.02), FAIL, None, "cost 0.020000 USD, the limit is 0.01"),
    ({"max_cost": 0.01}, reply("x"), ERROR, None, "has no price"),
    ({"max_cost": 0.01}, reply("x", cost=0.02, is_cost_partial=True), FAIL, None, "the limit is 0.01"),
    ({"max_cost": 0.03}, reply("x", cost=0.02, is_cost_partial=True), ERROR, None, "`web_search`"),
    ({"max_cost": 0.01}, UNREPORTED, ERROR, None, "so its cost is not known"),
    ({"max_input_tokens": 12}, UNREPORTED, ERROR, None, "did not report how many tokens"),
    ({"max_output_tokens": 12}, UNREPORTED, ERROR, None, "did not report how many tokens"),
    ({"max_total_tokens": 12}, UNREPORTED, ERROR, None, "did not report how many tokens"),
    ({"min_tokens_per_second": 1}, UNREPORTED, ERROR, None, "did not report how many tokens"),
    ({"that": "usage.output_tokens < 9"}, UNREPORTED, ERROR, None, "did not report how many tokens"),
    ({"that": "usage.input_tokens + usage.output_tokens < 9"}, UNREPORTED, ERROR, None, "report"),
    ({"that": "usage.cache_read_input_tokens == 0"}, UNREPORTED, PASS, None, ""),
    ({"max_input_tokens": 12}, "x", PASS, None, ""),
    ({"max_input_tokens": 11}, "x", FAIL, None, "had 12 tokens, the limit is 11"),
    ({"max_output_tokens": 3}, "x", PASS, None, ""),
    ({"max_output_tokens": "2"}, "x", FAIL, None, "has 3 tokens, the limit is 2"),
]  # fmt: skip


@parametrized(VECTORS)
def test_time_tokens_and_money_are_limited(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)


@pytest.mark.parametrize(
    ("origin", "result", "words"),
    [
        (ReplyOrigin.CACHE, NOT_APPLICABLE, "came from the cache, so it was not timed"),
        (ReplyOrigin.GIVEN, ERROR, "was not requested in this run, so it was not timed"),
        (ReplyOrigin.CASSETTE, NOT_APPLICABLE, "was replayed, so it was not timed"),
    ],
)
@pytest.mark.parametrize(
    "item",
    [
        {"max_latency": 1},
        {"max_ttft": 1},
        {"min_tokens_per_second": 1},
        {"that": "latency"},
        {"that": "output == 'x' and ttft < 1"},
        {"contains": "0", "transform": "latency"},
        {"not_contains": "0", "transform": "[output, ttft]"},
        {"not_calls_tool": "x", "transform": "latency"},
    ],
)
def test_the_time_of_a_reply_that_was_not_requested_is_never_judged(
    item: dict[str, Any], origin: ReplyOrigin, result: str, words: str
) -> None:
    verdict = judged(item, reply("x", latency=0.5, first_token=0.1, origin=origin))

    assert result_of(verdict) == result
    assert words in verdict.reason


def test_a_composition_of_times_alone_decides_nothing_without_them() -> None:
    item = {"all_of": [{"max_latency": 1}, {"that": "latency"}]}

    verdict = judged(item, reply("x", origin=ReplyOrigin.CACHE))

    assert result_of(verdict) == NOT_APPLICABLE


@pytest.mark.parametrize("origin", [ReplyOrigin.SERVICE, ReplyOrigin.RUN])
def test_a_reply_of_this_run_or_of_the_one_it_resumes_is_timed(origin: ReplyOrigin) -> None:
    assert untimed(reply("x", origin=origin)) is None


@pytest.mark.parametrize(
    "item",
    [{"that": "'latency' in output"}, {"that": "vars.latency is undefined", "transform": "'ttft'"}],
)
def test_what_only_mentions_a_time_is_judged(item: dict[str, Any]) -> None:
    verdict = judged(item, reply("the latency", origin=ReplyOrigin.CACHE))

    assert result_of(verdict) == PASS


def test_tokens_of_the_prompt_cache_count_as_input() -> None:
    usage = {"input_tokens": 1, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 100,
             "output_tokens": 1}  # fmt: skip

    verdict = judged({"max_input_tokens": 110}, reply(message=message(usage=usage)))

    assert verdict.reason == "the request had 111 tokens, the limit is 110"
