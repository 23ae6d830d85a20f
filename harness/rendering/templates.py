"""Texts with variables in them, and the exact place of what is wrong in one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes

from harness.errors import SuiteError
from harness.rendering.environment import (
    MAX_CHARACTERS,
    MissingVariableError,
    TemplateEnvironment,
)
from harness.source import Span, Text
from harness.suggestions import closest, write_instead

_SIGNS = ("{{", "{%", "{#")
_VARIABLE = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")
_NOT_VARIABLES = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "self", "loop", "range", "dict"}
    | {"namespace", "and", "or", "if", "else", "in", "is"}
)
_CACHED_TEMPLATES = 4096
_QUOTED = re.compile(r"(?:named|unexpected|unknown tag) '([^']+)'")


@dataclass(frozen=True, slots=True)
class Template:
    """A text that was taken apart once.

    Attributes:
        names: The variables it cannot do without.
        fill: Renders it; raises what Jinja raises.
    """

    names: frozenset[str]
    fill: Callable[[Mapping[str, Any]], str]


class Templates:
    """Compiles each distinct text once and renders it with the variables of trials."""

    def __init__(self, environment: TemplateEnvironment) -> None:
        self._environment = environment
        self._compiled = lru_cache(_CACHED_TEMPLATES)(self._compile)
        self._expression_names = lru_cache(_CACHED_TEMPLATES)(self._needed_by_expression)

    def has_template(self, value: Any) -> bool:
        """Return whether a text, or a text anywhere in a value, has to be rendered."""
        return any(is_template(text) for text in texts_in(value))

    def render(self, text: Text, variables: Mapping[str, Any]) -> str:
        """Return the rendered text.

        Raises:
            SuiteError: It is no template, or it cannot be rendered with these variables; at the
                place in the text where that shows.
        """
        if not is_template(text):
            return str(text)
        try:
            return self._compiled(str(text)).fill(variables)
        except jinja2.TemplateSyntaxError as error:
            raise self._syntax_error(text, error) from error
        except MissingVariableError as error:
            raise _missing(text, self._environment, error, variables) from error
        except RecursionError as error:
            fix = "write it without nesting and without calls of itself"
            raise SuiteError(text.span, "the template is nested too deeply", fix) from error
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            span = _line_span(text, _template_line(error.__traceback__))
            problem = f"the template fails: {type(error).__name__}: {error}"
            raise SuiteError(
                span, problem, "mend the expression, or the value it is given"
            ) from error

    def problems(self, text: Text, known: Iterable[str]) -> Iterator[SuiteError]:
        """Yield what is wrong with a text whatever the values: syntax, and unknown variables.

        Variables that a branch not taken would use are found too.
        """
        if not is_template(text):
            return
        try:
            template = self._compiled(str(text))
        except jinja2.TemplateSyntaxError as error:
            yield self._syntax_error(text, error)
            return
        except RecursionError:
            yield SuiteError(text.span, "the template is nested too deeply", "write it flat")
            return
        for name in sorted(template.names.difference(known)):
            for offset in _offsets_of(name, text, self._environment)[:1] or [0]:
                yield _undefined(name, text.span_at(offset, len(name)), known)

    def variable_alone(self, text: Text) -> str | None:
        """Return the variable's name if a text is nothing but one, such as `{{ queues }}`."""
        found = _VARIABLE.fullmatch(text)
        return None if found is None or found[1] in _NOT_VARIABLES else found[1]

    def names_in_expression(self, expression: str) -> frozenset[str]:
        """Return the variables an expression cannot do without."""
        return self._expression_names(str(expression))

    def _needed_by_expression(self, expression: str) -> frozenset[str]:
        return _needed_names(self._environment.parse("{{ (" + expression + ") }}"))

    def _syntax_error(self, text: Text, error: jinja2.TemplateSyntaxError) -> SuiteError:
        span, name = _line_span(text, error.lineno), None
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
        return _plain_template(text) or self._jinja_template(text)

    def _jinja_template(self, text: str) -> Template:
        names = _needed_names(self._environment.parse(text))
        compiled = self._environment.from_string(text)

        def fill(variables: Mapping[str, Any]) -> str:
            parts, size = [], 0
            for part in compiled.generate(variables):
                size += len(part)
                if size > MAX_CHARACTERS:
                    raise ValueError(f"the text grows beyond {MAX_CHARACTERS:,} characters")
                parts.append(part)
            return "".join(parts)

        return Template(names, fill=fill)


def is_template(text: str) -> bool:
    """Return whether a text holds anything that rendering would change."""
    return "{" in text and any(sign in text for sign in _SIGNS)


def texts_in(value: Any) -> Iterator[Text]:
    """Yield every text from a file in a value, in order."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)


def _plain_template(text: str) -> Template | None:
    """Return the template if all it does is to put in variables.

    Compiling with Jinja takes 0.4 ms for each distinct text, which a suite of a thousand prompts
    would feel; a test keeps the two alike.
    """
    pieces = _VARIABLE.split(text)
    names = frozenset(pieces[1::2])
    if names & _NOT_VARIABLES or any(is_template(literal) for literal in pieces[::2]):
        return None
    if "\r" in text or any(_joins_braces(pieces, at) for at in range(1, len(pieces), 2)):
        return None

    def fill(variables: Mapping[str, Any]) -> str:
        filled = pieces.copy()
        for at in range(1, len(pieces), 2):
            name = pieces[at]
            if name not in variables:
                raise MissingVariableError(name, f"{name!r} is undefined", is_part=False)
            filled[at] = str(variables[name])
        return "".join(filled)

    return Template(names, fill=fill)


def _joins_braces(pieces: list[str], at: int) -> bool:
    return pieces[at - 1].endswith("{") or pieces[at + 1].startswith("}")


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


def _missing(
    text: Text,
    environment: TemplateEnvironment,
    error: MissingVariableError,
    variables: Mapping[str, Any],
) -> SuiteError:
    line = _template_line(error.__traceback__)
    offsets = _offsets_of(error.name, text, environment, is_part=error.is_part)
    on_line = [each for each in offsets if text.count("\n", 0, each) + 1 == line]
    offset = (on_line or offsets or [0])[0]
    span = text.span_at(offset, len(error.name)) if offsets else _line_span(text, line)
    if error.is_part:
        problem = f"`{error.name}` is no part of the value"
        return SuiteError(span, problem, "use a key or attribute that the value has")
    return _undefined(error.name, span, variables)


def _undefined(name: str, span: Span, known: Iterable[str]) -> SuiteError:
    names = sorted(known)
    meant = closest(name, names)
    if meant is not None:
        fix = f"write `{meant}`"
    elif names:
        fix = f"set it in `vars`; known are {', '.join(names[:12])}"
    else:
        fix = f"set it in `vars`: {{{name}: …}}"
    return SuiteError(span, f"undefined variable `{name}`", fix)


def _offsets_of(
    name: str, text: str, environment: TemplateEnvironment, *, is_part: bool = False
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


def _line_span(text: Text, line: int | None) -> Span:
    """Return the place of the first template sign in a line of the text, or of the line."""
    lines = text.split("\n")
    number = min(max(line or 1, 1), len(lines))
    start = sum(len(each) + 1 for each in lines[: number - 1])
    signs = [at for sign in _SIGNS if (at := lines[number - 1].find(sign)) >= 0]
    if not signs and not lines[number - 1].strip():
        last = max((text.rfind(sign, 0, start) for sign in _SIGNS), default=-1)
        return text.span_at(max(last, 0), 2)
    return text.span_at(min(start + min(signs, default=0), len(text) - 1), 2)


def _template_line(traceback: TracebackType | None) -> int | None:
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
