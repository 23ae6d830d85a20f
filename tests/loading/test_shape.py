from __future__ import annotations

import pickle
from typing import Any

import pytest

from harness.loading.nodes import data_of
from harness.loading.shape import ShapeChecker, ShapeError
from tests.support.sources import node_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"title": "a slug", "type": "string", "pattern": "^[a-z]+$"},
        "size": {"type": "integer", "exclusiveMinimum": 0},
        "rate": {"type": "number", "minimum": 0, "maximum": 1},
        "flag": {"type": "boolean"},
        "only": {"const": True},
        "kind": {"enum": ["one", "two"]},
        "items": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "either": {
            "anyOf": [
                {"title": "text", "type": "string", "minLength": 1},
                {"title": "a list of texts", "type": "array", "items": {"type": "string"}},
            ]
        },
    },
    "additionalProperties": False,
    "required": ["name"],
}


def problems(text: str) -> list[ShapeError]:
    node = node_of(text)
    return ShapeChecker(SCHEMA).problems(node, data_of(node))


def test_data_that_the_schema_accepts_has_no_problems() -> None:
    assert problems("{name: a, size: 1, rate: 1, flag: true, kind: one, items: [x]}") == []


@pytest.mark.parametrize(
    ("written", "column", "problem", "fix"),
    [
        ("{size: 1}", 2, "missing key `name`", "add `name: …`"),
        ("{name: A}", 8, "invalid `name`: `A`", "write a slug"),
        ("{name: 1}", 8, "`name` must be a slug, found `1`", 'put it in quotes: "1"'),
        ("{name: a, nmae: b}", 11, "unknown key `nmae`", "remove it; `name` is already set"),
        ("{name: a, szie: 1}", 11, "unknown key `szie`", "write `size`"),
        ("{name: a, size: 0}", 17, "`size` is out of range: 0", "write a number above 0"),
        (
            "{name: a, size: x}",
            17,
            "`size` must be a whole number, found the text `x`",
            "write a whole number",
        ),
        (
            "{name: a, rate: 80}",
            17,
            "`rate` is out of range: 80",
            "write a number from 0 to 1 (not a percentage)",
        ),
        (
            "{name: a, flag: off}",
            17,
            "`flag` must be true or false, found the text `off`",
            "write `false`",
        ),
        ("{name: a, only: false}", 17, "`only` must be true, found `false`", "write `true`"),
        ("{name: a, kind: twoo}", 17, "unknown `kind`: `twoo`", "write `two`"),
        (
            "{name: a, items: []}",
            18,
            "`items` is empty",
            "write at least one entry, or remove the key",
        ),
        (
            "{name: a, items: x}",
            18,
            "`items` must be a list, found the text `x`",
            "write a list: [x]",
        ),
        ("{name: a, items: [{}]}", 19, "`items[0]` must be text, found a mapping", "write text"),
        ("{name: a, either: ''}", 19, "`either` is empty", "write some text, or remove the key"),
        (
            "{name: a, either: [1]}",
            20,
            "`either[0]` must be text, found `1`",
            'put it in quotes: "1"',
        ),
        (
            "{name: a, either: 1}",
            19,
            "`either` must be text or a list of texts, found `1`",
            'put it in quotes: "1"',
        ),
        (
            "{name: a, either: {}}",
            19,
            "`either` must be text or a list of texts, found a mapping",
            "write text or a list of texts",
        ),
        ("[]", 1, "`the suite` must be a mapping, found a list", "write a mapping"),
    ],
)
def test_a_mistake_is_reported_in_words_at_its_position(
    written: str, column: int, problem: str, fix: str
) -> None:
    (error,) = problems(written)

    assert (error.span.column, error.problem, error.fix) == (column, problem, fix)


def test_mistakes_come_in_file_order_with_their_paths() -> None:
    errors = problems("name: A\nitems: [x, 1, 2]\nsize: 0\n")

    assert [(error.path, error.keyword) for error in errors] == [
        (("name",), "pattern"),
        (("items", 1), "type"),
        (("items", 2), "type"),
        (("size",), "exclusiveMinimum"),
    ]


def test_what_only_the_fast_validator_refuses_is_reported_too() -> None:
    (error,) = problems('name: "a\\n"\n')

    assert error.path == ("name",)
    assert "does not match" in error.problem


def test_an_error_survives_the_way_to_another_process() -> None:
    (error,) = problems("{name: A}")

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (str(copy), copy.path, copy.keyword) == (str(error), error.path, error.keyword)
