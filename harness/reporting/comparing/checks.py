"""What stands against a verdict on two sides, and what may differ between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.sides import RunSide

MOST_MISSING = 0.05

_MUST_BE_ALIKE: dict[str, Callable[[CaseResult], Set[object]]] = {
    "with other inputs": lambda result: result.conditions.inputs,
    "with other assertions": lambda result: result.conditions.expectations,
    "with another threshold or pass_rate": lambda result: result.conditions.rules,
}


def refusals(old: RunSide, new: RunSide, pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield why there is no verdict: what would make it one about something else."""
    if not pairs and not new.not_compared and not new.left_out:
        yield from _nothing_to_compare(old, new)
        return
    if old.judge != new.judge:
        yield f"they have different judges: {old.judge or 'none'} and {new.judge or 'none'}"
    differing = [pair for pair in pairs if not pair.old.conditions.are_like(pair.new.conditions)]
    for words, values in _MUST_BE_ALIKE.items():
        other = named(
            pair.new.key
            for pair in differing
            if values(pair.old) and values(pair.new) and values(pair.old) != values(pair.new)
        )
        if other:
            yield f"{cases(len(other))} {words}: {few(other)}"
    missing = list(_missing(old, new))
    yield from missing
    if not pairs and not missing:
        gone = named(key for key in old.results if key not in new.results)
        yield f"no case is left to compare: {few(gone)} not judged, or left out"


def _nothing_to_compare(old: RunSide, new: RunSide) -> Iterator[str]:
    """Say why no case is left of those that were judged."""
    gone = named(key for key in old.results if key not in new.results)
    errored = named(key for key in old.results if key in new.results)
    if gone:
        yield f"{cases(len(gone))} missing in {new.name}: {few(gone)}"
    if errored:
        yield f"{cases(len(errored))} only errored in {old.name}: {few(errored)}"


def _missing(old: RunSide, new: RunSide) -> Iterator[str]:
    """Yield the cases that are gone, if they are too many for a verdict on the others.

    One may always go: of ten cases, a tenth. What was left out on request, because it errored, does
    not count; a variant that the new side lacks as a whole is compared by itself.
    """
    variants = {key.variant for key in (*new.results, *new.not_compared, *new.left_out)}
    expected = [key for key in old.results if key.variant in variants or not variants]
    missing = [key for key in expected if key not in new.results and key not in new.left_out]
    if len(missing) <= max(1, MOST_MISSING * len(expected)):
        return
    # `skip` and `xfail` must not turn a drop into a verdict on the cases that remain
    muted = named(key for key in missing if key in new.not_compared)
    gone = named(key for key in missing if key not in new.not_compared)
    if gone:
        yield f"{cases(len(gone))} missing in {new.name}: {few(gone)}"
    if muted:
        words = f"skipped, expected to fail or unjudged in {new.name}"
        yield f"{cases(len(muted))} {words}: {few(muted)}"


def factors(old: RunSide, new: RunSide, pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield what differs between the sides, and may."""
    models, settings = (old.models, new.models), (old.settings, new.settings)
    if models[0] != models[1]:
        yield f"model: {_and(models[0])} -> {_and(models[1])}"
    differing = sorted({name for name, _ in settings[0] ^ settings[1]})
    for name in differing:
        values = [_and({value for setting, value in side if setting == name}) for side in settings]
        yield f"{name}: {values[0]} -> {values[1]}"
    prompts = {
        (pair.new.key.suite, pair.new.key.case)
        for pair in pairs
        if pair.old.conditions.requests
        and pair.new.conditions.requests
        and pair.old.conditions.requests.isdisjoint(pair.new.conditions.requests)
    }
    if prompts and models[0] == models[1] and not differing:
        yield f"prompts or settings of {cases(len(prompts))}"
    ungrouped = named(
        pair.new.key for pair in pairs if pair.old.group is not None and pair.new.group is None
    )
    if ungrouped:
        their = "its" if len(ungrouped) == 1 else "their"
        yield f"{cases(len(ungrouped))} without {their} `group`: {few(ungrouped)}"


def cases(number: int) -> str:
    """Return so many cases in words."""
    return f"{number:,} case{'' if number == 1 else 's'}"


def named(keys: Iterable[CaseKey]) -> list[str]:
    """Return the names of cases; one that is there in several variants is named without them."""
    variants: dict[CaseKey, list[CaseKey]] = {}
    for key in keys:
        variants.setdefault(CaseKey(key.suite, key.case), []).append(key)
    return [str(case if len(found) > 1 else found[0]) for case, found in variants.items()]


def few(names: Sequence[str], most: int = 5) -> str:
    """Return the first of some names, and how many more there are."""
    remaining = len(names) - most
    return ", ".join(names[:most]) + (f" and {remaining:,} more" if remaining > 0 else "")


def _and(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "none"
