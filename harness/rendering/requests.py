"""Renders trials into what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import BrokenSuitesError, SuiteError
from harness.model.request import PreparedTrial, PreparedTurn, SharedFingerprint
from harness.model.suite import Case, Expectation, Trial, Turn
from harness.rendering.attachments import Attachments
from harness.rendering.plain import variable_alone
from harness.rendering.prepared import PreparedTrials
from harness.rendering.templates import Templates
from harness.source import Text

DEFAULT_MAX_TOKENS = 4096
_URL_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """What the rows of a dataset have in common, and what was found out about it.

    Attributes:
        is_literal: Whether no expectation holds a template: all rows are judged alike then.
        fingerprint: That of their expectations, if they are judged alike.
    """

    turns: tuple[Turn, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    is_literal: bool = True
    fingerprint: SharedFingerprint = field(default_factory=SharedFingerprint)

    def is_that_of(self, case: Case) -> bool:
        """Return whether a case is a row of the same dataset, or the same case."""
        return self.turns is case.turns and self.expectations is case.expectations


class RequestRenderer:
    """Turns trials into prepared trials, each case in each variant once.

    What the check before the run rendered is kept for the run, as far as there is room.
    """

    def __init__(
        self,
        templates: Templates,
        attachments: Attachments,
        assertions: AssertionRegistry,
        prepared: PreparedTrials | None = None,
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions = assertions
        self._prepared = PreparedTrials() if prepared is None else prepared
        self._shape = _Shape()

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Render everything of a trial.

        Raises:
            BrokenSuitesError: All that cannot be rendered.
        """
        prepared = self._prepared.get(trial)
        if prepared is None:
            prepared, characters = self._rendered(trial)
            self._prepared.add(trial, prepared, characters)
        return prepared

    def _rendered(self, trial: Trial) -> tuple[PreparedTrial, int]:
        shape = self._shape_of(trial.case)
        rendering = _Rendering(
            self._templates, self._attachments, self._assertions, trial.vars,
            trial.suite.span.path.parent, is_literal=shape.is_literal,
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
            shape.fingerprint if shape.is_literal else SharedFingerprint(),
        )
        if rendering.problems:
            raise BrokenSuitesError(rendering.problems)
        return prepared, rendering.characters

    def _shape_of(self, case: Case) -> _Shape:
        # Rows come one after the other, so that the last shape is nearly always the one. It is
        # read once: under pytest a test may load a suite while a run renders in its thread.
        shape = self._shape
        if not shape.is_that_of(case):
            is_literal = not any(map(self._has_template, case.all_expectations))
            shape = self._shape = _Shape(case.turns, case.expectations, is_literal)
        return shape

    def _has_template(self, expectation: Expectation) -> bool:
        definition = self._assertions[expectation.assertion]
        return self._templates.has_template(definition.templated_arguments(expectation)) or any(
            map(self._has_template, expectation.nested)
        )


class _Rendering:
    """One trial being rendered; problems are collected, and what is rendered is counted."""

    def __init__(
        self,
        templates: Templates,
        attachments: Attachments,
        assertions: AssertionRegistry,
        variables: Mapping[str, Any],
        folder: Path,
        *,
        is_literal: bool,
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions, self._variables, self._folder = assertions, variables, folder
        self._is_literal = is_literal
        self.problems: list[SuiteError] = []
        self.characters = 0

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

    def expectations(self, expectations: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
        if self._is_literal:
            return expectations  # they were read when the suite was loaded
        return tuple(self._expectation(expectation) for expectation in expectations)

    def _expectation(self, expectation: Expectation) -> Expectation:
        if expectation.nested:
            expectation = replace(expectation, nested=self.expectations(expectation.nested))
        definition = self._assertions[expectation.assertion]
        if not self._templates.has_template(definition.templated_arguments(expectation)):
            return expectation  # it was read when the suite was loaded
        problems_before = len(self.problems)
        argument = expectation.argument
        if definition.argument.is_templated:
            argument = self._argument(argument)
        rendered = replace(
            expectation,
            argument=argument,
            options={key: self._argument(value) for key, value in expectation.options.items()},
        )
        if len(self.problems) > problems_before:
            return expectation  # what could not be rendered is no argument
        try:
            return self._assertions.read(rendered)
        except ArgumentError as error:
            value = rendered_from(expectation, error.path)
            span = value.span if isinstance(value, Text) else expectation.span
            problem = f"{error.problem} (rendered)"
            self.problems.append(SuiteError(span, problem, error.fix))
            return expectation

    def _argument(self, value: Any) -> Any:
        """Render an argument; one that is a variable alone keeps the variable's type."""
        name = variable_alone(value) if isinstance(value, Text) else None
        if name is not None and isinstance(self._variables.get(name), list | dict):
            return self._variables[name]
        if isinstance(value, Mapping):
            return {key: self._inside(item) for key, item in value.items()}
        return self._value(value)

    def _inside(self, value: Any) -> Any:
        """Render what stands in a mapping, which may hold values of any type."""
        name = variable_alone(value) if isinstance(value, Text) else None
        if name is not None and name in self._variables:
            found = self._variables[name]
            return self._value(value) if isinstance(found, str) else found
        if isinstance(value, list):
            return [self._inside(item) for item in value]
        return self._argument(value)

    def _block(self, block: Mapping[str, Any]) -> dict[str, Any]:
        kind = block["type"]
        source = block.get("source")
        if source is None:
            return {key: self._value(value) for key, value in block.items()}
        if source["type"] != "path":
            rendered = self._value(source)
            if source["type"] == "url" and not str(rendered["url"]).startswith(_URL_SCHEMES):
                problem = f"the URL is rendered as `{rendered['url']}`"
                fix = "let it begin with https:// or http://"
                self.problems.append(SuiteError(source["url"].span, problem, fix))
            return {**block, "source": rendered}
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
        self.characters += len(data)
        return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Text):
            try:
                text = self._templates.render(value, self._variables)
            except SuiteError as error:
                self.problems.append(error)
                return ""
            self.characters += len(text)
            return text
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def rendered_from(expectation: Expectation, path: tuple[str | int, ...]) -> Any:
    """Return the value, as the suite has it, that a path into an expectation leads to."""
    key, *steps = path
    value = expectation.argument if key == expectation.key else expectation.options[str(key)]
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[int(step)]
    return value
