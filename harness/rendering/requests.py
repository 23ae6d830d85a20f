"""Renders trials into what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import BrokenSuitesError, SuiteError
from harness.model.request import PreparedTrial, PreparedTurn
from harness.model.suite import Expectation, Trial
from harness.rendering.attachments import Attachments
from harness.rendering.templates import Templates
from harness.source import Span, Text

DEFAULT_MAX_TOKENS = 4096


class RequestRenderer:
    """Turns trials into prepared trials."""

    def __init__(
        self, templates: Templates, attachments: Attachments, assertions: AssertionRegistry
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions = assertions

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Render everything of a trial.

        Raises:
            BrokenSuitesError: All that cannot be rendered.
        """
        rendering = _Rendering(
            self._templates, self._attachments, self._assertions, trial.vars,
            trial.suite.span.path.parent,
        )  # fmt: skip
        prepared = PreparedTrial(
            rendering.settings(trial.request),
            tuple(
                PreparedTurn(
                    tuple(rendering.message(message) for message in turn.messages),
                    rendering.expectations(turn.expectations),
                )
                for turn in trial.case.turns
            ),
            rendering.expectations(trial.case.expectations),
        )
        if rendering.problems:
            raise BrokenSuitesError(rendering.problems)
        return prepared


class _Rendering:
    """One trial being rendered; problems are collected."""

    def __init__(
        self,
        templates: Templates,
        attachments: Attachments,
        assertions: AssertionRegistry,
        variables: Mapping[str, Any],
        folder: Path,
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions, self._variables, self._folder = assertions, variables, folder
        self.problems: list[SuiteError] = []

    def settings(self, request: Mapping[str, Any]) -> dict[str, Any]:
        settings = {key: value for key, value in request.items() if key != "extra"}
        settings.setdefault("max_tokens", DEFAULT_MAX_TOKENS)
        if "system" in settings:
            settings["system"] = self._value(settings["system"])
        return {**settings, **request.get("extra", {})}

    def message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        content = message["content"]
        if isinstance(content, str):
            content = self._value(content)
        else:
            content = [self._block(block) for block in content]
        return {"role": message["role"], "content": content}

    def expectations(self, expectations: Iterable[Expectation]) -> tuple[Expectation, ...]:
        return tuple(self._expectation(each) for each in expectations)

    def _expectation(self, expectation: Expectation) -> Expectation:
        kind = self._assertions[expectation.assertion].argument
        values = [expectation.argument, *expectation.options.values()]
        if not kind.is_templated or not self._templates.has_template(values):
            return expectation  # it was read when the suite was loaded
        rendered = replace(
            expectation,
            argument=self._value(expectation.argument),
            options={key: self._value(value) for key, value in expectation.options.items()},
        )
        try:
            return self._assertions.read(rendered)
        except ArgumentError as error:
            span = _first_text_span(expectation.argument) or expectation.span
            problem = f"{error.problem} (rendered)"
            self.problems.append(SuiteError(span, problem, error.fix))
            return expectation

    def _block(self, block: Mapping[str, Any]) -> dict[str, Any]:
        kind = block["type"]
        source = block.get("source")
        if source is None:
            return {key: self._value(value) for key, value in block.items()}
        if source["type"] != "path":
            return {**block, "source": self._value(source)}
        name = source["path"]
        media_type, data = "", ""
        before = len(self.problems)
        path = self._value(name)
        if len(self.problems) == before:
            declared = source.get("media_type")
            try:
                media_type, data = self._attachments.encode(
                    self._folder, path, name.span, kind, declared
                )
            except SuiteError as error:
                self.problems.append(error)
        return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Text):
            try:
                return self._templates.render(value, self._variables)
            except SuiteError as error:
                self.problems.append(error)
                return ""
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _first_text_span(value: Any) -> Span | None:
    return value.span if isinstance(value, Text) else None
