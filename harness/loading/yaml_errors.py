"""YAML's syntax errors in words that say how to correct them."""

from __future__ import annotations

import yaml

from harness.errors import SuiteError
from harness.source import SourceFile

MAX_DEPTH = 64
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
TOO_DEEP_FIX = "flatten the structure"
_SYNTAX_FIXES = (
    ("mapping values are not allowed", "quote a text that contains `: `, and align the keys"),
    ("cannot start any token", "put the text in quotes"),
    ("quoted scalar", "close the quotes; inside double quotes write a backslash as `\\\\`"),
    ("flow", "close the bracket or brace, and separate its items with commas"),
    ("block", "align this line with the ones it belongs to"),
    ("simple key", "write `key: value`"),
    ("alias", "put the text in quotes"),
    ("anchor", "put the text in quotes"),
)


def syntax_error(file: SourceFile, error: yaml.YAMLError) -> SuiteError:
    """Return the error at the character where a person would look for the mistake."""
    if isinstance(error, yaml.reader.ReaderError):
        position = int(error.position)
        if file.text[position] == "\0":
            fix = "save the file as UTF-8"
            return SuiteError(file.span(position), "the file contains a zero byte", fix)
        problem = f"the character U+{ord(file.text[position]):04X} is not allowed in YAML"
        return SuiteError(file.span(position), problem, 'write it as an escape in "double quotes"')
    assert isinstance(error, yaml.MarkedYAMLError)  # noqa: S101  # the only other kind there is
    mark = error.problem_mark or error.context_mark
    index = mark.index if mark is not None else 0
    line_start = file.text.rfind("\n", 0, index) + 1
    line = file.line(file.span(index).line)
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation:
        tab = file.span(line_start + indentation.index("\t"))
        return SuiteError(tab, "a tab is used for indentation", "indent with spaces")
    if error.context_mark is not None and not file.text[index:].strip():
        index = error.context_mark.index  # an unclosed bracket or quote: point to its beginning
    if not file.text[index:].strip():
        index = max(len(file.text.rstrip()) - 1, 0)
    problem = error.problem or "not YAML"
    if "maximum nesting depth" in problem:  # libyaml 0.2.6 reads ahead and has its own limit
        return SuiteError(file.span(index), TOO_DEEP, TOO_DEEP_FIX)
    if error.context:
        problem = f"{problem} {error.context}"
    return SuiteError(file.span(index), f"YAML syntax: {problem}", _syntax_fix(problem))


def _syntax_fix(problem: str) -> str:
    for words, fix in _SYNTAX_FIXES:
        if words in problem:
            return fix
    return "correct the YAML on this line"
