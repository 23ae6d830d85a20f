"""Token counts: a count that was not reported is none, and never zero."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.usage import Cost, Price, Usage, cost_of

PRICES = {"m": Price(1.0, 10.0, cache_read=0.1, cache_write=2.0), "n": Price(2.0, 0.0)}
TEXT = {"content": [{"type": "text", "text": "hi"}]}
MILLION = 1_000_000


def test_usage_is_read_from_a_message() -> None:
    counts = {
        "input_tokens": 1,
        "output_tokens": 4,
        "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 3,
        "cache_creation": {"ephemeral_1h_input_tokens": 1, "ephemeral_5m_input_tokens": 2},
        "server_tool_use": {"web_search_requests": 5},
    }

    usage = Usage.of({**TEXT, "usage": counts})

    assert usage == Usage(1, 4, 3, 2, 1, 5)
    assert (usage.all_input_tokens, usage.all_tokens) == (6, 10)


@pytest.mark.parametrize(
    "usage", [None, 5, {}, {"input_tokens": "5", "output_tokens": True}, {"input_tokens": None}]
)
def test_what_a_message_does_not_report_is_no_count(usage: object) -> None:
    counts = Usage.of({**TEXT, "usage": usage})

    assert counts == Usage(None, None)
    assert counts.all_tokens is None
    assert not counts.is_reported


@pytest.mark.parametrize(
    ("message", "usage"),
    [
        ({**TEXT, "usage": {"input_tokens": 0, "output_tokens": 0}}, Usage(None, None)),
        ({**TEXT, "usage": {"input_tokens": 7, "output_tokens": 0}}, Usage(7, None)),
        ({**TEXT, "usage": {"input_tokens": 0, "output_tokens": 2}}, Usage(None, 2)),
        # all of the request may come from the cache, and a model may say nothing
        (
            {
                **TEXT,
                "usage": {"input_tokens": 0, "output_tokens": 2, "cache_read_input_tokens": 9},
            },
            Usage(0, 2, 0, 9),
        ),
        ({"content": [], "usage": {"input_tokens": 7, "output_tokens": 0}}, Usage(7, 0)),
        (
            {
                "content": [{"type": "text", "text": ""}],
                "usage": {"input_tokens": 7, "output_tokens": 0},
            },
            Usage(7, 0),
        ),
        (
            {"content": [{"type": "tool_use"}], "usage": {"input_tokens": 7, "output_tokens": 0}},
            Usage(7, None),
        ),
    ],
)
def test_a_count_that_cannot_be_true_was_not_reported(
    message: dict[str, Any], usage: Usage
) -> None:
    assert Usage.of(message) == usage


def test_usages_add_up_and_a_missing_count_stays_missing() -> None:
    one, other = Usage(1, 2, 3, 4, 5, 6), Usage(10, 20, 30, 40, 50, 60)

    assert one + other == Usage(11, 22, 33, 44, 55, 66)
    assert one + Usage(None, 1) == Usage(None, 3, 3, 4, 5, 6)


def test_a_price_counts_cached_tokens_separately() -> None:
    usage = Usage(MILLION, MILLION // 10, MILLION // 2, 10 * MILLION)

    assert PRICES["m"].cost(usage) == pytest.approx(1.0 + 1.0 + 1.0 + 1.0)


@pytest.mark.parametrize(
    ("price", "usd"),
    [
        (Price(3.0, 0.0), 3.0 + 3.0 + 3.0),
        (Price(3.0, 0.0, cache_read=0.3), 3.0 + 3.0 + 0.3),
        (Price(3.0, 0.0, cache_write=4.0), 4.0 + 4.0 + 3.0),
        (Price(3.0, 0.0, cache_write=4.0, cache_write_1h=6.0), 4.0 + 6.0 + 3.0),
        (Price(3.0, 0.0, cache_write_1h=6.0, cache_read=0.0), 3.0 + 6.0),
    ],
)
def test_cached_tokens_without_a_price_of_their_own_cost_what_input_costs(
    price: Price, usd: float
) -> None:
    usage = Usage(0, 0, 2 * MILLION, MILLION, ephemeral_1h_input_tokens=MILLION)

    assert price.cost(usage) == pytest.approx(usd)


def test_a_thousand_searches_have_a_price_or_the_cost_is_partial() -> None:
    usage = {"input_tokens": 1, "output_tokens": 0, "server_tool_use": {"web_search_requests": 500}}
    message = {"model": "m", "usage": usage}

    priced = cost_of({"m": Price(0.0, 0.0, web_search=10.0)}, message, {}, Usage.of(message))
    unpriced = cost_of({"m": Price(0.0, 0.0)}, message, {}, Usage.of(message))

    assert priced == Cost(5.0, is_partial=False)
    assert unpriced == Cost(0.0, is_partial=True)


def test_tokens_that_were_not_reported_have_no_cost() -> None:
    assert cost_of(PRICES, {"model": "m", **TEXT}, {}, Usage.of(TEXT)) == Cost(
        None, is_partial=False
    )


@pytest.mark.parametrize(
    ("answered", "requested", "usd"),
    [("m", "n", 1.0), ("m-2026", "n", 2.0), ("x", "y", None), (None, "m", 1.0)],
)
def test_the_model_that_answered_is_paid_for_or_else_the_one_requested(
    answered: str | None, requested: str, usd: float | None
) -> None:
    message = {"model": answered, "usage": {"input_tokens": MILLION, "output_tokens": 0}}

    assert cost_of(PRICES, message, {"model": requested}, Usage.of(message)).usd == usd
