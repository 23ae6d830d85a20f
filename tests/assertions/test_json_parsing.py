"""Strict parsing of replies as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.assertions.json_parsing import json_decoder, not_json, parse_json, too_long

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
    max_leaves=10,
)


@pytest.mark.slow
@given(VALUES)
def test_json_is_parsed(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        ("NaN", "`NaN` is not a JSON number"),
        ("[-Infinity]", "`-Infinity` is not a JSON number"),
        ("1e999", "`1e999` is too large a number"),
        ("{'a': 1}", "Expecting property name"),
        ("```json\n{}\n```", "it is wrapped in a Markdown fence"),
    ],
)
def test_what_is_not_json_fails_and_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_json(text)

    verdict = not_json(caught.value, text)

    assert not verdict.is_error
    assert verdict.reason.startswith("the reply is not JSON: ")
    assert reason in verdict.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("[" * 100_000, "nested too deeply"), ("9" * 5000, "too many digits to be parsed")],
)
def test_what_exceeds_the_parser_is_an_error_because_it_may_be_json(text: str, reason: str) -> None:
    with pytest.raises((RecursionError, ValueError)) as caught:
        parse_json(text)

    verdict = not_json(caught.value, text)

    assert verdict.is_error
    assert reason in verdict.reason


def test_json_inside_a_text_is_parsed_as_strictly() -> None:
    assert json_decoder().raw_decode('x {"a": 1} y', 2) == ({"a": 1}, 10)
    with pytest.raises(ValueError, match="`NaN`"):
        json_decoder().raw_decode("[NaN]")


def test_a_text_above_the_limit_is_an_error() -> None:
    assert too_long("a" * 5_000_000) is None
    verdict = too_long("a" * 5_000_001)
    assert verdict is not None
    assert verdict.is_error
