from __future__ import annotations

from typing import Any

import pytest

from harness.model.reply import Reply, Usage, text_of

COUNTS = {"input_tokens": 1, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 3}


def test_usage_is_read_from_a_message_and_missing_counts_are_0() -> None:
    usage = Usage.of({"usage": COUNTS})

    assert usage == Usage(1, 0, 3, 2)
    assert usage.all_input_tokens == 6


@pytest.mark.parametrize("usage", [None, 5, {}, {"input_tokens": "5", "output_tokens": True}])
def test_usage_of_an_odd_message_is_0(usage: object) -> None:
    assert Usage.of({"usage": usage}) == Usage()


def test_usages_add_up() -> None:
    assert Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40) == Usage(11, 22, 33, 44)


def test_the_text_of_a_message_is_that_of_its_text_blocks() -> None:
    blocks = [{"type": "text", "text": "a"}, {"type": "tool_use"}, {"type": "text", "text": "b"}]

    assert text_of({"content": blocks}) == "ab"
    assert text_of({}) == text_of({"content": None}) == ""


@pytest.mark.parametrize(
    ("message", "stop_reason", "model"),
    [
        ({"stop_reason": "end_turn", "model": "m"}, "end_turn", "m"),
        ({"stop_reason": 1}, None, None),
    ],
)
def test_what_the_api_says_is_read_if_it_is_text(
    message: dict[str, Any], stop_reason: str | None, model: str | None
) -> None:
    reply = Reply(message, "")

    assert (reply.stop_reason, reply.model, reply.content) == (stop_reason, model, ())
