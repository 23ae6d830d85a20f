"""Reference texts as arguments."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.parameters import ArgumentError, parameter_type
from harness.assertions.references import (
    MeteorReferences,
    References,
    RougeReferences,
    SacrebleuReferences,
)

ALL = [References, RougeReferences, MeteorReferences, SacrebleuReferences]


@pytest.mark.parametrize("annotation", ALL)
@pytest.mark.parametrize(("value", "texts"), [("one", ["one"]), (["a", "b"], ["a", "b"])])
def test_one_text_or_several_are_read_as_a_list(
    annotation: Any, value: Any, texts: list[str]
) -> None:
    assert parameter_type(annotation).read(value) == texts


@pytest.mark.parametrize("annotation", ALL)
@pytest.mark.parametrize("value", ["", " ", [], ["a", ""], [1], 5, {"a": "b"}])
def test_anything_else_is_refused(annotation: Any, value: Any) -> None:
    with pytest.raises(ArgumentError, match="expected a text or a list of texts"):
        parameter_type(annotation).read(value)


def test_rouge_needs_words_that_it_does_not_drop() -> None:
    with pytest.raises(ArgumentError, match=r"words of a-z and 0-9, but 'Привет' has none"):
        parameter_type(RougeReferences).read(["hello", "Привет"])
    assert parameter_type(SacrebleuReferences).read("Привет") == ["Привет"]
