"""Renders trials into the requests that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from harness.assertions.conditions import is_true
from harness.assertions.parameters import ArgumentError
from harness.assertions.registry import AssertionRegistry
from harness.errors import BrokenSuitesError, SuiteError
from harness.model.request import PreparedTrial, PreparedTurn, SharedFingerprint
from harness.model.suite import Case, Expectation, FileByTemplate, Suite, Trial, Turn, Variant
from harness.rendering.attachments import Attachments
from harness.rendering.plain import variable_alone
from harness.rendering.prepared import PreparedTrials
from harness.rendering.templates import Templates
from harness.rendering.text_files import ReadsTexts
from harness.source import Text

DEFAULT_MAX_TOKENS = 4096
# of a request; the others are names and numbers
RENDERED_FIELDS = (
    "system", "stop_sequences", "tools", "tool_choice", "output_config", "metadata", "extra",
)  # fmt: skip
_MOST_SETTINGS = 1_000  # kept at once
_URL_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """What the rows of a dataset have in common.

    Attributes:
        is_literal: Whether no expectation has a template, so that all rows are judged alike.
        fingerprint: The fingerprint of the expectations, if all rows are judged alike.
    """

    turns: tuple[Turn, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    is_literal: bool = True
    fingerprint: SharedFingerprint = field(default_factory=SharedFingerprint)

    def fits(self, case: Case) -> bool:
        """Return whether a case is a row of the same dataset, or the same case."""
        return self.turns is case.turns and self.expectations is case.expectations


@dataclass(frozen=True, slots=True, eq=False)
class _Settings:
    """Rendered settings without templates, and whose they are."""

    suite: Suite
    variant: Variant
    request: Mapping[str, Any]
    settings: Mapping[str, Any]

    def fits(self, trial: Trial) -> bool:
        """Return whether a trial has these settings: a case's rows share its request."""
        return (
            self.request is trial.case.request
            and self.variant is trial.variant
            and self.suite is trial.suite
        )


class RequestRenderer:
    """Renders trials, each case in each variant once.

    What the check before the run has rendered is cached for the run, up to a limit.
    """

    def __init__(
        self,
        templates: Templates,
        attachments: Attachments,
        assertions: AssertionRegistry,
        texts: ReadsTexts,
        prepared: PreparedTrials | None = None,
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions, self._texts = assertions, texts
        self._prepared = PreparedTrials() if prepared is None else prepared
        self._shape = _Shape()
        self._settings: dict[int, _Settings] = {}  # the latest of each variant, by its identity

    def prepare(self, trial: Trial) -> PreparedTrial:
        """Return a trial with its request and expectations rendered.

        Raises:
            BrokenSuitesError: Some parts cannot be rendered; all of them are reported.
        """
        prepared = self._prepared.get(trial)
        if prepared is None:
            prepared, characters = self._rendered(trial)
            self._prepared.add(trial, prepared, characters)
        return prepared

    def _rendered(self, trial: Trial) -> tuple[PreparedTrial, int]:
        shape = self._shape_of(trial.case)
        rendering = _Rendering(
            self._templates, self._attachments, self._assertions, self._texts, trial.vars,
            is_literal=shape.is_literal,
        )  # fmt: skip
        prepared = PreparedTrial(
            self._settings_of(trial, rendering),
            tuple(
                PreparedTurn(
                    tuple(rendering.message(message) for message in turn.messages),
                    rendering.expectations(turn.expectations),
                )
                for turn in trial.turns
            ),
            rendering.expectations(trial.case.expectations),
            shape.fingerprint if shape.is_literal else SharedFingerprint(),
            None if trial.case.output is None else rendering.text(trial.case.output),
        )
        if rendering.problems:
            raise BrokenSuitesError(rendering.problems)
        return prepared, rendering.characters

    def _settings_of(self, trial: Trial, rendering: _Rendering) -> Mapping[str, Any]:
        latest = self._settings.get(id(trial.variant))
        if latest is not None and latest.fits(trial):
            return latest.settings
        request = trial.request
        settings = rendering.settings(request)
        if not self._templates.has_template([request.get(name) for name in RENDERED_FIELDS]):
            if len(self._settings) >= _MOST_SETTINGS:
                self._settings.clear()
            self._settings[id(trial.variant)] = _Settings(
                trial.suite, trial.variant, trial.case.request, settings
            )
        return settings

    def _shape_of(self, case: Case) -> _Shape:
        # Rows come one after the other, so the last shape nearly always fits. It is read once:
        # under pytest a test may load a suite while a run renders in another thread.
        shape = self._shape
        if not shape.fits(case):
            is_literal = not any(map(self._has_template, case.all_expectations))
            shape = self._shape = _Shape(case.turns, case.expectations, is_literal)
        return shape

    def _has_template(self, expectation: Expectation) -> bool:
        definition = self._assertions[expectation.assertion]
        return (
            expectation.when is not None
            or self._templates.has_template(definition.templated_arguments(expectation))
            or any(map(self._has_template, expectation.nested))
        )


class _Rendering:
    """The rendering of one trial: collects problems and counts rendered characters."""

    def __init__(
        self,
        templates: Templates,
        attachments: Attachments,
        assertions: AssertionRegistry,
        texts: ReadsTexts,
        variables: Mapping[str, Any],
        *,
        is_literal: bool,
    ) -> None:
        self._templates, self._attachments = templates, attachments
        self._assertions, self._texts = assertions, texts
        self._variables = variables
        self._is_literal = is_literal
        self.problems: list[SuiteError] = []
        self.characters = 0

    def settings(self, request: Mapping[str, Any]) -> dict[str, Any]:
        settings = {
            key: self._value(value) if key in RENDERED_FIELDS else value
            for key, value in request.items()
        }
        settings.setdefault("max_tokens", DEFAULT_MAX_TOKENS)
        extra = settings.pop("extra", {})
        return {**settings, **extra}

    def text(self, text: Text) -> str:
        return str(self._value(text))

    def message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        content = message["content"]
        if isinstance(content, str | FileByTemplate):
            content = self._value(content)
        else:
            content = [self._block(block) for block in content]
        return {"role": message["role"], "content": content}

    def expectations(self, expectations: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
        if self._is_literal:
            return expectations  # their arguments were read when the suite was loaded
        return tuple(map(self._expectation, filter(self._applies, expectations)))

    def _applies(self, expectation: Expectation) -> bool:
        if expectation.when is None:
            return True
        try:
            return is_true(self._assertions.expressions, expectation.when, self._variables)
        except SuiteError as error:
            self.problems.append(error)
            return False

    def _expectation(self, expectation: Expectation) -> Expectation:
        if expectation.nested:
            expectation = replace(expectation, nested=self.expectations(expectation.nested))
        definition = self._assertions[expectation.assertion]
        if not self._templates.has_template(definition.templated_arguments(expectation)):
            return expectation  # its arguments were read when the suite was loaded
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
            return expectation  # reading half-rendered arguments would only add to the problems
        try:
            return self._assertions.read(rendered)
        except ArgumentError as error:
            value = rendered_from(expectation, error.path)
            span = value.span if isinstance(value, Text) else expectation.span
            problem = f"{error.problem} (after rendering)"
            self.problems.append(SuiteError(span, problem, error.fix))
            return expectation

    def _argument(self, value: Any) -> Any:
        """Render an argument; a variable alone keeps its type if it is a list or a mapping."""
        name = variable_alone(value) if isinstance(value, Text) else None
        if name is not None and isinstance(self._variables.get(name), list | dict):
            return self._variables[name]
        if isinstance(value, Mapping):
            return {key: self._nested(item) for key, item in value.items()}
        return self._value(value)

    def _nested(self, value: Any) -> Any:
        """Render a value inside a mapping, where a variable keeps any type."""
        name = variable_alone(value) if isinstance(value, Text) else None
        if name is not None and name in self._variables:
            variable = self._variables[name]
            return self._value(value) if isinstance(variable, str) else variable
        if isinstance(value, list):
            return [self._nested(item) for item in value]
        return self._argument(value)

    def _block(self, block: Mapping[str, Any]) -> dict[str, Any]:
        kind = block["type"]
        return {
            key: self._source(value, kind) if key == "source" else self._part(value)
            for key, value in block.items()
        }

    def _part(self, value: Any) -> Any:
        """Render a part of a block; the content of a tool's result may hold blocks."""
        if isinstance(value, list | tuple):
            return [
                self._block(item)
                if isinstance(item, Mapping) and "type" in item
                else self._value(item)
                for item in value
            ]
        return self._value(value)

    def _source(self, source: Mapping[str, Any], block: str) -> Any:
        kind = source["type"]
        if kind == "path":
            return self._file(source, block)
        rendered = {key: self._part(value) for key, value in source.items()}
        if kind == "url" and not str(rendered["url"]).startswith(_URL_SCHEMES):
            problem = f"invalid URL `{rendered['url']}` (after rendering)"
            fix = "start it with https:// or http://"
            self.problems.append(SuiteError(source["url"].span, problem, fix))
        if kind == "text":
            rendered.setdefault("media_type", "text/plain")
        return rendered

    def _file(self, source: Mapping[str, Any], block: str) -> dict[str, Any]:
        name = source["path"]
        media_type, data = "", ""
        problems_before = len(self.problems)
        path = self._value(name)
        if len(self.problems) == problems_before:
            declared = source.get("media_type")
            try:
                media_type, data = self._attachments.encode(
                    _folder_of(name), path, name.span, block, declared
                )
            except SuiteError as error:
                self.problems.append(error)
        self.characters += len(data)
        return {"type": "base64", "media_type": media_type, "data": data}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Text):
            try:
                text = self._templates.render(value, self._variables)
            except SuiteError as error:
                self.problems.append(error)
                return ""
            self.characters += len(text)
            return text
        if isinstance(value, FileByTemplate):
            return self._text_of_file(value["file"])
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value

    def _text_of_file(self, name: Text) -> Any:
        problems_before = len(self.problems)
        path = self._value(name)
        if len(self.problems) > problems_before:
            return ""
        try:
            return self._value(self._texts.read_text_at(_folder_of(name), path, name.span))
        except SuiteError as error:
            self.problems.append(error)
            return ""


def _folder_of(name: Text) -> Path:
    """Return the folder of the file that names another: a suite, or what it extends."""
    return name.origin.file.path.parent


def rendered_from(expectation: Expectation, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path into an expectation, as the suite writes it."""
    key, *steps = path
    value = expectation.argument if key == expectation.key else expectation.options[str(key)]
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[int(step)]
    return value
