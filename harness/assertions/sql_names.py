"""The names that a SQL statement reads or writes: those of tables and columns that must exist.

What a statement names itself (the tables of `WITH`, the columns that a subquery gives out) is not
among them, but only where it can be meant: `WITH t AS (SELECT * FROM t)` reads a table `t`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read the verdict tells


def tables_of(statement: exp.Expression) -> Iterator[str]:
    """Yield the names of the tables, without the schema before them."""
    for table in statement.find_all(exp.Table):
        if table.name and not _is_of_with(table):
            yield table.name


def columns_of(statement: exp.Expression) -> Iterator[str]:
    """Yield the names of the columns.

    Raises:
        sqlglot.errors.OptimizeError: It names two things alike.
    """
    for query in statement.find_all(exp.Query):
        if query.find_ancestor(exp.Query) is None:
            for scope in traverse_scope(query):
                yield from _columns_in(scope)
    for column in statement.find_all(exp.Column):
        if column.find_ancestor(exp.Query) is None:  # as in UPDATE … SET, DELETE … WHERE
            yield column.name
    for schema in statement.find_all(exp.Schema):  # as in INSERT INTO orders (id, total)
        yield from (expression.name for expression in schema.expressions if expression.name)
    yield from (each.name for each in statement.find_all(exp.ColumnDef))
    for join in statement.find_all(exp.Join):
        yield from (each.name for each in join.args.get("using") or ())


def _is_of_with(table: exp.Table) -> bool:
    """Return whether a table is one that a `WITH` around it defines, before it or for itself."""
    if table.args.get("db"):
        return False
    inside: exp.Expression | None = None
    node: Any = table.parent
    while node is not None:
        if isinstance(node, exp.CTE):
            inside = node
        defined = next((arg for arg in node.args.values() if isinstance(arg, exp.With)), None)
        if defined is not None:
            ctes = list(defined.expressions)
            places = [place for place, cte in enumerate(ctes) if cte is inside]
            if places and not defined.args.get("recursive"):
                ctes = ctes[: places[0]]
            if any(cte.alias.casefold() == table.name.casefold() for cte in ctes):
                return True
        node = node.parent
    return False


def _columns_in(scope: Scope) -> Iterator[str]:
    query: Any = scope.expression
    aliases = {select.casefold() for select in query.named_selects}
    renamed = _renamed(query)
    for column in scope.columns:
        if column.find_ancestor(exp.Query) is not query:
            continue  # of a subquery, which has a scope of its own
        name = column.name.casefold()
        if isinstance(query, exp.SetOperation) and name in aliases:
            continue  # of a UNION, which orders by what its parts give out
        if isinstance(column.find_ancestor(exp.Group, exp.Query), exp.Group) and name in renamed:
            continue  # GROUP BY may name what the SELECT gives out
        if not _is_given_out(column, scope):
            yield column.name
            if column.table and _source_of(column.table, scope) is None:
                yield column.table  # a part of a column: `orders.address.street`


def _renamed(query: exp.Expression) -> set[str]:
    """Return the aliases that do not hide a column of the same name."""
    return {
        each.alias.casefold()
        for each in query.find_all(exp.Alias)
        if not any(c.name.casefold() == each.alias.casefold() for c in each.find_all(exp.Column))
    }


def _is_given_out(column: exp.Column, scope: Scope) -> bool:
    """Return whether a column is what a subquery or a table of `WITH` gives out."""
    if column.table:
        sources = [_source_of(column.table, scope)]
    else:
        sources = [source for _, source in scope.selected_sources.values()]
    return any(
        column.name.casefold() in _outputs(each) for each in sources if isinstance(each, Scope)
    )


def _source_of(name: str, scope: Scope) -> Any:
    """Return what a name before a column's stands for: a scope, a table, or None if for neither."""
    around: Scope | None = scope
    while around is not None and name not in around.selected_sources:
        around = around.parent
    return None if around is None else around.selected_sources[name][1]


def _outputs(scope: Scope) -> set[str]:
    query: Any = scope.expression
    names, around = [*query.named_selects], query.parent
    if isinstance(around, exp.CTE | exp.Subquery):
        names += around.alias_column_names
    return {name.casefold() for name in names}
