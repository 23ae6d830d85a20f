"""The assertion that is a function of the project's own Python code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import scope_of
from harness.assertions.parameters import ArgumentError, ParameterType, Share, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.wording import Option, Wording

_RESULT_KEYS = {"passed", "score", "reason", "metrics"}


class CodeError(Exception):
    """A function gave no result; `traceback` is its own, if it raised."""

    def __init__(self, problem: str, traceback: str = "") -> None:
        super().__init__(problem)
        self.traceback = traceback


class RunsCode(Protocol):
    """Runs functions of the project somewhere where they can do no harm to the run."""

    def check(self, written: str) -> None:
        """Make sure that `file.py:function` may be run; raise ArgumentError if it may not."""

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Return what a function returns; raise CodeError if it returns nothing that JSON can hold.

        Args:
            written: `file.py:function`, as the suite has it.
            output: The text to judge.
            context: What else is known of the reply.
            arguments: What the suite hands over by name.
        """


class NoCode:
    """Lets no function run; for where nothing is judged."""

    def check(self, written: str) -> None:
        """Refuse it."""
        raise ArgumentError(
            f"`{written}` would run code of the project, which is not allowed",
            Wording(
                "give {allow_code}, or set `allow_code = true`; it has your rights, as conftest.py"
                " has",
                allow_code=Option("allow_code"),
            ),
        )

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Refuse it."""
        raise CodeError(f"{written} is not allowed to run ({len(output)}, {context}, {arguments})")


def _read_arguments(value: Any) -> Any:
    value = from_rendered(value)
    is_named = isinstance(value, Mapping) and all(
        isinstance(key, str) and key.isidentifier() for key in value
    )
    if not is_named:
        raise ArgumentError(
            f"expected a mapping of names, found {value!r}", "write `{name: value}`"
        )
    return value


Arguments = Annotated[
    dict[str, Any],
    ParameterType({"title": "a mapping of names", "type": "object"}, _read_arguments),
]


def code_assertions(code: RunsCode) -> AssertionRegistry:
    """Return the registry with `python`."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.partition(":")[2].isidentifier():
            problem = f"expected a file and a function, found {value!r}"
            raise ArgumentError(problem, "write `checks.py:function`")
        code.check(value)
        return value  # as it came, so that it still knows where it is written

    registry = AssertionRegistry()
    kind = ParameterType({"type": "string", "minLength": 1}, read, is_templated=False)

    @registry.register("python", argument=kind)
    async def python(
        reply: Reply,
        function: str,
        *,
        arguments: Arguments | None = None,
        min_: Share = 0.5,
        variables: Mapping[str, Any],
    ) -> Verdict:
        """Pass when a function of the project says so: `checks.py:function`, relative to the suite.

        It is called with the output and, if it takes a second parameter, a context: a mapping with
        `vars`, `usage`, `latency`, `ttft`, `cost`, `stop_reason`, `model` and `content`;
        `arguments` are handed over by name. It returns true or false, a score from 0 to 1 that
        passes from `min` on, or a mapping with `passed`, `score`, `reason` and `metrics` (numbers
        by name).

        Functions run in a process of their own that is started once, have your rights, ten seconds
        and 1.5 GB of addresses (not on Windows). One that raises, hangs or ends its process makes
        the verdict an error. They are off unless `allow_code` or `--allow-code` says otherwise.
        """
        context = scope_of(reply, {})
        context["vars"] = variables
        del context["output"]
        try:
            result = await code.call(function, reply.text, context, arguments or {})
            return _verdict(function, result, min_)
        except CodeError as error:
            return Verdict.errored(f"{function}: {error}", error.traceback)

    return registry


def _verdict(function: str, result: Any, least: float) -> Verdict:
    name = function.partition(":")[2]
    if isinstance(result, bool):
        reason = f"{name} says {'yes' if result else 'no'}"
        return Verdict(result, float(result), reason)
    if isinstance(result, int | float):
        score = _score(result)
        reason = f"{name} gives {score:g}, the least is {least:g}"
        return Verdict(score >= least - 1e-9, score, reason)
    if not isinstance(result, Mapping):
        raise CodeError(f"it returned {excerpt(repr(result))}, which is no verdict")
    strange = sorted(map(str, set(result) - _RESULT_KEYS))
    if strange or not {"passed", "score"} & set(result):
        told = f"unknown keys {', '.join(strange)}" if strange else "no `passed` and no `score`"
        raise CodeError(f"it returned a mapping with {told}")
    passed = result.get("passed")
    if not isinstance(passed, bool | None):
        raise CodeError(f"`passed` is {excerpt(repr(passed))}, and no truth value")
    score = _score(result["score"]) if "score" in result else float(bool(passed))
    passed = score >= least - 1e-9 if passed is None else passed
    reason = str(result.get("reason") or f"{name} says {'yes' if passed else 'no'}")
    return Verdict(passed, score, reason, metrics=_metrics(result.get("metrics", {})))


def _score(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise CodeError(f"the score is {excerpt(repr(value))}, and no number from 0 to 1")
    return float(value)


def _metrics(value: Any) -> Mapping[str, float]:
    try:
        if isinstance(value, Mapping) and all(map(_is_number, value.values())):
            return {" ".join(str(name).split()): float(each) for name, each in value.items()}
    except OverflowError:
        pass
    raise CodeError(f"`metrics` is {excerpt(repr(value))}, and no mapping of numbers")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
