"""Finds the variants of a case that would send the same request."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

from harness.json_text import json_bytes
from harness.model.request import PreparedTrial
from harness.model.suite import Case, Variant

Members = tuple[int, ...]
"""Variants by their place in the suite, counted from 0."""


class SameRequests:
    """Compares the rendered requests of the cases of one suite, one case at a time.

    Attributes:
        cases: The cases by the variants that send the same request in them.
    """

    def __init__(self, variants: Sequence[Variant]) -> None:
        self.cases: dict[Members, list[Case]] = {}
        # What is rendered into texts: with the same inputs they are the same in every case.
        self._inputs = [
            json_bytes([one.vars, one.request.get("system"), _messages(one)]) for one in variants
        ]
        self._latest: tuple[Set[str], list[list[Members]]] | None = None

    def add(self, case: Case, prepared: Sequence[PreparedTrial]) -> None:
        """Add a case, rendered in each variant of its suite."""
        if len(prepared) < 2 or case.skip is not None:  # a single variant is like no other
            return
        for candidates in self._candidates(case, prepared):
            for members in _same_texts(candidates, prepared):
                if len(members) > 1:
                    self.cases.setdefault(members, []).append(case)

    def _candidates(self, case: Case, prepared: Sequence[PreparedTrial]) -> list[list[Members]]:
        """Return the variants whose settings are equal, those with the same inputs together.

        The system prompt aside, nothing in the settings has templates, and what a case sets is the
        same in all variants. So only which fields a case sets matters, and that is mostly the same
        as in the case before it.
        """
        if self._latest is not None and self._latest[0] == case.request.keys():
            return self._latest[1]
        by_settings: dict[bytes, dict[bytes, list[int]]] = {}
        for index, trial in enumerate(prepared):
            by_inputs = by_settings.setdefault(_settings_key(trial.settings), {})
            by_inputs.setdefault(self._inputs[index], []).append(index)
        candidates = [list(map(tuple, by_inputs.values())) for by_inputs in by_settings.values()]
        # A variant that is alone needs no look at its texts.
        candidates = [one for one in candidates if len(one) > 1 or len(one[0]) > 1]
        self._latest = (case.request.keys(), candidates)
        return candidates


def _same_texts(
    candidates: Sequence[Members], prepared: Sequence[PreparedTrial]
) -> Iterable[Members]:
    """Return the candidates that have the same texts together."""
    if len(candidates) == 1:
        return candidates
    first_with: dict[Hashable, Members] = {}
    groups: dict[Members, list[int]] = {}
    for members in candidates:
        first = first_with.setdefault(_texts_of(prepared[members[0]]), members)
        if first is not members:
            groups.setdefault(first, [*first]).extend(members)
    alone = (members for members in first_with.values() if members not in groups)
    return (*alone, *(tuple(sorted(members)) for members in groups.values()))


def _messages(variant: Variant) -> list[Any]:
    return [turn.messages for turn in variant.turns]


def _settings_key(settings: Mapping[str, Any]) -> bytes:
    others = {name: value for name, value in settings.items() if name != "system"}
    for delivery in ("stream", "async"):
        if others.get(delivery) is False:
            del others[delivery]  # as if it were not set
    return json_bytes(_canonical(others), sort_keys=True)


def _canonical(value: Any) -> Any:
    """Return a JSON value in which equal numbers are written alike."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value


def _texts_of(prepared: PreparedTrial) -> Hashable:
    """Return what templates may have made different: the system prompt and all messages."""
    # No hash of the JSON: it takes longer, and an attachment of megabytes is one object in all
    # variants, whose hash Python keeps.
    contents = [message["content"] for turn in prepared.turns for message in turn.messages]
    texts = (prepared.settings.get("system"), *contents)
    try:
        hash(texts)
    except TypeError:  # content blocks
        return _frozen(texts)
    return texts


def _frozen(value: Any) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, Mapping):
        return tuple((key, _frozen(item)) for key, item in value.items())
    return value if isinstance(value, Hashable) else repr(value)
