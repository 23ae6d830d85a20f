"""The assertion on replies that are SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Annotated, Any

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from harness.suggestions import write_instead

sql_assertions = AssertionRegistry()

_MOST_CHARACTERS = 100_000
_KEYS = ("dialect", "tables", "columns")


class _NotAllowedError(Exception):
    """The text is SQL, but has something that the expectation does not allow."""


def _read_sql(value: Any) -> Any:
    if find_spec("sqlglot") is None:
        problem = "this assertion needs the package `sqlglot`, which is not installed"
        raise ArgumentError(problem, "pip install 'prompt-harness[metrics]'")
    value = from_rendered(value)
    if value is True:
        return {}
    if not isinstance(value, Mapping):
        raise ArgumentError(f"expected `true` or a mapping, found {value!r}", "write `true`")
    for key, item in value.items():
        if key not in _KEYS:
            raise ArgumentError(f"unknown key `{key}`", write_instead(key, _KEYS), (key,))
        if key != "dialect" and not _is_names(item):
            problem = f"`{key}` is not a list of names"
            raise ArgumentError(problem, "write `[orders, items]`", (key,))
    dialect = value.get("dialect")
    if dialect is not None and dialect not in _dialects():
        fix = write_instead(str(dialect), _dialects())
        raise ArgumentError(f"unknown dialect of SQL `{dialect}`", fix, ("dialect",))
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
        {
            "title": "true or a mapping with dialect, tables and columns",
            "type": ["boolean", "object"],
        },
        _read_sql,
    ),
]


@sql_assertions.register("is_sql", is_slow=True)
def is_sql(reply: Reply, wanted: SqlArgument) -> Verdict:
    """Pass when the whole reply is SQL and, unless `true`, uses only certain names.

    `{dialect: postgres, tables: [orders], columns: [id, total]}` restricts the dialect, the tables
    and the columns; all three are optional. Names are compared ignoring case and schema. With
    `columns`, `*` is not allowed. A lone name or value is not a statement.

    Source:
        Parsed by sqlglot.
    """
    import sqlglot
    from sqlglot import errors, exp

    text = reply.text
    if len(text) > _MOST_CHARACTERS:
        most = f"{_MOST_CHARACTERS:,}"
        return Verdict.errored(f"the reply has more than {most} characters")
    try:
        statements = [
            statement
            for statement in sqlglot.parse(text, read=wanted.get("dialect"))
            if statement is not None and not isinstance(statement, exp.Semicolon)
        ]
        if not statements:
            raise _NotAllowedError("it has no statement")
        for statement in statements:
            _check_statement(statement, wanted)
    except (errors.SqlglotError, RecursionError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.lstrip().startswith("```") else ""
        reason = f"the reply is not SQL: {_first_problem(error)}{hint}"
        return Verdict.failing(reason, actual=excerpt(text))
    except _NotAllowedError as error:
        return Verdict.failing(
            f"the reply is SQL that is not allowed: {error}", actual=excerpt(text)
        )
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
        raise _NotAllowedError(f"`{shown}` is neither a query nor a change of data or tables")
    if "tables" in wanted:
        _check_names("table", sql_names.tables_of(statement), wanted["tables"])
    if "columns" in wanted:
        stars = statement.find_all(exp.Star)
        if not all(isinstance(star.parent, exp.Count) for star in stars):
            raise _NotAllowedError("`*` selects all columns")
        _check_names("column", sql_names.columns_of(statement), wanted["columns"])


def _check_names(what: str, names: Iterable[str], allowed: Sequence[str]) -> None:
    folded = {name.casefold() for name in allowed}
    others = sorted({name for name in names if name.casefold() not in folded})
    if others:
        raise _NotAllowedError(f"the {what} {', '.join(others)} is not among {', '.join(allowed)}")
