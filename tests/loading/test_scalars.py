from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.loading.scalars import resolve_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("True", True),
        ("tRUE", "tRUE"),
        ("Null", None),
        ("-0", 0),
        ("0o8", "0o8"),
        ("0xG", "0xG"),
        ("1.", 1.0),
        (".", "."),
        ("1e", "1e"),
        ("1E+2", 100.0),
        ("--1", "--1"),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_a_scalar_has_the_value_of_the_core_schema(text: str, value: object) -> None:
    result = resolve_scalar(text)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".inf", "not a finite number"),
        ("-.INF", "not a finite number"),
        (".nan", "not a finite number"),
        ("1e999", "out of range"),
        ("18446744073709551616", "does not fit into 64 bits"),
        ("-9223372036854775809", "does not fit into 64 bits"),
        ("9" * 5000, "does not fit into 64 bits"),
    ],
)
def test_a_number_that_json_or_64_bits_cannot_carry_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        resolve_scalar(text)

    assert len(str(caught.value)) < 100


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_back(number: float) -> None:
    result = resolve_scalar(repr(number))

    assert isinstance(result, float | int)
    assert math.isclose(result, number, rel_tol=0, abs_tol=0)
