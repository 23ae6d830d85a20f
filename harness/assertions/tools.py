"""Assertions on the tool calls of a reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from harness.assertions.difference import excerpt, quoted
from harness.assertions.nested import Expectations, NestedExpectations, first_problem
from harness.assertions.parameters import (
    ArgumentError,
    NonEmptyText,
    ParameterType,
    Range,
    Share,
    TrueOnly,
    from_rendered,
)
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.model.suite import Expectation

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
    name: NonEmptyText,
    *,
    arguments: JsonObject | None = None,
    match: Literal["partial", "exact"] = "partial",
    times: Range | None = None,
    assert_: Expectations | None = None,
) -> Verdict:
    """Pass when the reply calls this tool.

    With `arguments`, only calls with these arguments count. `match: partial`, the default, allows
    further arguments, also in nested mappings; `match: exact` does not. With `assert`, only calls
    count whose arguments, as JSON, meet every nested expectation. `times` is the number of calls
    that must count, or `{min: …, max: …}`; the default is at least one.
    """
    calls = [block for block in tool_calls(reply) if block.get("name") == name]
    reason = f"the tool {quoted(name)} is called {_times(len(calls))}"
    if arguments is not None:
        fits = [call for call in calls if _fits(arguments, call.get("input"), match)]
        reason = f"{reason}, {len(fits)} of these calls with the arguments"
        shown = json.dumps(arguments, ensure_ascii=False)
    else:
        fits, shown = calls, name
    tally = _Tally(len(fits)) if assert_ is None else _Tally.of(reply, fits, assert_)
    if tally.problem is not None:
        reason = f"{reason}; {tally.problem[0].key}: {tally.problem[1].reason}"
    failing = Verdict.failing(reason, expected=excerpt(shown), actual=_shown(tool_calls(reply)))
    return tally.verdict({"min": 1} if times is None else times, failing)


@dataclass(slots=True)
class _Tally:
    """How many calls count, and how many more might have counted.

    Attributes:
        unreadable: Calls whose arguments lack what an expectation reads.
        errored: Calls that could not be judged.
        problem: The first verdict that kept a call from counting, `error` the first error.
    """

    met: int = 0
    unreadable: int = 0
    errored: int = 0
    problem: tuple[Expectation, Verdict] | None = None
    error: tuple[Expectation, Verdict] | None = None

    @classmethod
    def of(
        cls, reply: Reply, calls: Sequence[Mapping[str, Any]], expectations: NestedExpectations
    ) -> _Tally:
        tally = cls()
        for call in calls:
            text = json.dumps(call.get("input"), ensure_ascii=False)
            problem = first_problem(expectations.judge(replace(reply, text=text)))
            tally.add(problem)
        return tally

    def add(self, problem: tuple[Expectation, Verdict] | None) -> None:
        if problem is None:
            self.met += 1
        elif problem[1].is_error:
            self.errored += 1
            self.error = self.error or problem
        else:
            self.unreadable += problem[1].is_unreadable
            self.problem = self.problem or problem

    def verdict(self, times: Mapping[str, int], failing: Verdict) -> Verdict:
        """Return the verdict on the number of calls that count.

        A number that fits only if calls count that could not be read does not pass.

        Args:
            times: The least and the greatest number that fit.
            failing: The verdict if it does not fit.
        """

        def fits(number: int) -> bool:
            return times.get("min", 0) <= number <= times.get("max", number)

        results = {
            all(fits(self.met + errored + unread) for unread in range(self.unreadable + 1))
            for errored in range(self.errored + 1)
        }
        if len(results) > 1 and self.error is not None:
            expectation, verdict = self.error
            return Verdict.errored(f"{expectation.key}: {verdict.reason}", verdict.traceback or "")
        if results == {True}:
            return Verdict.passing(failing.reason)
        most = self.met + self.unreadable + self.errored
        might_fit = any(map(fits, range(self.met, most + 1)))
        return replace(failing, is_unreadable=self.unreadable > 0 and might_fit)


@tool_assertions.register("no_tool_calls", is_negatable=False)
def no_tool_calls(reply: Reply, _true: TrueOnly) -> Verdict:
    """Pass when the reply calls no tools."""
    calls = tool_calls(reply)
    if not calls:
        return Verdict.passing("the reply calls no tools")
    return Verdict.failing(
        f"the reply has {len(calls)} tool call{'s' * (len(calls) != 1)}", actual=_shown(calls)
    )


@tool_assertions.register("tool_call_f1", is_negatable=False)
def tool_call_f1(reply: Reply, names: list[str], *, min_: Share = 1.0) -> Verdict:
    """Pass when the reply calls these tools and no others or, with `min`, mostly these.

    The score is the F1 score of the set of tools called. Order and number of calls do not count.
    """
    wanted, called = set(names), {str(block.get("name")) for block in tool_calls(reply)}
    score = 2 * len(wanted & called) / (len(wanted) + len(called))
    parts = [
        f"missing: {', '.join(sorted(wanted - called))}" if wanted - called else "",
        f"unexpected: {', '.join(sorted(called - wanted))}" if called - wanted else "",
    ]
    difference = "; ".join(part for part in parts if part) or "all of them, and no others"
    passed = score >= min_ - 1e-9  # scores are quotients of floats
    reason = f"the F1 of the tools called is {score:.3f}, the minimum is {min_:g}; {difference}"
    if passed:
        return Verdict(passed=True, score=score, reason=reason)
    expected, actual = ", ".join(sorted(wanted)), ", ".join(sorted(called)) or "none"
    return Verdict(passed=False, score=score, reason=reason, expected=expected, actual=actual)


def tool_calls(reply: Reply) -> list[Mapping[str, Any]]:
    """Return the content blocks of a reply that are tool calls."""
    return [block for block in reply.content if block.get("type") == "tool_use"]


def have_equal_calls(one: Reply, other: Reply) -> bool:
    """Return whether two replies call the same tools with the same arguments, in the same order."""
    calls, others = (
        [[call.get("name"), call.get("input")] for call in tool_calls(reply)]
        for reply in (one, other)
    )
    return _are_equal(calls, others)


def shown_calls(reply: Reply) -> str:
    """Return the tool calls of a reply, shortened."""
    return _shown(tool_calls(reply))


def _fits(wanted: Any, actual: Any, match: str) -> bool:
    """Return whether actual arguments equal the wanted ones or, if partial, include them."""
    if match == "partial" and isinstance(wanted, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and _fits(value, actual[key], match) for key, value in wanted.items()
        )
    return _are_equal(wanted, actual)


def _are_equal(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal: 1 equals 1.0, but `true` does not equal 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_are_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_are_equal, one, other))
    return bool(one == other)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _shown(calls: Sequence[Mapping[str, Any]]) -> str:
    if not calls:
        return "no tools are called"
    shown = [
        f"{call.get('name')}({json.dumps(call.get('input'), ensure_ascii=False)})"
        for call in calls[:_MOST_SHOWN]
    ]
    return excerpt(", ".join(shown))
