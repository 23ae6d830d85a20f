"""Prompts in Python tests, sent by the same run as the suites' cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from harness import app
from harness.errors import BrokenSuitesError, HarnessError, SettingsError
from harness.model.outcome import Outcome
from harness.model.suite import Case, Suite, Variant
from harness.pytest_plugin.reports import identical_lines
from harness.pytest_plugin.session import PromptSession
from harness.pytest_plugin.vocabulary import shown

T = TypeVar("T")
_MADE = "<assert_prompt>"  # where suites stand that are made of arguments
_LOCATION = re.compile(rf"\S*{_MADE}:\d+:\d+: ")


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
        suite = prompts.suites.load_beside(_beside(Path(path), request), request.path)
        chosen = [
            (case, variant)
            for case in suite.cases
            for variant in suite.variants
            if not cases or not set(cases).isdisjoint(_names(suite, case, variant))
        ]
        names = {name for case, variant in chosen for name in _names(suite, case, variant)}
        for unknown in set(cases) - names:
            problem = f"{path} has no case `{unknown}`"
            raise SettingsError(problem, "`harness list` shows the ids")
        _warn_of_identical(prompts, request, suite, chosen)
        trials = [
            trial for case, variant in chosen for trial in prompts.trials.own(suite, case, variant)
        ]
        return [done.outcome for done in prompts.run_all(trials)]

    return run


def _warn_of_identical(
    prompts: PromptSession,
    request: pytest.FixtureRequest,
    suite: Suite,
    chosen: Sequence[tuple[Case, Variant]],
) -> None:
    keys = {(id(case), variant.name) for case, variant in chosen}
    identical = prompts.suites.identical_in(
        suite, lambda case, variant: (id(case), variant.name) in keys
    )
    for line in identical_lines(identical):
        request.node.warn(pytest.PytestWarning(line))


def prompt_asserter(prompts: PromptSession, request: pytest.FixtureRequest) -> AssertsPrompts:
    """Return what the fixture `assert_prompt` gives."""

    def assert_prompt(
        prompt: str,
        *expectations: Mapping[str, Any],
        variables: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Outcome:
        __tracebackhide__ = True
        case = {"id": "prompt", "prompt": prompt, "vars": variables or {}, "assert": expectations}
        suite = _slug(f"{request.path.stem}.{request.node.name}")
        data = {"suite": suite, "request": settings, "cases": [case]}
        name = request.path.parent / _MADE
        outcomes = _or_fail(lambda: prompts.run_made(name, _plain(data)))
        verdict = app.case_text(
            [outcome.record for outcome in outcomes],
            lambda: prompts.options.rerun_command(request.node),
        )
        if verdict.label.needs_attention:
            pytest.fail(f"{verdict.message}\n{_LOCATION.sub('', verdict.text)}")
        return outcomes[-1].outcome

    return assert_prompt


def _or_fail(action: Callable[[], T]) -> T:
    """Show a mistake as a failure of the test that made it, without our own frames."""
    __tracebackhide__ = True
    try:
        return action()
    except BrokenSuitesError as errors:
        made = [error for error in errors.errors if error.span.path.name == _MADE]
        # a suite made of arguments has no lines to show
        texts = [f"{error.problem}\n  fix: {shown(error.fix)}" for error in made]
        message = "\n".join(texts) or shown(errors)
    except HarnessError as error:
        message = shown(error)
    pytest.fail(message)


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """Return plain data, such as YAML could hold.

    Raises:
        SettingsError: There is something else in it.
    """
    try:
        text = json.dumps(data, ensure_ascii=False)
        text.encode("utf-8")
        return dict(json.loads(text))
    except (TypeError, ValueError) as error:
        fix = "write texts, numbers, true, false, None, lists and dicts of them"
        raise SettingsError(f"assert_prompt cannot send this: {error}", fix) from error


def _beside(path: Path, request: pytest.FixtureRequest) -> Path:
    beside = request.path.parent / path
    return beside if beside.is_file() else path


def _names(suite: Suite, case: Case, variant: Variant) -> Iterator[str]:
    for name in (case.id, f"{case.id}[{variant.name}]"):
        yield name
        yield f"{suite.name}::{name}"


def _slug(name: str) -> str:
    return re.sub("[^A-Za-z0-9._]", "-", name)[:100]
