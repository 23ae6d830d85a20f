"""Checks of a whole suite: mistakes that no single part of it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from harness.errors import SuiteError
from harness.model.suite import Case, Expectation, Suite, Turn
from harness.model.tool_results import (
    CALL,
    NAME,
    RESULT,
    Message,
    blocks_of,
    has_named_results,
    is_named_result,
    pairing_problem,
)
from harness.source import Span, Text

_MAX_DUPLICATES_PER_ID = 5
_TTFT_LIMIT = "max_ttft"
_PAIRING_FIX = (
    "answer each `tool_use` by a `tool_result` with its id, first in the user message after it"
)


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


def missing_prompts(suite: Suite) -> Iterator[SuiteError]:
    """Yield an error for each case that has nothing to send."""
    variants = [one for one in suite.variants if not suite.turns_of(Case("", suite.span), one)]
    if not variants:
        return
    is_every = len(variants) == len(suite.variants)
    where = "" if is_every else f" in the variant `{variants[0].name}`"
    fix = "add `prompt: …` to the case, to the suite, or to the variant"
    if is_every:
        fix = "add `prompt: …`, `messages: …` or `turns: …`, or `prompts:` for all cases"
    reported: set[Span] = set()
    for case in suite.cases:
        if not case.turns and case.output is None and case.span not in reported:
            reported.add(case.span)
            yield SuiteError(case.span, f"the case `{case.id}` has no prompt{where}", fix)


def unstreamed_limits(
    suite: Suite, leaves: Callable[[Expectation], Iterable[Expectation]]
) -> Iterator[SuiteError]:
    """Yield limits on the first token of cases that are streamed in no variant.

    Args:
        suite: The suite.
        leaves: Returns the innermost expectations of an expectation.
    """
    checked: set[tuple[int, int]] = set()
    for case in suite.cases:
        key = (id(case.expectations), id(case.request))
        if key in checked and not case.turns[1:]:
            continue  # the rows of a dataset share them
        checked.add(key)
        limits = [
            leaf
            for expectation in case.all_expectations
            for leaf in leaves(expectation)
            if leaf.assertion == _TTFT_LIMIT
        ]
        if limits and not any(suite.request_of(case, one).get("stream") for one in suite.variants):
            problem = f"`{_TTFT_LIMIT}` needs a stream, but `{case.id}` is sent without one"
            yield SuiteError(limits[0].span, problem, "add `stream: true` under `request:`")


def conversation_problems(suite: Suite) -> Iterator[SuiteError]:
    """Yield calls without results and results without calls, as far as no reply decides."""
    checked: set[int] = set()
    shared = [(suite.turns, suite.span), *((one.turns, suite.span) for one in suite.variants)]
    for turns, span in [*shared, *((case.turns, case.span) for case in suite.cases)]:
        if id(turns) in checked:
            continue  # the rows of a dataset share them
        checked.add(id(turns))
        for number, turn in enumerate(turns):
            if not number and has_named_results(turn.messages):
                problem = "the first turn has results of tools, but no reply has called any"
                yield SuiteError(span, problem, "begin with a turn that has a `prompt`")
                continue
            before, messages = ([], turn.messages) if not number else _after_a_reply(turn)
            found = pairing_problem([*before, *messages])
            if found is not None:
                role = turn.messages[max(0, found.message - len(before))]["role"]
                place = role.span if isinstance(role, Text) else span
                yield SuiteError(place, found.words, _PAIRING_FIX)


def _after_a_reply(turn: Turn) -> tuple[list[Message], list[Message]]:
    """Return a reply that makes all calls which a turn answers first, and the messages after it."""
    first, *others = turn.messages
    blocks = [
        # several results of one tool answer several calls
        {**block, "tool_use_id": f"{block[NAME]} {number}"} if is_named_result(block) else block
        for number, block in enumerate(blocks_of(first))
    ]
    ids = dict.fromkeys(str(b.get("tool_use_id")) for b in blocks if b.get("type") == RESULT)
    calls = [{"type": CALL, "id": name} for name in ids]
    return [{"role": "assistant", "content": calls}], [{**first, "content": blocks}, *others]


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
        if case.output is not None:
            continue  # nothing is sent
        checked.add(id(case.request))
        for variant in suite.variants:
            request = suite.request_of(case, variant)
            for name in request.get("extra", {}).keys() & request.keys():
                problem = f"`{name}` is set in `request` and in its `extra`"
                yield SuiteError(case.span, problem, "keep one of the two")
            if request.get("stream") and request.get("async"):
                problem = f"`stream` and `async` are both set in the variant `{variant.name}`"
                yield SuiteError(case.span, problem, "keep one of the two")
            if "model" not in request and has_whole_request:
                fix = "add `model: …` under `request:`"
                yield SuiteError(suite.span, "no model is set", fix)
                return
