from __future__ import annotations

import json
from typing import Any

from harness.simulator.messages import error_body, events, is_content, message
from harness.simulator.rules import ScriptedReply

HELLO = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
CALL = {"name": "get_weather", "input": {"city": "Köln"}}


def data_of(event: bytes) -> dict[str, Any]:
    kind, data, end = event.decode().split("\n", 2)
    parsed: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert (kind, end) == (f"event: {parsed['type']}", "\n")
    return parsed


def test_a_message_has_the_texts_and_calls_of_a_reply() -> None:
    result = message(ScriptedReply("Hi", "tool_use", name="x", calls=[CALL, CALL]), HELLO)

    assert [block["type"] for block in result["content"]] == ["text", "tool_use", "tool_use"]
    assert result["content"][1]["input"] == {"city": "Köln"}
    assert result["content"][1]["id"] != result["content"][2]["id"]
    assert (result["model"], result["stop_reason"]) == ("m", "tool_use")


def test_ids_depend_on_the_name_of_the_reply_alone() -> None:
    ids = [message(ScriptedReply("Hi", name=name), HELLO)["id"] for name in ("a", "a", "b")]

    assert ids[0] == ids[1] != ids[2]


def test_an_empty_reply_is_an_empty_text_but_not_beside_a_call() -> None:
    assert message(ScriptedReply(""), HELLO)["content"] == [{"type": "text", "text": ""}]
    assert len(message(ScriptedReply("", calls=[CALL]), HELLO)["content"]) == 1


def test_the_events_of_a_stream_add_up_to_the_message() -> None:
    reply = ScriptedReply("one two three four five", name="x", calls=[CALL])

    stream = [data_of(event) for event in events(reply, HELLO)]

    deltas = [event["delta"] for event in stream if event["type"] == "content_block_delta"]
    text = "".join(delta.get("text", "") for delta in deltas)
    arguments = "".join(delta.get("partial_json", "") for delta in deltas)
    assert text == reply.text
    assert json.loads(arguments) == CALL["input"]
    assert [event["type"] for event in stream if "block" not in event["type"]] == [
        "message_start",
        "ping",
        "message_delta",
        "message_stop",
    ]
    whole = message(reply, HELLO)
    assert stream[-2]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]
    assert stream[0]["message"]["id"] == whole["id"]


def test_only_pieces_of_the_reply_are_content() -> None:
    stream = list(events(ScriptedReply("one two three four"), HELLO))

    assert [data_of(event)["type"] for event in stream if is_content(event)] == [
        "content_block_delta"
    ] * 2


def test_an_error_has_a_type_a_message_and_a_request() -> None:
    assert error_body("api_error", "broken", "req_1") == {
        "type": "error",
        "error": {"type": "api_error", "message": "broken"},
        "request_id": "req_1",
    }
