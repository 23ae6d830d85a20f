"""Reads the variants of a suite: combinations of `variants:`, `prompts:` and `matrix:`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.errors import SuiteError
from harness.loading.draft import SuiteDraft
from harness.loading.exclusions import EXCLUDE, read_exclusions
from harness.loading.nodes import Node, SequenceNode, span_of
from harness.loading.prompts import read_prompts, shared_turns
from harness.loading.texts import TextReader
from harness.loading.variants import Level, combine, request_axis, variable_axis
from harness.model.suite import VARIABLES, VARIANT_AXIS, Variant
from harness.source import Span


def read_variants(
    draft: SuiteDraft, data: Mapping[str, Any], texts: TextReader
) -> tuple[Variant, ...]:
    """Return all variants of a suite; what is wrong with them is added to the draft."""
    named = [
        Level(
            name,
            VARIANT_AXIS,
            name,
            texts.request(changes.get("request", {})),
            changes.get("vars", {}),
            shared_turns(changes, texts),
        )
        for name, changes in data.get("variants", {}).items()
    ]
    axes = [named, read_prompts(draft, data, texts), *_matrix_axes(draft, data, texts)]
    exclusions = read_exclusions(draft, data, axes)
    variants = combine(axes, lambda levels: any(one.excludes(levels) for one in exclusions))
    if not variants:
        span = draft.node("matrix", EXCLUDE).span
        fix = "remove one of its entries"
        draft.problems.append(SuiteError(span, "every combination is excluded", fix))
        variants = combine(axes)
    _check_names(draft, variants)
    return variants


def _matrix_axes(
    draft: SuiteDraft, data: Mapping[str, Any], texts: TextReader
) -> Iterator[list[Level]]:
    for field, values in data.get("matrix", {}).items():
        if field == VARIABLES:
            for name, levels in values.items():
                _check_levels(draft, draft.node("matrix", VARIABLES, name), levels)
                yield variable_axis(name, levels)
        elif field != EXCLUDE:
            _check_levels(draft, draft.node("matrix", field), values)
            sent = [texts.request({field: value})[field] for value in values]
            yield request_axis(field, sent, values)


def _check_levels(draft: SuiteDraft, node: Node, values: Sequence[Any]) -> None:
    """Refuse a duplicate on an axis: its trials would run, and count, twice."""
    assert isinstance(node, SequenceNode)  # noqa: S101  # the shape has been checked
    seen = set()
    for item, value in zip(node.items, values, strict=True):
        key = json.dumps(value, sort_keys=True)
        if key in seen:
            problem = "duplicate value on this axis of the matrix"
            draft.problems.append(SuiteError(item.span, problem, "remove one of the two"))
        seen.add(key)


def _check_names(draft: SuiteDraft, variants: Sequence[Variant]) -> None:
    for name, number in Counter(variant.name for variant in variants).items():
        if number > 1:
            problem = f"{number} variants have the name `{name}`"
            fix = "give each variant its own name"
            draft.problems.append(SuiteError(_place_of_axes(draft), problem, fix))


def _place_of_axes(draft: SuiteDraft) -> Span:
    keys = (key for key in ("matrix", "prompts", "variants") if key in draft.root.values)
    return span_of(draft.node(*list(keys)[:1]))
