"""Templates that need Jinja, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes

from harness.errors import SuiteError
from harness.rendering.environment import MAX_CHARACTERS, TemplateEnvironment
from harness.rendering.template import FillError, MissingVariableError, Template, line_span
from harness.source import Text
from harness.suggestions import write_instead

_CACHED_TEMPLATES = 4096
_QUOTED = re.compile(r"(?:named|unexpected|unknown tag) '([^']+)'")
_TOO_DEEP = "the template is nested too deeply"


class CompiledTemplates:
    """Compiles each distinct text once."""

    def __init__(self, environment: TemplateEnvironment) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_TEMPLATES)(self._compile)
        self._expression_names = lru_cache(_CACHED_TEMPLATES)(self._needed_by_expression)

    def template(self, text: Text) -> Template:
        """Return the text as a template.

        Raises:
            SuiteError: It is none; at the place in the text where that shows.
        """
        try:
            return self._compiled(str(text))
        except jinja2.TemplateSyntaxError as error:
            raise self._syntax_error(text, error) from error
        except RecursionError as error:
            raise SuiteError(text.span, _TOO_DEEP, "write it flat") from error

    def names_in_expression(self, expression: str) -> frozenset[str]:
        """Return the variables an expression cannot do without."""
        return self._expression_names(expression)

    def _needed_by_expression(self, expression: str) -> frozenset[str]:
        return _needed_names(self._environment.parse("{{ (" + expression + ") }}"))

    def _syntax_error(self, text: Text, error: jinja2.TemplateSyntaxError) -> SuiteError:
        span, name = line_span(text, error.lineno), None
        quoted = _QUOTED.search(error.message or "")
        if quoted is not None:
            name = quoted[1]
            found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            if found is not None:
                span = text.span_at(found.start(), len(name))
        known = {"filter": self._environment.filters, "test": self._environment.tests}
        of_kind = next((known[k] for k in known if f"No {k} named" in (error.message or "")), None)
        if name is not None and of_kind is not None:
            fix = write_instead(name, sorted(of_kind))
        else:
            fix = "close what is opened: `{{ … }}`, `{% if … %} … {% endif %}`"
        return SuiteError(span, f"template syntax: {error.message}", fix)

    def _compile(self, text: str) -> Template:
        names = _needed_names(self._environment.parse(text))
        compiled = self._environment.from_string(text)

        def fill(variables: Mapping[str, Any]) -> str:
            try:
                return _bounded_text(compiled, variables)
            except MissingVariableError as error:
                error.line = _template_line(error.__traceback__)
                raise
            except RecursionError as error:
                fix = "write it without nesting and without calls of itself"
                raise FillError(_TOO_DEEP, fix) from error
            except (
                jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError,
            ) as error:  # fmt: skip
                problem = f"the template fails: {type(error).__name__}: {error}"
                line = _template_line(error.__traceback__) or 1
                raise FillError(
                    problem, "mend the expression, or the value it is given", line
                ) from error

        def offsets(name: str, *, is_part: bool) -> list[int]:
            return _offsets_of(name, text, self._environment, is_part=is_part)

        return Template(names, fill, offsets)


def _bounded_text(compiled: jinja2.Template, variables: Mapping[str, Any]) -> str:
    parts, size = [], 0
    for part in compiled.generate(variables):
        size += len(part)
        if size > MAX_CHARACTERS:
            raise ValueError(f"the text grows beyond {MAX_CHARACTERS:,} characters")
        parts.append(part)
    return "".join(parts)


def _needed_names(tree: nodes.Template) -> frozenset[str]:
    """Return the variables of a template, without those it asks about or has a default for."""
    optional = set()
    for test in tree.find_all(nodes.Test):
        if test.name in {"defined", "undefined"} and isinstance(test.node, nodes.Name):
            optional.add(test.node.name)
    for each in tree.find_all(nodes.Filter):
        if each.name in {"default", "d"} and isinstance(each.node, nodes.Name):
            optional.add(each.node.name)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "store":
            optional.add(name.name)  # it is set somewhere, perhaps in each of two branches
    return (
        frozenset(meta.find_undeclared_variables(tree)) - optional - {"range", "dict", "namespace"}
    )


def _offsets_of(
    name: str, text: str, environment: TemplateEnvironment, *, is_part: bool
) -> list[int]:
    """Return where the name stands in a template as a variable, or after a dot as a part."""
    found, offset, before = [], 0, ""
    for _line, kind, value in environment.lex(text):
        is_name = kind == "name" and value == name
        is_key = is_part and kind == "string" and value[1:-1] == name
        if (is_name and (before == ".") == is_part) or is_key:
            found.append(offset)
        if kind != "whitespace":
            before = value
        offset += len(value)
    return found


def _template_line(traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
