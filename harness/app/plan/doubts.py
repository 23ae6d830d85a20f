"""What is doubtful about a plan, though a run may begin: a warning for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.app.plan.planning import Plan
from harness.app.plan.probed import without_effect
from harness.app.plan.requirements import CaseInVariant, cases_of, unpriced_limits
from harness.app.plan.suite_variables import unused_variables, values_with_braces
from harness.errors import SuiteError
from harness.loading.block_schema import block_keys
from harness.model.suite import Trial
from harness.source import Span, Text
from harness.suggestions import closest


def plan_doubts(plan: Plan, trials: Sequence[Trial] | None = None) -> list[SuiteError]:
    """Return the doubts about a plan.

    These are limits on cost without a price, unknown keys of blocks, variables that nothing uses
    or whose values look like templates, and what the server was found to ignore or refuse.

    Args:
        plan: The plan.
        trials: Those that pytest asks for; without them, the selected trials.
    """
    cases = list(cases_of(plan, trials))
    return [
        *unpriced_limits(plan, trials),
        *_unknown_keys_of_system(cases),
        *_unknown_keys(cases),
        *(doubt for suite in plan.suites for doubt in unused_variables(suite)),
        *(doubt for suite in plan.suites for doubt in values_with_braces(suite)),
        *without_effect(plan, cases),
    ]


def _unknown_keys_of_system(cases: Iterable[CaseInVariant]) -> Iterator[SuiteError]:
    checked: set[int] = set()
    for suite, case, name in cases:
        variant = suite.variant(name)
        for part in (suite, variant, case):
            system = part.request.get("system")
            if isinstance(system, list) and id(system) not in checked:
                checked.add(id(system))
                yield from _unknown_keys_in([system], case.span)


def _unknown_keys(cases: Iterable[CaseInVariant]) -> Iterator[SuiteError]:
    checked: set[int] = set()
    for suite, case, name in cases:
        turns = suite.turns_of(case, suite.variant(name))
        if id(turns) not in checked:  # the rows of a dataset share them
            checked.add(id(turns))
            contents = (message["content"] for turn in turns for message in turn.messages)
            yield from _unknown_keys_in(contents, case.span)


def _unknown_keys_in(contents: Iterable[Any], otherwise: Span) -> Iterator[SuiteError]:
    for block in _blocks(contents):
        kind = block["type"]
        names = block_keys(kind)
        for key, value in block.items():
            if key not in names:
                close = closest(key, names)
                fix = f"write `{close}`" if close else "leave it if the service takes it"
                problem = f"unknown key `{key}` in a block of `type: {kind}`; it is sent as it is"
                yield SuiteError(_place(value, otherwise), problem, fix)


def _blocks(contents: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the blocks of contents, and those inside of them."""
    for content in contents:
        for block in content if isinstance(content, list) else ():
            yield block
            yield from _blocks([block.get("content"), block.get("source", {}).get("content")])


def _place(value: Any, otherwise: Span) -> Span:
    return value.span if isinstance(value, Text) else otherwise
