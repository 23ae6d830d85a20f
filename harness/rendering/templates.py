"""Renders templates, and points errors to the exact character."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from harness.errors import SuiteError
from harness.rendering.plain import plain_template
from harness.rendering.template import (
    FillError,
    MissingVariableError,
    Template,
    is_template,
    line_span,
    texts_in,
)
from harness.source import Span, Text
from harness.suggestions import closest

if TYPE_CHECKING:
    from harness.rendering.compiled import CompiledTemplates
    from harness.rendering.environment import TemplateEnvironment

_CACHED_TEMPLATES = 4096


class Templates:
    """Takes each distinct text apart once and renders it with the variables of trials.

    Args:
        environment: Makes the sandbox. It is called, and Jinja imported, for the first text that
            needs it.
    """

    def __init__(self, environment: Callable[[], TemplateEnvironment]) -> None:
        self._environment = environment
        self._compiled = cache(self._with_jinja)
        self._plain = lru_cache(_CACHED_TEMPLATES)(plain_template)

    def has_template(self, value: Any) -> bool:
        """Return whether a text, or a text anywhere in a value, is a template."""
        return any(is_template(text) for text in texts_in(value))

    def render(self, text: Text, variables: Mapping[str, Any]) -> str:
        """Return the rendered text.

        Raises:
            SuiteError: The text is not a template, or cannot be rendered with these variables; at
                the mistake.
        """
        if not is_template(text):
            return str(text)
        template = self._template(text)
        try:
            return template.fill(variables)
        except MissingVariableError as error:
            raise _missing(text, template, error, variables) from error
        except FillError as error:
            span = text.span if error.line is None else line_span(text, error.line)
            raise SuiteError(span, error.problem, error.fix) from error

    def problems(self, text: Text, names: Iterable[str]) -> Iterator[SuiteError]:
        """Yield what is wrong with a text regardless of values: syntax and undefined variables.

        Variables in branches that would not be taken are checked, too.

        Args:
            text: The template.
            names: The variables that are defined.
        """
        if not is_template(text):
            return
        try:
            template = self._template(text)
        except SuiteError as error:
            yield error
            return
        for name in sorted(template.names.difference(names)):
            for offset in template.offsets(name, is_part=False)[:1] or [0]:
                yield _undefined(name, text.span_at(offset, len(name)), names)

    def uses(self, text: Text, name: str) -> bool:
        """Return whether a text uses a variable, be it with a default."""
        return is_template(text) and bool(self._template(text).offsets(name, is_part=False))

    def names_in_expression(self, expression: str) -> frozenset[str]:
        """Return the variables that an expression requires."""
        return self._compiled().names_in_expression(str(expression))

    def _template(self, text: Text) -> Template:
        return self._plain(str(text)) or self._compiled().template(text)

    def _with_jinja(self) -> CompiledTemplates:
        from harness.rendering.compiled import CompiledTemplates

        return CompiledTemplates(self._environment())


def _missing(
    text: Text, template: Template, error: MissingVariableError, variables: Mapping[str, Any]
) -> SuiteError:
    offsets = template.offsets(error.name, is_part=error.is_part)
    on_line = [offset for offset in offsets if text.count("\n", 0, offset) + 1 == error.line]
    offset = (on_line or offsets or [0])[0]
    span = text.span_at(offset, len(error.name)) if offsets else line_span(text, error.line)
    if error.is_part:
        problem = f"the value has no key or attribute `{error.name}`"
        return SuiteError(span, problem, "use one that the value has")
    return _undefined(error.name, span, variables)


def _undefined(name: str, span: Span, defined: Iterable[str]) -> SuiteError:
    names = sorted(defined)
    match = closest(name, names)
    if match is not None:
        fix = f"write `{match}`"
    elif names:
        fix = f"set it in `vars`, or use one of {', '.join(names[:12])}"
    else:
        fix = f"set it in `vars`: {{{name}: …}}"
    return SuiteError(span, f"undefined variable `{name}`", fix)
