"""Checks of a whole suite: mistakes that no single part of it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.errors import SuiteError
from harness.model.suite import Case, Suite
from harness.source import Span

_MAX_DUPLICATES_PER_ID = 5


def duplicate_ids(cases: Iterable[Case]) -> Iterator[SuiteError]:
    """Yield an error for each case with the id of an earlier one, at most five per dataset."""
    first_cases: dict[str, Case] = {}
    duplicates: dict[Span, int] = {}
    for case in cases:
        first = first_cases.setdefault(case.id, case)
        if first is case:
            continue
        duplicates[case.span] = duplicates.get(case.span, 0) + 1
        if duplicates[case.span] > _MAX_DUPLICATES_PER_ID:
            continue
        rows = f" in rows {first.row} and {case.row}" if case.row and first.row else ""
        problem = f"duplicate id `{case.id}`{rows}; first used on line {first.span.line}"
        yield SuiteError(case.span, problem, "give each case its own id")


def request_problems(suite: Suite, *, has_whole_request: bool) -> Iterator[SuiteError]:
    """Yield mistakes that show once suite, variants, cases and command line are merged.

    Args:
        suite: The suite.
        has_whole_request: Whether no part was left out that may set the model.
    """
    checked: set[int] = set()
    for case in suite.cases:
        if id(case.request) in checked:
            continue  # the rows of a dataset share it
        checked.add(id(case.request))
        for variant in suite.variants:
            request = {
                **suite.request,
                **variant.request,
                **case.request,
                **suite.overrides.request,
            }
            if request.get("stream") and request.get("async"):
                problem = f"`stream` and `async` are both set in the variant `{variant.name}`"
                yield SuiteError(case.span, problem, "keep one of the two")
            if "model" not in request and has_whole_request:
                fix = "add `model: …` under `request:`"
                yield SuiteError(suite.span, "no model is set", fix)
                return
