"""`--set KEY=VALUE`: what the command line says for every suite."""

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

_FIX = "write `--set request.temperature=0` or `--set vars.company=Acme`"


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
            raise SettingsError(f"`--set {assignment}` cannot be read", _FIX)
        node = _value(assignment, written)
        if part == "request":
            _check(assignment, name, node, request_shape())
        elif not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise SettingsError(f"`--set {assignment}`: `{name}` cannot be a name", _FIX)
        if name == "system" and isinstance(node, MappingNode):
            raise SettingsError(f"`--set {assignment}` names a file", "write the text itself")
        parts[part][name] = data_of(node)
    if repeat is not None and not 1 <= repeat <= MAX_REPEAT:
        raise SettingsError(f"`--repeat {repeat}` is out of range", f"write 1 to {MAX_REPEAT}")
    return Overrides(parts["request"], parts["vars"], repeat)


def _value(assignment: str, written: str) -> Node:
    problems: list[SuiteError] = []
    try:
        node = compose(SourceFile(Path("--set"), written), problems)
    except SuiteError as error:
        problems.append(error)
    except UnicodeEncodeError as error:
        raise SettingsError("`--set` got text that is not UTF-8", _FIX) from error
    if problems:
        raise SettingsError(f"`--set {assignment}`: {problems[0].problem}", problems[0].fix)
    return node


def _check(assignment: str, name: str, node: Node, shape: ShapeChecker) -> None:
    file = SourceFile(Path("--set"), assignment)
    origin = TextOrigin(file, 0, len(assignment))
    mapping = MappingNode(origin, {name: ScalarNode(name, origin)}, {name: node})
    for problem in shape.problems(mapping, data_of(mapping)):
        raise SettingsError(f"`--set {assignment}`: {problem.problem}", problem.fix)
