"""Assignments such as `request.temperature=0`, which hold for every suite."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.errors import SettingsError, SuiteError
from harness.loading.nodes import MappingNode, Node, ScalarNode, compose, data_of
from harness.loading.schema import MAX_REPEAT
from harness.loading.shape import ShapeChecker
from harness.model.suite import Overrides
from harness.source import SourceFile, TextOrigin
from harness.wording import Option, Wording

_FIX = Wording(
    "write `{request}` or `{variable}`",
    request=Option("set", "request.temperature=0"),
    variable=Option("set", "vars.company=Acme"),
)
_SOURCE = Path("set")  # where an assignment is said to be written; no message shows it


def read_overrides(
    assignments: Sequence[str], repeat: int | None, request_shape: Callable[[], ShapeChecker]
) -> Overrides:
    """Read assignments such as `request.temperature=0`; values are YAML.

    Raises:
        SettingsError: A key is not below `request` or `vars`, or a value is unusable.
    """
    parts: dict[str, dict[str, Any]] = {"request": {}, "vars": {}}
    for assignment in assignments:
        key, equals, written = assignment.partition("=")
        part, dot, name = key.strip().partition(".")
        if not equals or not dot or part not in parts or not name or "." in name:
            raise SettingsError(_problem("`{set}` cannot be read", assignment), _FIX)
        node = _value(assignment, written)
        if part == "request":
            _check(assignment, name, node, request_shape())
        elif not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            problem = _problem("`{set}`: `{name}` cannot be a name", assignment, name=name)
            raise SettingsError(problem, _FIX)
        if name == "system" and isinstance(node, MappingNode):
            problem = _problem("`{set}` names a file", assignment)
            raise SettingsError(problem, "write the text itself")
        parts[part][name] = data_of(node)
    if repeat is not None and not 1 <= repeat <= MAX_REPEAT:
        problem = Wording("`{repeat}` is out of range", repeat=Option("repeat", str(repeat)))
        raise SettingsError(problem, f"write 1 to {MAX_REPEAT}")
    return Overrides(parts["request"], parts["vars"], repeat)


def _value(assignment: str, written: str) -> Node:
    problems: list[SuiteError] = []
    try:
        node = compose(SourceFile(_SOURCE, written), problems)
    except SuiteError as error:
        problems.append(error)
    except UnicodeEncodeError as error:
        problem = Wording("`{set}` got text that is not UTF-8", set=Option("set"))
        raise SettingsError(problem, _FIX) from error
    if problems:
        raise SettingsError(_refused(assignment, problems[0]), problems[0].fix)
    return node


def _check(assignment: str, name: str, node: Node, shape: ShapeChecker) -> None:
    file = SourceFile(_SOURCE, assignment)
    origin = TextOrigin(file, 0, len(assignment))
    mapping = MappingNode(origin, {name: ScalarNode(name, origin)}, {name: node})
    for problem in shape.problems(mapping, data_of(mapping)):
        raise SettingsError(_refused(assignment, problem), problem.fix)


def _refused(assignment: str, error: SuiteError) -> Wording:
    return _problem("`{set}`: {problem}", assignment, problem=error.problem)


def _problem(template: str, assignment: str, **parts: str) -> Wording:
    return Wording(template, set=Option("set", assignment), **parts)
