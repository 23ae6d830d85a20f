"""JSON as it is sent and stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.json_text import json_bytes, json_value, plain_json_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda child: st.lists(child) | st.dictionaries(st.text(), child),
    max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_what_is_written_is_read_back_on_one_line(value: Any) -> None:
    written = json_bytes(value)

    assert b"\n" not in written
    assert json.loads(written) == value
    assert json_value(written) == value


@pytest.mark.parametrize("text", [b"", b"{", b"nothing", b"[1,]", b"\xff", b"1" * 30 + b"x"])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json_value(text)


@pytest.mark.parametrize("text", [b"[12345678901234567890]", b'{"a":0.5,"b":-1234567890123456789}'])
def test_a_long_integer_is_left_to_a_reader_that_keeps_its_digits(text: bytes) -> None:
    with pytest.raises(ValueError, match="a long integer"):
        plain_json_value(text)
    assert json_value(text) == json.loads(text)


def test_the_many_digits_behind_the_point_of_a_short_time_are_nothing_special() -> None:
    assert plain_json_value(b'{"queued":0.00019232000000000001}') == {"queued": 0.00019232}


@given(st.dictionaries(st.text(), st.integers()))
def test_sorted_keys_do_not_depend_on_the_order_they_came_in(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))

    assert json_bytes(value, sort_keys=True) == json_bytes(backwards, sort_keys=True)


def test_texts_that_know_their_place_are_written_as_texts() -> None:
    class Placed(str):
        __slots__ = ()

    assert json_bytes([Placed("é"), ("a",)]) == b'["\xc3\xa9",["a"]]'


def test_what_json_has_no_form_for_is_refused() -> None:
    with pytest.raises(TypeError):
        json_bytes({"path": object()})
