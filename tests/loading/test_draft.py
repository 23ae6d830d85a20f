from __future__ import annotations

from pathlib import Path

import pytest

from harness.loading.draft import SuiteDraft, draft_of
from harness.loading.nodes import MappingNode
from harness.loading.shape import ShapeError
from harness.loading.shape_messages import Path as KeyPath
from harness.source import SourceFile, Span
from tests.support.sources import node_of


def draft(*paths: KeyPath) -> SuiteDraft | None:
    root = node_of("suite: t\nvars: {a: 1}\n")
    assert isinstance(root, MappingNode)
    span = Span(Path("t.yaml"), 1, 1)
    errors = [ShapeError(span, "wrong", "change it", path, "type") for path in paths]
    return draft_of(SourceFile(Path("t.yaml"), ""), root, [], errors)


def test_broken_cases_and_keys_are_left_out() -> None:
    result = draft(("cases", 2, "id"), ("cases", 0), ("request", "model"), ("vars",))

    assert result is not None
    assert result.broken_cases == {0, 2}
    assert result.broken_keys == {"request", "vars"}


@pytest.mark.parametrize("path", [(), ("cases",), ("suite",), ("sweet",)])
def test_without_a_name_or_a_list_of_cases_nothing_can_be_read(path: KeyPath) -> None:
    assert draft(path) is None


@pytest.mark.parametrize(
    ("key", "defines_all"),
    [("vars", False), ("variants", False), ("matrix", False), ("request", True), ("judge", True)],
)
def test_variables_may_be_missing_where_they_are_defined(key: str, *, defines_all: bool) -> None:
    result = draft((key, "x"))

    assert result is not None
    assert result.defines_all_variables == defines_all


def test_a_node_is_found_by_its_path() -> None:
    result = draft()

    assert result is not None
    assert str(result.node("vars", "a").span) == "t.yaml:2:11"
