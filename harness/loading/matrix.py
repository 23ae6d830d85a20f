"""Reads `variants:` and `matrix:` of a suite."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.errors import SuiteError
from harness.loading.draft import SuiteDraft
from harness.loading.nodes import Node, SequenceNode, span_of
from harness.loading.texts import TextReader
from harness.loading.variants import Level, combine, request_axis, variable_axis
from harness.model.suite import Variant


def read_variants(
    draft: SuiteDraft, data: Mapping[str, Any], texts: TextReader
) -> tuple[Variant, ...]:
    """Return all variants of a suite; what is wrong with them is added to the draft."""
    named = [
        Level(name, texts.request(changes.get("request", {})), changes.get("vars", {}))
        for name, changes in data.get("variants", {}).items()
    ]
    axes = []
    for field, values in data.get("matrix", {}).items():
        if field == "vars":
            for name, levels in values.items():
                _check_levels(draft, draft.node("matrix", "vars", name), levels)
                axes.append(variable_axis(name, levels))
        else:
            _check_levels(draft, draft.node("matrix", field), values)
            sent = [texts.request({field: value})[field] for value in values]
            axes.append(request_axis(field, sent, values))
    variants = combine(named, axes)
    _check_names(draft, variants)
    return variants


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
            draft.problems.append(SuiteError(span_of(draft.node("matrix")), problem, fix))
