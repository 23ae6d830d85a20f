"""The assertion `python`, which calls a function of the project's own code."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import scope_of
from harness.assertions.parameters import ArgumentError, ParameterType, Share, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

_RESULT_KEYS = {"passed", "score", "reason", "metrics"}
# as graders for promptfoo return them
_ALIASES = {
    "pass": "passed",
    "pass_": "passed",
    "namedScores": "metrics",
    "named_scores": "metrics",
}
_TOLERANCE = 1e-9  # scores may be means of floats


class CodeError(Exception):
    """A function gave no usable result; `traceback` is its own, if it raised."""

    def __init__(self, problem: str, traceback: str = "") -> None:
        super().__init__(problem)
        self.traceback = traceback


class FunctionRunner(Protocol):
    """Runs functions of the project where they cannot harm the run."""

    def check(self, written: str) -> None:
        """Check that `file.py:function` exists, without running it; raise ArgumentError if not."""

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Return what a function returns; raise CodeError if that cannot be JSON.

        Args:
            written: `file.py:function`, as in the suite.
            output: The text to judge.
            context: The second argument, if the function takes one.
            arguments: The keyword arguments that the suite gives.
        """


class DisabledFunctions:
    """Refuses to run functions, which is the default; suites that name them can still be checked.

    Args:
        check: Checks that a function exists; without it none is looked for.
    """

    def __init__(self, check: Callable[[str], None] = lambda _written: None) -> None:
        self._check = check

    def check(self, written: str) -> None:
        """Check that `file.py:function` exists; raise ArgumentError if not."""
        self._check(written)

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Raise CodeError."""
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


def code_assertions(functions: FunctionRunner) -> AssertionRegistry:
    """Return a registry of `python`."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.partition(":")[2].isidentifier():
            problem = f"expected a file and a function, found {value!r}"
            raise ArgumentError(problem, "write `checks.py:function`")
        functions.check(value)
        return value  # not a plain `str`: a `Text` knows its position, and so its suite's folder

    registry = AssertionRegistry()
    kind = ParameterType({"type": "string", "minLength": 1}, read, is_templated=False)

    @registry.register("python", argument=kind, runs_code=True)
    async def python(
        reply: Reply,
        function: str,
        *,
        arguments: Arguments | None = None,
        min_: Share = 0.5,
        variables: Mapping[str, Any],
    ) -> Verdict:
        """Pass when a Python function of the project says so.

        `checks.py:function` names a file, relative to the suite, and a function in it. The function
        is called with the output and, if it takes a second parameter, a context: a mapping of
        `vars`, `usage`, `latency`, `ttft`, `cost`, `stop_reason`, `model` and `content`.
        `arguments` are passed by name. It returns true or false; or a score from 0 to 1, which
        passes if it is at least `min`; or a mapping with `passed` or `score`, and optionally
        `reason` and `metrics` (numbers by name); `pass` and `namedScores` are understood, too.

        Functions run with your rights in separate processes, which are started once. A call may
        take ten seconds and 1.5 GB of address space (no limit on Windows). If it raises, hangs or
        exits, the verdict is an error. Functions run only with `allow_code = true` in the settings
        or `--allow-code`, which a run of trials that have them needs. `harness validate` and
        `harness list` need neither: they look for the functions without running their files.
        """
        context = scope_of(reply, {})
        context["vars"] = variables
        del context["output"]
        try:
            result = await functions.call(function, reply.text, context, arguments or {})
            return _verdict(function, result, min_)
        except CodeError as error:
            return Verdict.errored(f"{function}: {error}", error.traceback)

    return registry


def _verdict(function: str, result: Any, minimum: float) -> Verdict:
    name = function.partition(":")[2]
    if isinstance(result, bool):
        reason = f"{name} says {'yes' if result else 'no'}"
        return Verdict(result, float(result), reason)
    if isinstance(result, int | float):
        score = _score(result)
        reason = f"{name} gives {score:g}, the minimum is {minimum:g}"
        return Verdict(score >= minimum - _TOLERANCE, score, reason)
    if not isinstance(result, Mapping):
        raise CodeError(f"it returned {excerpt(repr(result))}, which is not a verdict")
    twice = [key for key in result if _ALIASES.get(key) in result]
    if twice:
        raise CodeError(f"it returned both `{_ALIASES[twice[0]]}` and `{twice[0]}`")
    result = {_ALIASES.get(key, key): value for key, value in result.items()}
    unknown = sorted(map(str, set(result) - _RESULT_KEYS))
    if unknown:
        raise CodeError(f"it returned a mapping with unknown keys {', '.join(unknown)}")
    if not {"passed", "score"} & set(result):
        raise CodeError("it returned a mapping without `passed` and `score`")
    passed = result.get("passed")
    if not isinstance(passed, bool | None):
        raise CodeError(f"`passed` is {excerpt(repr(passed))}, expected true or false")
    score = _score(result["score"]) if "score" in result else float(bool(passed))
    passed = score >= minimum - _TOLERANCE if passed is None else passed
    reason = str(result.get("reason") or f"{name} says {'yes' if passed else 'no'}")
    return Verdict(passed, score, reason, metrics=_metrics(result.get("metrics", {})))


def _score(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise CodeError(f"the score is {excerpt(repr(value))}, expected a number from 0 to 1")
    return float(value)


def _metrics(value: Any) -> Mapping[str, float]:
    try:
        if isinstance(value, Mapping) and all(map(_is_number, value.values())):
            return {" ".join(str(name).split()): float(number) for name, number in value.items()}
    except OverflowError:
        pass  # an integer that no float can hold
    raise CodeError(f"`metrics` is {excerpt(repr(value))}, expected a mapping of numbers")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
