"""Templates that need Jinja, and their errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes

from harness.errors import SuiteError
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.included import includes_others, name_of
from harness.rendering.limits import MAX_CHARACTERS
from harness.rendering.template import FillError, MissingVariableError, Template, line_span
from harness.source import Text
from harness.suggestions import write_instead

_CACHED_TEMPLATES = 4096
_QUOTED = re.compile(r"(?:named|unexpected|unknown tag) '([^']+)'")
_FILE_NAME = "<template>"
_TOO_DEEP = "the template is nested too deeply"


class CompiledTemplates:
    """Compiles each distinct text once, and keeps those used last."""

    def __init__(self, environment: TemplateEnvironment) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_TEMPLATES)(self._compile)
        self._expression_names = lru_cache(_CACHED_TEMPLATES)(self._required_by_expression)

    def template(self, text: Text) -> Template:
        """Return the text as a template.

        Raises:
            SuiteError: The text is not a template; at the mistake.
        """
        try:
            folder = text.origin.file.path.parent if includes_others(text) else None
            return self._compiled(str(text), folder)
        except jinja2.TemplateSyntaxError as error:
            raise self._syntax_error(text, error) from error
        except RecursionError as error:
            raise SuiteError(text.span, _TOO_DEEP, "flatten the template") from error

    def names_in_expression(self, expression: str) -> frozenset[str]:
        """Return the variables that an expression requires."""
        return self._expression_names(expression)

    def _required_by_expression(self, expression: str) -> frozenset[str]:
        return _required_names(self._environment.parse("{{ (" + expression + ") }}"))

    def _syntax_error(self, text: Text, error: jinja2.TemplateSyntaxError) -> SuiteError:
        span, name = line_span(text, error.lineno), None
        quoted = _QUOTED.search(error.message or "")
        if quoted is not None:
            name = quoted[1]
            match = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            if match is not None:
                span = text.span_at(match.start(), len(name))
        candidates = self._candidates(error.message or "")
        if name is not None and candidates is not None:
            fix = write_instead(name, candidates)
        else:
            fix = "close every tag: `{{ … }}`, `{% if … %} … {% endif %}`"
        return SuiteError(span, f"template syntax: {error.message}", fix)

    def _candidates(self, message: str) -> list[str] | None:
        """Return the names that Jinja would know instead of the one in its message."""
        if "No filter named" in message:
            return sorted(self._environment.filters)
        return sorted(self._environment.tests) if "No test named" in message else None

    def _compile(self, text: str, folder: Path | None) -> Template:
        environment = self._environment
        names = _required_names(environment.parse(text))
        # by its folder, which what it includes is relative to
        name = None if folder is None else name_of(folder, "template")
        code = environment.compile(text, name, _FILE_NAME)
        compiled = jinja2.Template.from_code(environment, code, environment.make_globals(None))

        def fill(variables: Mapping[str, Any]) -> str:
            try:
                return _bounded_text(compiled, variables)
            except MissingVariableError as error:
                error.line = _template_line(error.__traceback__)
                included = _included_place(error.__traceback__)
                if included is not None:
                    problem = f"undefined variable `{error.name}` in {included}"
                    fix = "set it in `vars`, or correct the file"
                    raise FillError(problem, fix, error.line) from error
                raise
            except FillError as error:
                error.line = _template_line(error.__traceback__)
                raise
            except jinja2.TemplateSyntaxError as error:
                name = Path(error.filename or "").name
                problem = f"template syntax: {error.message} in `{name}`, line {error.lineno}"
                line = _template_line(error.__traceback__)
                raise FillError(problem, "correct the file", line) from error
            except RecursionError as error:
                fix = "remove the nesting, or the macro that calls itself"
                raise FillError(_TOO_DEEP, fix) from error
            except (
                jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError,
            ) as error:  # fmt: skip
                problem = f"the template failed: {type(error).__name__}: {error}"
                line = _template_line(error.__traceback__) or 1
                fix = "correct the expression, or the value it uses"
                raise FillError(problem, fix, line) from error

        def offsets(name: str, *, is_part: bool) -> list[int]:
            return _offsets_of(name, text, self._environment, is_part=is_part)

        return Template(names, fill, offsets)


def _bounded_text(compiled: jinja2.Template, variables: Mapping[str, Any]) -> str:
    parts, size = [], 0
    for part in compiled.generate(variables):
        size += len(part)
        if size > MAX_CHARACTERS:
            raise ValueError(f"the text is longer than {MAX_CHARACTERS:,} characters")
        parts.append(part)
    return "".join(parts)


def _required_names(tree: nodes.Template) -> frozenset[str]:
    """Return the variables of a template, except those it tests or has a default for."""
    optional = set()
    for test in tree.find_all(nodes.Test):
        if test.name in {"defined", "undefined"} and isinstance(test.node, nodes.Name):
            optional.add(test.node.name)
    for filter_ in tree.find_all(nodes.Filter):
        if filter_.name in {"default", "d"} and isinstance(filter_.node, nodes.Name):
            optional.add(filter_.node.name)
    for name in tree.find_all(nodes.Name):
        if name.ctx == "store":
            optional.add(name.name)  # set somewhere, perhaps in each of two branches
    return (
        frozenset(meta.find_undeclared_variables(tree)) - optional - {"range", "dict", "namespace"}
    )


def _offsets_of(
    name: str, text: str, environment: TemplateEnvironment, *, is_part: bool
) -> list[int]:
    """Return where a template uses the name as a variable, or as an attribute or key."""
    offsets, offset, previous = [], 0, ""
    for _line, kind, value in environment.lex(text):
        is_name = kind == "name" and value == name
        is_key = is_part and kind == "string" and value[1:-1] == name
        if (is_name and (previous == ".") == is_part) or is_key:
            offsets.append(offset)
        if kind != "whitespace":
            previous = value
        offset += len(value)
    return offsets


def _included_place(traceback: TracebackType | None) -> str | None:
    """Return where in an included file an error was raised, if it was in one."""
    place = None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            is_own = file == _FILE_NAME
            place = None if is_own else f"`{Path(file).name}`, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _template_line(traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == _FILE_NAME:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
