"""A suite file while it is read: what of it is well-formed, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.errors import SuiteError
from harness.loading.nodes import MappingNode, Node, node_at
from harness.loading.shape import ShapeError
from harness.source import SourceFile

_KEYS_WITH_VARIABLES = frozenset({"vars", "variants", "matrix", "prompts"})
_INDEPENDENT_KEYS = _KEYS_WITH_VARIABLES | {
    "request", "assert", "repeat", "pass_rate", "tags", "description", "metrics", "judge",
    "prompt", "messages",
}  # fmt: skip


@dataclass(slots=True)
class SuiteDraft:
    """The well-formed parts of a suite file.

    Attributes:
        problems: Everything that is wrong with the file, in the order in which it shows.
        broken_cases: Indexes of cases to leave out.
        broken_keys: Top-level keys to leave out.
    """

    file: SourceFile
    root: MappingNode
    problems: list[SuiteError]
    broken_cases: frozenset[int]
    broken_keys: frozenset[str]

    @property
    def defines_all_variables(self) -> bool:
        """Whether a variable that is missing here is missing from the file."""
        return not self.broken_keys & _KEYS_WITH_VARIABLES

    def node(self, *path: str | int) -> Node:
        """Return the node at a path of keys and indexes."""
        return node_at(self.root, path)


def draft_of(
    file: SourceFile,
    root: MappingNode,
    problems: list[SuiteError],
    shape_errors: Iterable[ShapeError],
) -> SuiteDraft | None:
    """Return what can be read in spite of shape errors, or None if that is nothing."""
    cases, keys = set(), set()
    for error in shape_errors:
        match error.path:
            case ("cases", int(index), *_):
                cases.add(index)
            case (str(key), *_) if key in _INDEPENDENT_KEYS:
                keys.add(key)
            case _:
                return None
    return SuiteDraft(file, root, problems, frozenset(cases), frozenset(keys))
