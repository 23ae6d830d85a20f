from __future__ import annotations

import pytest

from harness.loading.nodes import data_of, described, node_at, shortened, span_of
from harness.source import Text
from tests.support.sources import node_of

ROOT = node_of("a: [1, {b: two}]\nc:\n  d: true\n")


def test_the_data_of_a_node_is_plain_and_its_texts_know_where_they_are() -> None:
    data = data_of(ROOT)

    assert data == {"a": [1, {"b": "two"}], "c": {"d": True}}
    text = data["a"][1]["b"]
    assert isinstance(text, Text)
    assert str(text.span) == "t.yaml:1:12"


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ([], "1:1"),
        (["a"], "1:4"),
        (["a", 0], "1:5"),
        (["a", 1, "b"], "1:12"),
        (["a", 7], "1:4"),
        (["c", "x", "y"], "3:3"),
        (["c", "d", "x"], "3:6"),
    ],
)
def test_a_path_leads_to_a_node_or_to_its_nearest_ancestor(
    path: list[str | int], position: str
) -> None:
    assert str(node_at(ROOT, path).span) == f"t.yaml:{position}"


def test_a_mapping_is_pointed_to_at_its_first_key() -> None:
    assert str(span_of(node_at(ROOT, ["a", 1]))) == "t.yaml:1:9"
    assert str(span_of(node_at(ROOT, ["a"]))) == "t.yaml:1:4"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{a: 1}", "a mapping"),
        ("[1]", "a list"),
        ("", "nothing"),
        ("null", "nothing"),
        ("yes", "the text `yes`"),
        ("0x1F", "`0x1F`"),
        ("TRUE", "`TRUE`"),
    ],
)
def test_a_node_is_described_as_it_is_written(written: str, words: str) -> None:
    assert described(node_at(node_of(f"a: {written}\n"), ["a"])) == words


def test_a_long_value_is_shortened() -> None:
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 60 + "…"
