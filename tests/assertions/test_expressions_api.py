"""What an expression can use."""

from __future__ import annotations

from harness.assertions.expressions_api import SCOPE, scope_of
from tests.support.replies import message, reply


def test_the_scope_has_the_reply_and_the_variables() -> None:
    on = reply("Hello", latency=1.5, first_token=0.5, cost=0.01)

    scope = scope_of(on, {"who": "Ada"})

    assert set(scope) == {*SCOPE, "who"}
    assert (scope["output"], scope["who"], scope["vars"]) == ("Hello", "Ada", {"who": "Ada"})
    assert (scope["latency"], scope["ttft"], scope["cost"]) == (1.5, 0.5, 0.01)
    assert (scope["stop_reason"], scope["model"]) == ("end_turn", message()["model"])
    assert scope["usage"]["output_tokens"] == 3
    assert scope["content"] == [{"type": "text", "text": "Hello"}]


def test_a_variable_cannot_hide_the_reply() -> None:
    assert scope_of(reply("Hello"), {"output": "forged"})["output"] == "Hello"
