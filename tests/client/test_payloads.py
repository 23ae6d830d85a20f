"""JSON of the service: what is read, what is refused, and what is a message."""

from __future__ import annotations

from typing import Any

import pytest

from harness.client.payloads import MAX_DEPTH, message_problem, parse_json
from tests.support.replies import message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        (b'"Gr\xc3\xbc\xc3\x9fe"', "Grüße"),
        ('"Grüße"'.encode("utf-16"), "Grüße"),
        ('"Grüße"'.encode("utf-8-sig"), "Grüße"),
        (b'"\\ud800"', "\ud800"),
        ("1" + "0" * 30, 10**30),
    ],
)
def test_json_is_read_from_text_and_from_bytes_in_any_of_its_encodings(
    text: str | bytes, value: object
) -> None:
    assert parse_json(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Expecting"),
        ("", "Expecting"),
        ("{} x", "Extra data"),
        ("NaN", "`NaN` is not a JSON number"),
        ("[-Infinity]", "`-Infinity` is not a JSON number"),
        ("1e999", "`1e999` is too large for a number"),
        (b"\xff", "codec can't decode"),
        ("[" * 200 + "]" * 200, "nested deeper than 100 levels"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_what_json_cannot_hold_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_json(text)


@pytest.mark.parametrize(("depth", "is_read"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_the_depth_is_counted_and_not_the_brackets(depth: int, is_read: bool) -> None:
    deep = "[" * depth + "1" + "]" * depth

    if is_read:
        assert parse_json(deep)
    else:
        with pytest.raises(ValueError, match="nested deeper"):
            parse_json(deep)
    assert len(parse_json("[" + ", ".join(["[]"] * 500) + "]")) == 500


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"stop_reason": None}, None),
        ({"usage": None}, None),
        ({"content": []}, None),
        ({"content": [{"type": "brand_new", "x": 1}]}, None),
        ({"usage": {"input_tokens": None, "service_tier": "standard"}}, None),
        ({"type": "completion"}, "its type is 'completion'"),
        ({"role": "user"}, "its role is 'user'"),
        ({"stop_reason": 1}, "its stop_reason is not a string"),
        ({"content": "hello"}, "it has no list of content"),
        ({"content": ["hello"]}, "its content[0] is not a block with a type"),
        (
            {"content": [{"type": "text", "text": "a"}, {}]},
            "its content[1] is not a block with a type",
        ),
        ({"content": [{"type": "text"}]}, "its content[0] has no text"),
        ({"content": [{"type": "text", "text": 4}]}, "its content[0] has no text"),
        ({"usage": [1]}, "its usage is not an object"),
        ({"usage": {"input_tokens": -1}}, "its usage.input_tokens is not a count"),
        ({"usage": {"output_tokens": "3"}}, "its usage.output_tokens is not a count"),
        ({"usage": {"output_tokens": True}}, "its usage.output_tokens is not a count"),
        ({"usage": {"output_tokens": 2**53}}, "its usage.output_tokens is not a count"),
    ],
)
def test_a_message_has_the_types_that_the_api_promises(
    changes: dict[str, Any], problem: str | None
) -> None:
    assert message_problem({**message(), **changes}) == problem


def test_fields_that_no_verdict_needs_may_be_missing() -> None:
    assert message_problem({"content": [{"type": "text", "text": "hello"}]}) is None
