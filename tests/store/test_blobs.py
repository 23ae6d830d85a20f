"""Long texts are stored once, and put in again where they are read."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.store.blobs import REFERENCE, SHORTEST, BlobWriter, expand, references_in

LONG = "x" * SHORTEST


def test_a_text_is_replaced_from_the_shortest_length_on() -> None:
    new: dict[str, str] = {}

    shrunk = BlobWriter().shrink(["x" * (SHORTEST - 1), LONG], new)

    assert shrunk[0] == "x" * (SHORTEST - 1)
    assert shrunk[1] == {REFERENCE: next(iter(new))}
    assert list(new.values()) == [LONG]


def test_a_text_is_new_once() -> None:
    writer, first, second = BlobWriter(), dict[str, str](), dict[str, str]()

    one = writer.shrink({"a": LONG}, first)
    two = writer.shrink([LONG], second)

    assert one["a"] == two[0]
    assert (len(first), second) == (1, {})


def test_a_reference_whose_text_is_missing_stays_as_it_is() -> None:
    value = [{REFERENCE: "0" * 64}]

    assert expand(value, {}) == value
    assert list(references_in(value)) == ["0" * 64]


def test_a_mapping_with_more_than_a_reference_is_not_one() -> None:
    value = {REFERENCE: "name", "other": 1}

    assert list(references_in(value)) == []
    assert expand(value, {"name": "text"}) == value


VALUES = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from(["", "short", LONG, f"{LONG}!", "\ud800" * SHORTEST]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "text"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_what_was_shrunk_expands_to_the_same(value: Any) -> None:
    texts: dict[str, str] = {}

    shrunk = BlobWriter().shrink(value, texts)

    assert set(references_in(shrunk)) == set(texts)
    assert expand(shrunk, texts) == value
