"""Reads assignments such as `request.temperature=0`, which apply to every suite of a run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import SettingsError, SuiteError
from harness.loading.nodes import MappingNode, Node, ScalarNode, data_of
from harness.loading.schema import MAX_REPEAT, VARIABLE_NAME
from harness.loading.shape import ShapeChecker
from harness.loading.yaml_reader import compose
from harness.model.suite import Overrides
from harness.source import SourceFile, TextOrigin
from harness.wording import Option, Wording

_FIX = Wording(
    "write `{request}` or `{variable}`",
    request=Option("set", "request.temperature=0"),
    variable=Option("set", "vars.company=Acme"),
)
_SETTINGS = Path("harness.toml")
_SOURCE = Path("set")  # an assignment is in no file; no message shows this name


def read_overrides(
    assignments: Sequence[str],
    repeat: int | None,
    request_shape: Callable[[], ShapeChecker],
    defaults: Mapping[str, Any] | None = None,
) -> Overrides:
    """Read assignments such as `request.temperature=0`; values are YAML.

    Args:
        assignments: The assignments.
        repeat: How often each case runs, if that is set for all suites.
        request_shape: Returns the checker of requests.
        defaults: Fields of requests that the settings set.

    Raises:
        SettingsError: A key is not below `request` or `vars`, or a value cannot be used.
    """
    parts: dict[str, dict[str, Any]] = {"request": {}, "vars": {}}
    for assignment in assignments:
        key, equals, written = assignment.partition("=")
        part, dot, name = key.strip().partition(".")
        if not equals or not dot or part not in parts or not name or "." in name:
            raise SettingsError(Wording("invalid `{set}`", set=Option("set", assignment)), _FIX)
        node = _value(assignment, written)
        if part == "request":
            _check(assignment, name, node, request_shape())
        elif not re.fullmatch(VARIABLE_NAME, name):
            problem = _invalid(assignment, f"`{name}` is not a variable name")
            raise SettingsError(problem, "use letters, digits and `_` only")
        if name == "system" and isinstance(node, MappingNode):
            problem = _invalid(assignment, "it cannot name a file")
            raise SettingsError(problem, "write the text itself")
        parts[part][name] = data_of(node)
    if repeat is not None and not 1 <= repeat <= MAX_REPEAT:
        fix = f"write a whole number from 1 to {MAX_REPEAT}"
        problem = Wording("invalid `{repeat}`", repeat=Option("repeat", str(repeat)))
        raise SettingsError(problem, fix)
    return Overrides(
        parts["request"], parts["vars"], repeat, _defaults(defaults or {}, request_shape)
    )


def _defaults(table: Mapping[str, Any], request_shape: Callable[[], ShapeChecker]) -> Any:
    if not table:
        return {}
    try:
        node = compose(SourceFile(_SETTINGS, json.dumps(table, ensure_ascii=False)), [])
    except (TypeError, ValueError, SuiteError) as error:  # TOML has dates, JSON has none
        raise SettingsError(f"`request` of the settings: {error}", "write plain values") from error
    data = data_of(node)
    for wrong in request_shape().problems(node, data):
        raise SettingsError(f"`request` of the settings: {wrong.problem}", wrong.fix)
    if isinstance(data.get("system"), Mapping):
        raise SettingsError("`request.system` of the settings cannot name a file", "write the text")
    return data


def _value(assignment: str, written: str) -> Node:
    problems: list[SuiteError] = []
    try:
        node = compose(SourceFile(_SOURCE, written), problems)
    except SuiteError as error:
        problems.append(error)
    except UnicodeEncodeError as error:
        problem = Wording("invalid `{set}`: not UTF-8", set=Option("set"))
        raise SettingsError(problem, _FIX) from error
    if problems:
        raise SettingsError(_invalid(assignment, problems[0].problem), problems[0].fix)
    return node


def _check(assignment: str, name: str, node: Node, shape: ShapeChecker) -> None:
    file = SourceFile(_SOURCE, assignment)
    origin = TextOrigin(file, 0, len(assignment))
    mapping = MappingNode(origin, {name: ScalarNode(name, origin)}, {name: node})
    for error in shape.problems(mapping, data_of(mapping)):
        raise SettingsError(_invalid(assignment, error.problem), error.fix)


def _invalid(assignment: str, reason: str) -> Wording:
    return Wording("invalid `{set}`: {reason}", set=Option("set", assignment), reason=reason)
