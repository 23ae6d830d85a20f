"""Variables that suites define and do not use, or that nobody defines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.errors import SettingsError, SuiteError
from harness.loading.yaml_reader import read_source
from harness.model.suite import Case, Expectation, FileByTemplate, Suite, Variant
from harness.rendering.requests import RENDERED_FIELDS
from harness.rendering.template import is_template, texts_in
from harness.rendering.variable_uses import expressions_of, with_nested
from harness.source import Span, Text
from harness.suggestions import write_instead
from harness.wording import Option, Wording

_WORD = re.compile(r"\w+")
_IN_FILE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\bwhen\b.*")
_EXTENDS = re.compile(r"^extends\b", re.MULTILINE)
_LOADS_FILES = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b")


def unused_variables(suite: Suite) -> Iterator[SuiteError]:
    """Yield a warning for each variable of a suite or its cases that nothing there uses.

    Columns of datasets are left alone: a file may have more of them than a suite needs.
    """
    defined = dict(_defined(suite))
    if not defined:
        return
    words = _words(suite)
    if words is None:
        return
    for name, (value, holder) in defined.items():
        if name not in words:
            span = value.span if isinstance(value, Text) else holder
            problem = f"nothing uses the variable `{name}`"
            yield SuiteError(span, problem, f"write `{{{{ {name} }}}}` in a prompt, or remove it")


def check_overrides(suites: Iterable[Suite]) -> None:
    """Refuse variables that are set for all suites and that no suite has.

    Raises:
        SettingsError: There is one.
    """
    known: set[str] = set()
    overrides: Mapping[str, Any] = {}
    for suite in suites:
        overrides = suite.overrides.vars
        if not overrides:
            return
        words = _words(suite)
        if words is None:
            return  # what a file or a function uses is not known
        known |= words | suite.vars.keys()
        known |= {name for variant in suite.variants for name in variant.vars}
        known |= {name for case in suite.cases for name in case.vars}
    for name in overrides:
        if name not in known:
            problem = Wording(
                "no suite has the variable of `{set}`", set=Option("set", f"vars.{name}")
            )
            raise SettingsError(problem, write_instead(name, sorted(_variables(known))))


def _variables(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if word.isidentifier())


def values_with_braces(suite: Suite) -> Iterator[SuiteError]:
    """Yield a warning for each variable of a suite or its cases whose value looks like a template.

    Values are never rendered, so the braces would be sent.
    """
    for name, (value, _) in _defined(suite):
        for text in texts_in(value):
            if "{{" in text or "{%" in text:
                problem = f"the variable `{name}` holds `{{{{`, but values are not rendered"
                yield SuiteError(
                    text.span, problem, "write the text itself, or move it into a prompt"
                )
                break


def _defined(suite: Suite) -> Iterator[tuple[str, tuple[Any, Span]]]:
    for case in reversed(suite.cases):
        if not case.row:
            yield from ((name, (value, case.span)) for name, value in case.vars.items())
    yield from ((name, (value, suite.span)) for name, value in suite.vars.items())


def _words(suite: Suite) -> frozenset[str] | None:
    """Return all words of the templates and expressions of a suite; None if others may use more."""
    if _EXTENDS.search(_source(suite)):
        return None  # ids and conditions may be in the other file
    sent, expected = _words_of_requests(suite), _words_of_expectations(suite)
    if sent is None or expected is None:
        return None
    return frozenset({*_words_of_ids(suite), *sent, *expected})


def _words_of_requests(suite: Suite) -> set[str] | None:
    words: set[str] = set()
    for value in _sent(suite):
        if isinstance(value, FileByTemplate):
            return None
        for text in filter(is_template, texts_in(value)):
            if _LOADS_FILES.search(text):
                return None
            words.update(_WORD.findall(text))
    return words


def _words_of_expectations(suite: Suite) -> set[str] | None:
    words: set[str] = set()
    seen: set[tuple[int, int]] = set()
    for case in suite.cases:
        key = (id(case.expectations), id(case.turns))
        if key in seen:
            continue  # the rows of a dataset share them
        seen.add(key)
        for expectation in with_nested(case.all_expectations):
            if expectation.assertion == "python":
                return None  # a function is given all variables
            words.update(*map(_WORD.findall, _expressions(expectation)))
            for text in filter(is_template, texts_in([expectation.argument, expectation.options])):
                words.update(_WORD.findall(text))
    return words


def _words_of_ids(suite: Suite) -> Iterator[str]:
    """Yield the words of ids, groups and conditions, which are only in the file as written."""
    for found in _IN_FILE.finditer(_source(suite)):
        yield from _WORD.findall(found[0])


def _source(suite: Suite) -> str:
    try:
        return read_source(suite.span.path).text
    except SuiteError:  # it was made in Python, or has changed since
        return ""


def _expressions(expectation: Expectation) -> Iterator[str]:
    yield from expressions_of(expectation)
    if expectation.when is not None:
        yield expectation.when


def _sent(suite: Suite) -> Iterator[Any]:
    """Yield whatever may hold templates of what is sent, what cases share once."""
    seen: set[int] = set()
    parts: list[Suite | Variant | Case] = [suite, *suite.variants, *suite.cases]
    for part in parts:
        if id(part.request) not in seen:
            seen.add(id(part.request))
            yield from (part.request.get(name) for name in RENDERED_FIELDS)
        if isinstance(part, Case):
            yield part.output
        if id(part.turns) not in seen:
            seen.add(id(part.turns))
            for turn in part.turns:
                yield from (message["content"] for message in turn.messages)
