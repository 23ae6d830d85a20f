"""Reads `exclude:` of a matrix: combinations that are no variants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harness.errors import SuiteError
from harness.loading.draft import SuiteDraft
from harness.loading.nodes import MappingNode, node_at, span_of
from harness.loading.variants import Level
from harness.model.suite import VARIABLES
from harness.suggestions import write_instead

EXCLUDE = "exclude"


class Exclusion(NamedTuple):
    """Combinations with all of these values, by axis, are excluded."""

    values: Mapping[str, Any]

    def excludes(self, levels: Sequence[Level]) -> bool:
        """Return whether a combination is one of those."""
        by_axis = {level.axis: level for level in levels}
        return all(_is(by_axis[axis], value) for axis, value in self.values.items())


def read_exclusions(
    draft: SuiteDraft, data: Mapping[str, Any], axes: Sequence[Sequence[Level]]
) -> list[Exclusion]:
    """Return the exclusions of a suite that exclude something.

    Mistakes in the others are added to the draft.
    """
    exclusions = []
    for index, entry in enumerate(data.get("matrix", {}).get(EXCLUDE, ())):
        node = draft.node("matrix", EXCLUDE, index)
        assert isinstance(node, MappingNode)  # noqa: S101  # the shape has been checked
        exclusion = Exclusion(dict(_values(entry)))
        problems = list(_problems(node, exclusion, axes))
        draft.problems += problems
        exclusions += [] if problems else [exclusion]
    return exclusions


def _values(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        if name == VARIABLES:
            yield from ((f"{VARIABLES}.{variable}", one) for variable, one in value.items())
        else:
            yield name, value


def _problems(
    node: MappingNode, exclusion: Exclusion, axes: Sequence[Sequence[Level]]
) -> Iterator[SuiteError]:
    by_axis = {axis[0].axis: axis for axis in axes if axis}
    for axis, value in exclusion.values.items():
        place = span_of(node_at(node, axis.split(".")))
        levels = by_axis.get(axis)
        if levels is None:
            yield SuiteError(
                place, f"the variants do not differ in `{axis}`", write_instead(axis, list(by_axis))
            )
        elif not any(_is(level, value) for level in levels):
            names = [level.name for level in levels]
            yield SuiteError(
                place, f"`{axis}` has no value `{value}`", write_instead(str(value), names)
            )


def _is(level: Level, value: Any) -> bool:
    """Return whether a value is that of a level, as it is written or as the level is named."""
    return bool(value == level.written or value == level.name)
