"""Prompts in Python tests, sent by the same run as the suites' cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from harness import app
from harness.errors import HarnessError, SettingsError
from harness.model.outcome import Outcome
from harness.model.suite import Case, Variant

if TYPE_CHECKING:
    from harness.pytest_plugin.session import PromptSession

T = TypeVar("T")


class RunsSuites(Protocol):
    """Runs suites from Python."""

    def __call__(self, path: str | Path, *cases: str) -> list[Outcome]:
        """Run a suite and return the outcomes of its trials, in suite order.

        Args:
            path: The suite's file, as pytest was started or beside the test.
            cases: Ids of cases, with or without their variant; without any, all of them run.

        Raises:
            Failed: The suite has mistakes, there is nowhere to send to, or a case is unknown.
        """


class AssertsPrompts(Protocol):
    """Asserts on prompts from Python."""

    def __call__(
        self,
        prompt: str,
        *expectations: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        **request: Any,
    ) -> Outcome:
        """Send a prompt and return its outcome if the reply is as expected.

        Args:
            prompt: The user's message; a template.
            expectations: As in a suite, such as `{"contains": "refund"}`.
            variables: The template's.
            request: Settings of the request, such as `model="…"`, `system="…"`, `temperature=0`.

        Raises:
            Failed: The reply is not as expected, or there is none, or an expectation is wrong.
        """


def suite_runner(prompts: PromptSession, request: pytest.FixtureRequest) -> RunsSuites:
    """Return what the fixture `harness_suite` gives."""

    def run(path: str | Path, *cases: str) -> list[Outcome]:
        __tracebackhide__ = True
        return _or_fail(lambda: outcomes(path, *cases))

    def outcomes(path: str | Path, *cases: str) -> list[Outcome]:
        suite = prompts.load(_beside(Path(path), request))
        chosen = [
            (case, variant)
            for case in suite.cases
            for variant in suite.variants
            if not cases or not set(cases).isdisjoint(_names(case, variant))
        ]
        known = {name for case, variant in chosen for name in _names(case, variant)}
        for unknown in set(cases) - known:
            problem = f"{path} has no case `{unknown}`"
            raise SettingsError(problem, "`harness list` shows the ids")
        trials = [
            trial
            for case, variant in chosen
            for trial in prompts.later_trials(suite, case, variant)
        ]
        return [each.outcome for each in prompts.run_all(trials)]

    return run


def prompt_asserter(prompts: PromptSession, request: pytest.FixtureRequest) -> AssertsPrompts:
    """Return what the fixture `assert_prompt` gives."""

    def assert_prompt(
        prompt: str,
        *expectations: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Outcome:
        __tracebackhide__ = True
        asserted = [dict(each) for each in expectations]
        case: dict[str, Any] = {"id": "prompt", "prompt": prompt, "assert": asserted}
        if variables:
            case["vars"] = dict(variables)
        suite = _slug(f"{request.path.stem}.{request.node.name}")
        data = {"suite": suite, "request": settings, "cases": [case]}
        name = request.path.parent / "<assert_prompt>"
        outcomes = _or_fail(lambda: prompts.run_made(name, data))
        verdict = app.case_verdict(
            [each.record for each in outcomes], prompts.rerun_command(request.node.nodeid)
        )
        if verdict.label in {"failed", "errored"}:
            pytest.fail(f"{verdict.message}\n{verdict.text}", pytrace=True)
        return outcomes[-1].outcome

    return assert_prompt


def _or_fail(action: Callable[[], T]) -> T:
    """Show a mistake as a failure of the test that made it, without our own frames."""
    __tracebackhide__ = True
    try:
        return action()
    except HarnessError as error:
        told = str(error)
    pytest.fail(told)


def _beside(path: Path, request: pytest.FixtureRequest) -> Path:
    beside = request.path.parent / path
    return beside if beside.is_file() else path


def _names(case: Case, variant: Variant) -> Sequence[str]:
    return case.id, f"{case.id}[{variant.name}]"


def _slug(name: str) -> str:
    return "".join(
        each if (each.isalnum() and each.isascii()) or each == "." else "-" for each in name
    )[:100]
