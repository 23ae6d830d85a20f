"""Types of arguments: what YAML may hold, and what an assertion receives."""

from __future__ import annotations

import math
import pickle
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator

from harness.assertions.parameters import (
    DURATION,
    FLAG,
    INTEGER,
    NON_EMPTY_TEXT,
    NUMBER,
    RANGE,
    SHARE,
    TEXT,
    TEXTS,
    TRUE,
    VARIANT,
    ArgumentError,
    Duration,
    NonEmptyText,
    ParameterType,
    Range,
    Share,
    TrueOnly,
    VariantName,
    from_rendered,
    parameter_type,
    read_duration,
)
from harness.errors import DefinitionError

READ: list[tuple[ParameterType, Any, Any]] = [
    (TEXT, "", ""),
    (TEXT, "a", "a"),
    (NON_EMPTY_TEXT, "a", "a"),
    (INTEGER, 20, 20),
    (INTEGER, "20", 20),
    (INTEGER, " 20 ", 20),
    (INTEGER, 20.0, 20),
    (NUMBER, 0.5, 0.5),
    (NUMBER, "0.5", 0.5),
    (NUMBER, 0, 0.0),
    (SHARE, 1, 1.0),
    (SHARE, "0.8", 0.8),
    (FLAG, True, True),
    (FLAG, "False", False),
    (FLAG, "true", True),
    (TRUE, True, True),
    (TRUE, "True", True),
    (TEXTS, ["a", "b"], ["a", "b"]),
    (TEXTS, '["a", "b"]', ["a", "b"]),
    (DURATION, "250ms", 0.25),
    (DURATION, 2, 2.0),
    (RANGE, 3, {"min": 3, "max": 3}),
    (RANGE, "3", {"min": 3, "max": 3}),
    (RANGE, {"min": 1}, {"min": 1}),
    (RANGE, {"min": "1", "max": 2}, {"min": 1, "max": 2}),
    (VARIANT, "terse", "terse"),
]
REFUSED: list[tuple[ParameterType, Any, str]] = [
    (TEXT, 5, "expected text, found 5"),
    (TEXT, None, "expected text, found None"),
    (NON_EMPTY_TEXT, "", "found an empty text, which every reply contains"),
    (INTEGER, -1, "expected a whole number, found -1"),
    (INTEGER, 1.5, "expected a whole number, found 1.5"),
    (INTEGER, True, "expected a whole number, found True"),
    (INTEGER, "many", "expected a whole number, found 'many'"),
    (INTEGER, math.inf, "expected a whole number, found inf"),
    (NUMBER, "cheap", "expected a number, found 'cheap'"),
    (NUMBER, math.nan, "expected a number, found nan"),
    (NUMBER, math.inf, "expected a number, found inf"),
    (NUMBER, True, "expected a number, found True"),
    (NUMBER, [1], "expected a number"),
    (SHARE, 80, "expected a number from 0 to 1, found 80"),
    (SHARE, -0.1, "expected a number, found -0.1"),
    (FLAG, "yes", "expected true or false, found 'yes'"),
    (FLAG, 1.5, "expected true or false, found 1.5"),
    (TRUE, False, "`false` judges nothing"),
    (TRUE, "false", "`false` judges nothing"),
    (TEXTS, [], "expected a list of texts, found []"),
    (TEXTS, "a", "expected a list of texts, found 'a'"),
    (TEXTS, ["a", ""], "found an empty text"),
    (TEXTS, ["a", 1], "expected text, found 1"),
    (DURATION, "0s", "expected a duration, found '0s'"),
    (DURATION, "soon", "expected a duration, found 'soon'"),
    (DURATION, True, "expected a duration, found True"),
    (RANGE, {"min": 5, "max": 2}, "`min` is larger than `max`"),
    (RANGE, {"min": -1}, "expected a whole number, found -1"),
    (VARIANT, "", "found an empty text"),
]


@pytest.mark.parametrize(("kind", "value", "result"), READ)
def test_a_value_of_the_type_is_read_whether_rendered_or_not(
    kind: ParameterType, value: Any, result: Any
) -> None:
    read = kind.read(value)

    assert read == result
    assert type(read) is type(result)


@pytest.mark.parametrize(("kind", "value", "words"), REFUSED)
def test_any_other_value_is_refused_with_a_fix(kind: ParameterType, value: Any, words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        kind.read(value)

    assert words in caught.value.problem
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("5s", 5), ("2m", 120), ("1.5h", 5400), (".5 s", 0.5), ("3", 3), (" 1s ", 1)],
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert read_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("kind", "value", "is_valid"),
    [
        (INTEGER, 3, True),
        (INTEGER, "{{ n }}", True),
        (INTEGER, "three", False),
        (FLAG, "{{ is_loud }}", True),
        (TRUE, True, True),
        (TRUE, False, False),
        (DURATION, "{{ limit }}", True),
        (DURATION, "soon", False),
        (RANGE, {"min": "{{ n }}"}, True),
        (RANGE, {}, False),
        (VARIANT, "a", True),
    ],
)
def test_yaml_may_hold_the_type_or_a_template(
    kind: ParameterType, value: Any, is_valid: bool
) -> None:
    assert Draft202012Validator(kind.yaml_schema).is_valid(value) is is_valid


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, TEXT),
        (int, INTEGER),
        (float, NUMBER),
        (bool, FLAG),
        (list[str], TEXTS),
        (int | None, INTEGER),
        (NonEmptyText, NON_EMPTY_TEXT),
        (Duration | None, DURATION),
        (Range, RANGE),
        (Share, SHARE),
        (VariantName, VARIANT),
        (TrueOnly, TRUE),
    ],
)
def test_an_annotation_stands_for_a_type(annotation: Any, kind: ParameterType) -> None:
    assert parameter_type(annotation) is kind


def test_a_literal_is_a_choice() -> None:
    kind = parameter_type(Literal["partial", "exact"])

    assert kind.schema["enum"] == ["partial", "exact"]


@pytest.mark.parametrize("annotation", [complex, dict, int | str, Annotated[set[str], "x"], Any])
def test_any_other_annotation_is_refused(annotation: Any) -> None:
    with pytest.raises(DefinitionError, match="cannot be annotated"):
        parameter_type(annotation)


@pytest.mark.parametrize(
    ("value", "result"),
    [('{"a": [1]}', {"a": [1]}), ("true", True), ("a text", "a text"), ([1], [1]),
     ("[" * 100_000, "[" * 100_000)],
)  # fmt: skip
def test_json_from_a_template_is_parsed_and_anything_else_kept(value: Any, result: Any) -> None:
    assert from_rendered(value) == result


def test_an_argument_error_survives_pickling() -> None:
    error = ArgumentError("wrong", "mend it", ("a", 1), 3)

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own

    assert (copy.problem, copy.fix, copy.path, copy.offset) == ("wrong", "mend it", ("a", 1), 3)
    assert str(copy) == "wrong"
