"""Assertions on replies in languages that others read: YAML and SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Annotated, Any

from harness.assertions.difference import excerpt, quoted
from harness.assertions.parameters import ArgumentError, OnlyTrue, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.errors import HarnessError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.suggestions import write_instead

language_assertions = AssertionRegistry()

_MOST_CHARACTERS = 1_000_000
_MOST_CHARACTERS_OF_SQL = 100_000
_MOST_DEPTH = 100
_SQL_KEYS = ("dialect", "tables", "columns")


class _NotAllowedError(HarnessError):
    """A text is in its language, and holds what it may not."""


@language_assertions.register("is_yaml")
def is_yaml(reply: Reply, _true: OnlyTrue) -> Verdict:
    """Pass when the reply, all of it, is one YAML document that holds a mapping or a list.

    Any sentence is YAML too: a document that holds only a text does not pass. Neither does one with
    a key twice in a mapping. Aliases are refused, because a few of them can stand for very much.

    Source:
        YAML 1.1, read by libyaml.
    """
    import yaml

    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    try:
        documents = _yaml_documents(text)
    except (yaml.YAMLError, UnicodeError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.lstrip().startswith("```") else ""
        problem = getattr(error, "problem", None) or str(error)
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        reason = f"the reply is not YAML: {problem}{where}{hint}"
        return Verdict.failing(reason, actual=excerpt(text))
    except _NotAllowedError as error:
        return Verdict.failing(f"the reply is not the YAML wanted: {error}", actual=excerpt(text))
    if len(documents) != 1:
        words = f"the reply holds {len(documents)} YAML documents, wanted is one"
        return Verdict.failing(words, actual=excerpt(text))
    if not documents[0]:
        words = "the reply is a single value, and no mapping or list"
        return Verdict.failing(words, actual=excerpt(text))
    return Verdict.passing("the reply is YAML")


def _yaml_documents(text: str) -> list[bool]:
    """Return for each document whether it holds a mapping or a list; nothing is built of it."""
    import yaml

    documents: list[bool] = []
    open_: list[_Collection] = []
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.AliasEvent):
            raise _NotAllowedError("it has aliases, which are refused")
        if isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
        elif isinstance(event, yaml.NodeEvent):
            is_collection = isinstance(event, yaml.CollectionStartEvent)
            if open_:
                is_scalar = isinstance(event, yaml.ScalarEvent)
                open_[-1].add(_key_of(event) if is_scalar else None)
            else:
                documents.append(is_collection)
            if is_collection:
                open_.append(_Collection(isinstance(event, yaml.MappingStartEvent)))
        if len(open_) > _MOST_DEPTH:
            raise _NotAllowedError(f"it is nested deeper than {_MOST_DEPTH} levels")
    return documents


def _key_of(scalar: Any) -> tuple[bool, str]:
    """Return what tells keys apart: `1` is a number, and `"1"` a text."""
    return scalar.implicit[0], scalar.value


@dataclass(slots=True)
class _Collection:
    """A mapping or a list that is being read, and the keys it has so far."""

    is_mapping: bool
    keys: set[tuple[bool, str]] = field(default_factory=set)
    number: int = 0

    def add(self, scalar: tuple[bool, str] | None) -> None:
        """Take note of what stands in it next: in a mapping, keys and values in turn.

        Source:
            YAML 1.2, 3.2.1.1: the keys of a mapping are unique.
        """
        if self.is_mapping and self.number % 2 == 0 and scalar is not None:
            if scalar in self.keys:
                raise _NotAllowedError(f"the key {quoted(scalar[1])} stands twice in a mapping")
            self.keys.add(scalar)
        self.number += 1


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read_sql(value: Any) -> Any:
    if find_spec("sqlglot") is None:
        problem = "it needs the package `sqlglot`, which is not installed"
        raise ArgumentError(problem, "pip install 'prompt-harness[metrics]'")
    value = from_rendered(value)
    if value is True:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentError(f"expected `true` or a mapping, found {value!r}", "write `true`")
    for key, item in value.items():
        if key not in _SQL_KEYS:
            raise ArgumentError(f"unknown key `{key}`", write_instead(key, _SQL_KEYS), (key,))
        if key != "dialect" and not _is_names(item):
            raise ArgumentError(f"`{key}` is no list of names", "write `[orders, items]`", (key,))
    dialect = value.get("dialect")
    if dialect is not None and dialect not in _dialects():
        fix = write_instead(str(dialect), _dialects())
        raise ArgumentError(f"`{dialect}` is no dialect of SQL that is known", fix, ("dialect",))
    return dict(value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


@cache
def _dialects() -> Sequence[str]:
    from sqlglot.dialects.dialect import Dialects

    return [dialect.value for dialect in Dialects if dialect.value]


SqlArgument = Annotated[
    dict[str, Any],
    ParameterType(
        {"title": "true, or dialect, tables and columns", "type": ["boolean", "object"]}, _read_sql
    ),
]


@language_assertions.register("is_sql", is_slow=True)
def is_sql(reply: Reply, wanted: SqlArgument) -> Verdict:
    """Pass when the reply, all of it, is SQL (`true`), in a dialect and over certain names only.

    `{dialect: postgres, tables: [orders], columns: [id, total]}`: each part may be left out. Names
    are compared without case and without the schema before them; `*` is not allowed where
    `columns` is given.

    Source:
        Read by sqlglot; a lone name or value is no statement.
    """
    import sqlglot
    from sqlglot import errors, exp

    text = reply.text
    if len(text) > _MOST_CHARACTERS_OF_SQL:
        most = f"{_MOST_CHARACTERS_OF_SQL:,}"
        return Verdict.errored(f"the reply has more than {most} characters")
    try:
        statements = [
            each
            for each in sqlglot.parse(text, read=wanted.get("dialect"))
            if each is not None and not isinstance(each, exp.Semicolon)
        ]
        if not statements:
            raise _NotAllowedError("it holds no statement")
        for statement in statements:
            _check_statement(statement, wanted)
    except (errors.SqlglotError, RecursionError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.lstrip().startswith("```") else ""
        reason = f"the reply is not SQL: {_first_problem(error)}{hint}"
        return Verdict.failing(reason, actual=excerpt(text))
    except _NotAllowedError as error:
        return Verdict.failing(f"the reply is not the SQL wanted: {error}", actual=excerpt(text))
    plural = "" if len(statements) == 1 else "s"
    return Verdict.passing(f"the reply is SQL: {len(statements)} statement{plural}")


def _first_problem(error: Exception) -> str:
    details = getattr(error, "errors", None)
    if details:
        first = details[0]
        return f"{first['description']} (line {first['line']}, column {first['col']})"
    return str(error).partition("\n")[0] or "it is nested too deeply"


def _check_statement(statement: Any, wanted: Mapping[str, Any]) -> None:
    from sqlglot import exp

    from harness.assertions import sql_names

    is_statement = isinstance(statement, exp.Query | exp.DML | exp.DDL | exp.Drop | exp.Alter)
    if not is_statement:
        shown = excerpt(statement.sql())
        raise _NotAllowedError(f"`{shown}` is no query, and no change of data or tables")
    if "tables" in wanted:
        _check_names("table", sql_names.tables_of(statement), wanted["tables"])
    if "columns" in wanted:
        if not all(isinstance(each.parent, exp.Count) for each in statement.find_all(exp.Star)):
            raise _NotAllowedError("`*` asks for all columns")
        _check_names("column", sql_names.columns_of(statement), wanted["columns"])


def _check_names(what: str, found: Iterable[str], allowed: Sequence[str]) -> None:
    known = {name.casefold() for name in allowed}
    strange = sorted({name for name in found if name.casefold() not in known})
    if strange:
        raise _NotAllowedError(f"the {what} {', '.join(strange)} is not among {', '.join(allowed)}")
