"""Finds out why an expression has no value: the content of the reply, or the expression itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined

from harness.assertions.difference import excerpt
from harness.assertions.expressions_api import CONTENT
from harness.rendering.template import MissingVariableError

_MOST_KEYS = 5
_ABOUT_VALUES = (ArithmeticError, LookupError, ValueError)
_ABOUT_TYPES = (AttributeError, MissingVariableError, TypeError)


@dataclass(slots=True)
class ExpressionPart:
    """A part of an expression that can be evaluated on its own.

    Attributes:
        children: The parts inside it, in the order of their evaluation.
    """

    node: nodes.Expr
    children: tuple[ExpressionPart, ...]
    _environment: jinja2.Environment
    _compiled: Callable[..., Any] | None = field(default=None, init=False)

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """Return its value; raise what Jinja raises."""
        if self._compiled is None:
            result = nodes.Assign(nodes.Name("result", "store"), self.node, lineno=1)
            template = self._environment.from_string(nodes.Template([result], lineno=1))
            self._compiled = TemplateExpression(template, undefined_to_none=False)
        return plain(self._compiled(**scope))


def plain(value: Any) -> Any:
    """Return a value without the laziness of Jinja: a list of `… | select`, which is true anyway.

    A list of `… | map(attribute=…)` that lacks the attribute somewhere is as undefined as that.
    """
    if isinstance(value, Iterator):
        value = list(value)
    if isinstance(value, list):
        return next((item for item in value if isinstance(item, Undefined)), value)
    return value


def part_of(expression: str, environment: jinja2.Environment) -> ExpressionPart:
    """Return an expression taken apart."""
    # as `Environment.compile_expression` parses it
    parser = jinja2.parser.Parser(environment, expression, state="variable")
    tree = parser.parse_expression()
    tree.set_environment(environment)
    return _part(tree, environment)


def names_in(part: ExpressionPart) -> frozenset[str]:
    """Return the names of variables that a part of an expression uses."""
    return frozenset(node.name for node in _all_nodes(part.node) if isinstance(node, nodes.Name))


def _part(node: nodes.Expr, environment: jinja2.Environment) -> ExpressionPart:
    children = tuple(_part(child, environment) for child in _children(node))
    return ExpressionPart(node, children, environment)


def _children(node: nodes.Node) -> Iterator[nodes.Expr]:
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Const | nodes.TemplateData):
            continue
        # these have no value of their own
        if isinstance(child, nodes.Helper | nodes.Slice):
            yield from _children(child)
        elif isinstance(child, nodes.Expr):
            yield child


def fault_in_content(whole: ExpressionPart, scope: Mapping[str, Any]) -> str | None:
    """Return what the content of the reply lacks; None if no content would give a value.

    The types of what is done to the text itself are known: `output.colour` is a mistake whatever
    the reply is. What is parsed may have any type, so it is the reply that lacks `colour`.

    Args:
        whole: An expression that has no value.
        scope: What it was evaluated with.
    """
    part = _culprit(whole, scope)
    node, result = part.node, _result(part, scope)
    if not _reads_content(node):
        return None
    if isinstance(result, Undefined) or callable(result):
        return _missing(node, result) if _may_be_there(node, result) else None
    if isinstance(result, ZeroDivisionError):
        return _words(result) if _reads_content(getattr(node, "right", node)) else None
    # the errors of Jinja itself are about what is too large, or not allowed
    if isinstance(result, _ABOUT_VALUES) or (
        isinstance(result, _ABOUT_TYPES) and any(map(_has_any_shape, _children(node)))
    ):
        return _words(result)
    return None


def _result(part: ExpressionPart, scope: Mapping[str, Any]) -> Any:
    """Return the value of a part, or the error that it raises."""
    try:
        return part.evaluate(scope)
    except RecursionError as error:
        return jinja2.TemplateRuntimeError(str(error))
    except (*_ABOUT_VALUES, *_ABOUT_TYPES, jinja2.TemplateError) as error:
        return error


def _culprit(part: ExpressionPart, scope: Mapping[str, Any]) -> ExpressionPart:
    """Return the innermost part that has no value, and because of which the whole has none."""
    results = [(child, _result(child, scope)) for child in _evaluated(part, scope)]
    for child, result in results:
        if isinstance(result, Exception):
            return _culprit(child, scope)
    for child, result in results:
        is_called = isinstance(part.node, nodes.Call) and child.node is part.node.node
        if isinstance(result, Undefined) or (callable(result) and not is_called):
            return _culprit(child, scope)
    return part


def _evaluated(part: ExpressionPart, scope: Mapping[str, Any]) -> Sequence[ExpressionPart]:
    """Return the parts inside a part that were evaluated: one branch of a condition."""
    if not isinstance(part.node, nodes.CondExpr):
        return part.children
    by_node = {id(child.node): child for child in part.children}
    test = by_node.get(id(part.node.test))
    constant = getattr(part.node.test, "value", None)
    condition = constant if test is None else _result(test, scope)
    if test is not None and isinstance(condition, Undefined | Exception):
        return [test]
    branch = by_node.get(id(part.node.expr1 if condition else part.node.expr2))
    return [child for child in (test, branch) if child is not None]


def _reads_content(node: nodes.Node) -> bool:
    return any(
        isinstance(inner, nodes.Name) and inner.name in CONTENT for inner in _all_nodes(node)
    )


def _has_any_shape(node: nodes.Node) -> bool:
    """Return whether the content decides of which type a value is."""
    return any(map(_shapes, _all_nodes(node)))


def _shapes(node: nodes.Node) -> bool:
    match node:
        case nodes.Name():
            return node.name == "content"
        case nodes.Filter():
            return node.name == "from_json" and _reads_content(node)
        case nodes.Getitem():  # `labels[output]`
            return _reads_content(node.arg)
        case nodes.Call():  # `labels.get(output)`
            return any(map(_reads_content, node.args))
        case nodes.CondExpr():
            return _reads_content(node.test)
        case nodes.And() | nodes.Or():
            return _reads_content(node)
    return False


def _all_nodes(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    yield from node.find_all(nodes.Node)


def _may_be_there(node: nodes.Expr, result: Any) -> bool:
    """Return whether another reply could have what is missing."""
    if getattr(result, "_undefined_exception", None) is SecurityError:
        return False  # it is there, but nobody may use it
    if isinstance(node, nodes.Getitem) and _reads_content(node.arg):
        return True
    name = getattr(result, "_undefined_name", None)
    has_owner = isinstance(node, nodes.Getattr | nodes.Getitem)
    # an index, or the first of an empty list
    if isinstance(result, Undefined) and (isinstance(name, int) or name is None):
        return True
    return _has_any_shape(node.node if has_owner else node)  # type: ignore[attr-defined]


def _missing(node: nodes.Expr, result: Any) -> str:
    if isinstance(result, Undefined):
        owner, name = result._undefined_obj, result._undefined_name  # noqa: SLF001  # no other way
        if name is None:
            return str(result._undefined_message)  # noqa: SLF001  # as above
    else:
        owner, name = getattr(result, "__self__", None), getattr(result, "__name__", "")
    return excerpt(f"`{_path(node) or name}` is missing from {_kind(owner)}")


def _path(node: nodes.Expr) -> str:
    """Return the names and indexes that lead from the content to a part, such as `items[0].id`."""
    match node:
        case nodes.Name(name="content"):
            return "content"
        case nodes.Getattr():
            return f"{_path(node.node)}.{node.attr}".lstrip(".")
        case nodes.Getitem(arg=nodes.Const(value=str(key))):
            return f"{_path(node.node)}.{key}".lstrip(".")
        case nodes.Getitem(arg=nodes.Const(value=int(index))):
            return f"{_path(node.node)}[{index}]"
    return ""


def _kind(owner: Any) -> str:
    match owner:
        case None:
            return "null"
        case bool():
            return str(owner).lower()
        case Mapping() if owner:
            keys = [f"`{key}`" for key in islice(owner, _MOST_KEYS)]
            more = ["…"] if len(owner) > _MOST_KEYS else []
            return f"a mapping with the keys {', '.join([*keys, *more])}"
        case Mapping():
            return "an empty mapping"
        case list() | tuple():
            return f"a list of {len(owner)} item{'s' * (len(owner) != 1)}"
        case str():
            return f"a text of {len(owner)} character{'s' * (len(owner) != 1)}"
    return f"the number {owner}"


def _words(error: Exception) -> str:
    # the text of a KeyError is only the key
    name = f"{type(error).__name__}: " if isinstance(error, LookupError) else ""
    return excerpt(f"{name}{error}")
