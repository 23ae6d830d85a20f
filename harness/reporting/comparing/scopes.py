"""The parts of two runs that have verdicts of their own: suites, tags, variants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from harness.model.case_result import CaseKey
from harness.reporting.comparing.model import Scope, ScopeKind
from harness.reporting.comparing.sides import RunSide, by_variant


def parts_of_run(old: RunSide, new: RunSide, *, by_tag: bool) -> list[list[Scope]]:
    """Return the suites, the tags and the variants of two runs; none where there is only one.

    Args:
        old: The old run, with all its cases.
        new: The new run.
        by_tag: Whether tags are wanted; a case may have several.
    """
    variants = list(by_variant(old, new))
    return [
        _parts(old, new, ScopeKind.SUITE, _suite, least=2),
        _parts(old, new, ScopeKind.TAG, _tags, least=1) if by_tag else [],
        [
            Scope(before, after, ScopeKind.VARIANT, name)
            for name, before, after in variants
            if len(variants) > 1
        ],
    ]


def _suite(_side: RunSide, key: CaseKey) -> Iterable[str]:
    return (key.suite,)


def _tags(side: RunSide, key: CaseKey) -> Iterable[str]:
    return side.results[key].tags


def _parts(
    old: RunSide,
    new: RunSide,
    kind: ScopeKind,
    names_of: Callable[[RunSide, CaseKey], Iterable[str]],
    *,
    least: int,
) -> list[Scope]:
    """Return the parts that both sides have cases of, in the order of the new one."""
    fresh = _keys_by_name(new, names_of)
    names = [name for name in fresh if any(key in old.results for key in fresh[name])]
    before = _keys_by_name(old, names_of)
    if len(names) < least:
        return []
    return [
        Scope(
            # what a tag was given to since is in it for both sides
            _part(old, {*before.get(name, ()), *fresh[name]}),
            _part(new, {*before.get(name, ()), *fresh[name]}),
            kind,
            name,
        )
        for name in names
    ]


def _keys_by_name(
    side: RunSide, names_of: Callable[[RunSide, CaseKey], Iterable[str]]
) -> dict[str, list[CaseKey]]:
    keys: dict[str, list[CaseKey]] = {}
    for key in side.results:
        for name in names_of(side, key):
            keys.setdefault(name, []).append(key)
    return keys


def _part(side: RunSide, keys: set[CaseKey]) -> RunSide:
    # how many trials were left out is told of the whole
    return replace(side.part(keys), skipped=Counter(), excluded=Counter())
