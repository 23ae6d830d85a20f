"""Assertions on the tools that a reply calls."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from harness.assertions.difference import excerpt, quoted
from harness.assertions.nested import Expectations
from harness.assertions.parameters import (
    ArgumentError,
    FilledText,
    OnlyTrue,
    ParameterType,
    Range,
    Share,
    from_rendered,
)
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

tool_assertions = AssertionRegistry()

_MOST_SHOWN = 3


def _read_object(value: Any) -> Any:
    value = from_rendered(value)
    if not isinstance(value, Mapping):
        raise ArgumentError(f"expected a mapping, found {value!r}", "write `{name: value}`")
    return value


JsonObject = Annotated[
    dict[str, Any], ParameterType({"title": "a mapping", "type": "object"}, _read_object)
]


@tool_assertions.register("calls_tool")
def calls_tool(
    reply: Reply,
    name: FilledText,
    *,
    arguments: JsonObject | None = None,
    match: Literal["partial", "exact"] = "partial",
    times: Range | None = None,
    assert_: Expectations | None = None,
) -> Verdict:
    """Pass when the reply calls a tool.

    With `arguments` at least one call must have them: with `match: partial`, the default, others
    may stand beside them, in mappings inside too; with `match: exact` they are all of them. With
    `assert` the arguments of at least one such call, as JSON text, must meet every expectation.
    `times` says how many such calls there are: a number, or `{min: …, max: …}`.
    """
    calls = [block for block in tool_calls(reply) if block.get("name") == name]
    reason = f"the tool {quoted(name)} is called {_times(len(calls))}"
    if arguments is not None:
        fits = [each for each in calls if _fits(arguments, each.get("input"), match)]
        reason = f"{reason}, {len(fits)} of these calls with the arguments"
        shown = json.dumps(arguments, ensure_ascii=False)
    else:
        fits, shown = calls, name
    if assert_ is not None:
        met = []
        for call in fits:
            text = json.dumps(call.get("input"), ensure_ascii=False)
            verdicts = list(assert_.judge(replace(reply, text=text)))
            for expectation, verdict in verdicts:
                if verdict.is_error and expectation.decides:
                    why = f"{expectation.key}: {verdict.reason}"
                    return Verdict.errored(why, verdict.traceback or "")
            wrong = [f"{e.key}: {v.reason}" for e, v in verdicts if not v.passed and e.decides]
            if wrong:
                reason = f"{reason}; {wrong[0]}"
            else:
                met.append(call)
        fits = met
    least, most = (1, None) if times is None else (times.get("min", 0), times.get("max"))
    if len(fits) >= least and (most is None or len(fits) <= most):
        return Verdict.passing(reason)
    return Verdict.failing(reason, expected=excerpt(shown), actual=_shown(tool_calls(reply)))


@tool_assertions.register("no_tool_calls", is_negatable=False)
def no_tool_calls(reply: Reply, _true: OnlyTrue) -> Verdict:
    """Pass when the reply calls no tool (`no_tool_calls: true`)."""
    calls = tool_calls(reply)
    if not calls:
        return Verdict.passing("the reply calls no tool")
    return Verdict.failing(f"the reply calls {len(calls)} tools", actual=_shown(calls))


@tool_assertions.register("tool_call_f1", is_negatable=False)
def tool_call_f1(reply: Reply, names: list[str], *, min_: Share = 1.0) -> Verdict:
    """Pass when the reply calls these tools and no others, or nearly so with `min`.

    The score is the F1 of the sets of names: twice those called and wanted, by those called plus
    those wanted. How often a tool is called, and in which order, does not count.
    """
    wanted, called = set(names), {str(block.get("name")) for block in tool_calls(reply)}
    score = 2 * len(wanted & called) / (len(wanted) + len(called))
    parts = [
        f"missing: {', '.join(sorted(wanted - called))}" if wanted - called else "",
        f"not wanted: {', '.join(sorted(called - wanted))}" if called - wanted else "",
    ]
    told = "; ".join(part for part in parts if part) or "all of them, and no others"
    passed = score >= min_ - 1e-9
    reason = f"the F1 of the tools called is {score:.3f}, the least is {min_:g}; {told}"
    if passed:
        return Verdict(passed=True, score=score, reason=reason)
    expected, actual = ", ".join(sorted(wanted)), ", ".join(sorted(called)) or "none"
    return Verdict(passed=False, score=score, reason=reason, expected=expected, actual=actual)


def tool_calls(reply: Reply) -> list[Mapping[str, Any]]:
    """Return the blocks of a reply that call a tool."""
    return [block for block in reply.content if block.get("type") == "tool_use"]


def calls_alike(one: Reply, other: Reply) -> bool:
    """Return whether two replies call the same tools with the same arguments, in the same order."""
    calls, others = (
        [[call.get("name"), call.get("input")] for call in tool_calls(each)]
        for each in (one, other)
    )
    return _alike(calls, others)


def shown_calls(reply: Reply) -> str:
    """Return the calls of a reply in short."""
    return _shown(tool_calls(reply))


def _fits(wanted: Any, found: Any, match: str) -> bool:
    """Return whether found arguments are the wanted ones, or hold them."""
    if match == "exact":
        return _alike(wanted, found)
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and _fits(value, found[key], match) for key, value in wanted.items()
        )
    return _alike(wanted, found)


def _alike(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same; 1 is 1.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _shown(calls: Sequence[Mapping[str, Any]]) -> str:
    if not calls:
        return "no tool is called"
    shown = [
        f"{call.get('name')}({json.dumps(call.get('input'), ensure_ascii=False)})"
        for call in calls[:_MOST_SHOWN]
    ]
    return excerpt(", ".join(shown))
