"""Says why variants of a case send the same request, and which value wins where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.loading.case_ids import id_span
from harness.loading.datasets import DATASET_KEYS
from harness.loading.exclusions import EXCLUDE
from harness.loading.nodes import MappingNode, Node, SequenceNode, data_of, node_at
from harness.model.identical_variants import Cause, Reason
from harness.model.suite import PROMPT_AXIS, Case, Suite, Trial, Variant
from harness.source import Span


class FindsVariables(Protocol):
    """Knows which variables the templates of a case use."""

    def in_request(self, trial: Trial, name: str) -> bool:
        """Return whether what is sent uses a variable."""

    def in_expectations(self, case: Case, name: str) -> bool:
        """Return whether what is expected uses a variable."""


@dataclass(frozen=True, slots=True)
class _Level:
    """A named variant, or a value of an axis of the matrix.

    Attributes:
        values: What it sets, by part (`request` or `vars`) and name.
        spans: Where it sets that.
    """

    span: Span
    values: Mapping[tuple[str, str], Any]
    spans: Mapping[tuple[str, str], Span]


_PROMPT = (PROMPT_AXIS, "prompt")
_MISSING = object()  # stands for what a level does not set


class ShadowedValues:
    """Explains for one suite why variants that are written differently are the same.

    The positions of keys are read from the file again: most suites have no such variants, and need
    not keep them.
    """

    def __init__(self, suite: Suite, root: MappingNode, variables: FindsVariables) -> None:
        self._suite, self._variables = suite, variables
        axes = list(_axes(root, suite.variants))
        self._levels = [
            tuple(axis[at] for axis, at in zip(axes, one.coordinates, strict=True))
            for one in suite.variants
        ]
        cases = node_at(root, ["cases"])
        nodes = cases.items if isinstance(cases, SequenceNode) else []
        self._cases = {id_span(node): node for node in nodes if isinstance(node, MappingNode)}

    def reasons(self, case: Case, members: Sequence[int]) -> tuple[Span, tuple[Reason, ...]]:
        """Return where the variants are told apart, and why that makes no difference.

        Args:
            case: A case in which they send the same request.
            members: The variants, by their place in the suite, counted from 0.
        """
        # Of each axis on which they differ, their levels; the place is the first that differs.
        axes = [
            (number, levels)
            for number, levels in enumerate(
                zip(*map(self._levels.__getitem__, members), strict=True)
            )
            if any(level is not levels[0] for level in levels)
        ]
        first = axes[0][1]
        place = next(level.span for level in first if level is not first[0])
        trial = Trial(self._suite, case, self._suite.variants[members[0]], 1, case.repeat)
        variant = self._levels[members[0]]
        reasons = dict.fromkeys(
            self._reason(trial, variant, number, *key)
            for number, levels in axes
            for key in _differing_keys(levels)
        )
        return place, tuple(reasons) or (Reason(Cause.NAME),)

    def _reason(
        self, trial: Trial, variant: Sequence[_Level], axis: int, part: str, name: str
    ) -> Reason:
        """Return why what an axis sets makes no difference; the strongest value comes first."""
        full_name = f"{part}.{name}"
        if part == PROMPT_AXIS:
            return self._of_prompt(trial.case, variant[axis + 1 :])
        if name in getattr(self._suite.overrides, part):
            return Reason(Cause.OVERRIDE, full_name)
        if name in getattr(trial.case, part):
            return self._of_case(trial.case, part, name)
        for level in variant[axis + 1 :]:
            if (part, name) in level.spans:
                return Reason(Cause.MATRIX, full_name, level.spans[part, name])
        if part == "request" or self._variables.in_request(trial, name):
            return Reason(Cause.EQUAL, full_name)
        is_expected = self._variables.in_expectations(trial.case, name)
        return Reason(Cause.EXPECTED if is_expected else Cause.UNUSED, full_name)

    def _of_prompt(self, case: Case, later: Sequence[_Level]) -> Reason:
        node = self._cases[case.span]
        for key in ("prompt", "messages", "turns"):
            if case.turns and key in node.keys:
                return Reason(Cause.CASE, f"{PROMPT_AXIS}.{key}", node.keys[key].span)
        for level in later:
            if _PROMPT in level.spans:
                return Reason(Cause.PROMPTS, ".".join(_PROMPT), level.spans[_PROMPT])
        return Reason(Cause.EQUAL, ".".join(_PROMPT))

    def _of_case(self, case: Case, part: str, name: str) -> Reason:
        node = self._cases[case.span]
        span = _key_span(node, part, name)
        if span is not None:
            return Reason(Cause.CASE, f"{part}.{name}", span)
        place = next((key for key in DATASET_KEYS if key in node.values), "")
        return Reason(Cause.DATASET, f"{part}.{name}", node_at(node, [place]).span)


def _differing_keys(levels: Sequence[_Level]) -> Iterator[tuple[str, str]]:
    """Yield the part and the name of what some levels set otherwise than others."""
    for key in dict.fromkeys(key for level in levels for key in level.values):
        written = [level.values.get(key, _MISSING) for level in levels]
        if any(value != written[0] for value in written):
            yield key


def _axes(root: MappingNode, variants: Sequence[Variant]) -> Iterator[Sequence[_Level]]:
    """Yield the named variants, the prompts and the axes of the matrix, as far as there are any."""
    named = root.values.get("variants")
    if isinstance(named, MappingNode) and named.values:
        yield [_named_level(named.keys[name].span, node) for name, node in named.values.items()]
    if isinstance(prompts := root.values.get("prompts"), MappingNode):
        yield list(_prompt_levels(root.keys["prompts"].span, prompts, variants))
    matrix = root.values.get("matrix")
    if not isinstance(matrix, MappingNode):
        return
    for field, node in matrix.values.items():
        if field == "vars" and isinstance(node, MappingNode):
            yield from _matrix_axes("vars", node)
        elif field != EXCLUDE:
            yield from _matrix_axes("request", matrix, field)


def _prompt_levels(
    span: Span, prompts: MappingNode, variants: Sequence[Variant]
) -> Iterator[_Level]:
    """Yield the prompts; where an entry stands for several files, all are written in one place."""
    at = list(variants[0].levels).index(PROMPT_AXIS)
    names = {one.coordinates[at]: one.levels[PROMPT_AXIS] for one in variants}
    for number in range(max(names) + 1):
        name = names.get(number, "")
        place = prompts.keys[name].span if name in prompts.keys else span
        yield _Level(place, {_PROMPT: number}, {_PROMPT: place})


def _matrix_axes(part: str, node: MappingNode, *names: str) -> Iterator[Sequence[_Level]]:
    for name in names or tuple(node.values):
        span, values = node.keys[name].span, node.values[name]
        if isinstance(values, SequenceNode) and values.items:
            key = (part, name)
            yield [_Level(span, {key: data_of(item)}, {key: span}) for item in values.items]


def _named_level(span: Span, node: Node) -> _Level:
    values: dict[tuple[str, str], Any] = {}
    spans: dict[tuple[str, str], Span] = {}
    for part in ("request", "vars"):
        settings = node.values.get(part) if isinstance(node, MappingNode) else None
        if isinstance(settings, MappingNode):
            values |= {(part, name): data_of(value) for name, value in settings.values.items()}
            spans |= {(part, name): settings.keys[name].span for name in settings.values}
    for key in ("prompt", "messages"):
        if isinstance(node, MappingNode) and key in node.values:
            values[_PROMPT], spans[_PROMPT] = data_of(node.values[key]), node.keys[key].span
    return _Level(span, values, spans)


def _key_span(node: Node, part: str, name: str) -> Span | None:
    """Return where a node sets something, if it does."""
    settings = node.values.get(part) if isinstance(node, MappingNode) else None
    if isinstance(settings, MappingNode) and name in settings.keys:
        return settings.keys[name].span
    return None
