from __future__ import annotations

from typing import Any

import pytest

from harness.model.reply import Reply, text_of


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
