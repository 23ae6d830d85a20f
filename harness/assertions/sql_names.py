"""The tables and columns of the database that a SQL statement reads or writes.

Names that the statement itself defines (tables of `WITH`, columns of a subquery) are not among
them, but only where they are in scope: `WITH t AS (SELECT * FROM t)` reads a table `t`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

# sqlglot logs what it cannot parse; the verdict already says so
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def tables_of(statement: exp.Expression) -> Iterator[str]:
    """Yield the names of the tables, without their schemas."""
    for table in statement.find_all(exp.Table):
        if table.name and not _is_defined_by_with(table):
            yield table.name


def columns_of(statement: exp.Expression) -> Iterator[str]:
    """Yield the names of the columns.

    Raises:
        sqlglot.errors.OptimizeError: An alias is defined twice.
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
    yield from (definition.name for definition in statement.find_all(exp.ColumnDef))
    for join in statement.find_all(exp.Join):
        yield from (column.name for column in join.args.get("using") or ())


def _is_defined_by_with(table: exp.Table) -> bool:
    """Return whether a table is defined by an enclosing `WITH`, in whose scope it is."""
    if table.args.get("db"):
        return False
    enclosing: exp.Expression | None = None
    node: Any = table.parent
    while node is not None:
        if isinstance(node, exp.CTE):
            enclosing = node
        defined = next((arg for arg in node.args.values() if isinstance(arg, exp.With)), None)
        if defined is not None:
            ctes = list(defined.expressions)
            indexes = [index for index, cte in enumerate(ctes) if cte is enclosing]
            # inside a table of WITH, only those before it are in scope
            if indexes and not defined.args.get("recursive"):
                ctes = ctes[: indexes[0]]
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
            continue  # it belongs to a subquery, whose own scope is traversed as well
        name = column.name.casefold()
        if isinstance(query, exp.SetOperation) and name in aliases:
            continue  # the ORDER BY of a UNION, which refers to output columns
        if isinstance(column.find_ancestor(exp.Group, exp.Query), exp.Group) and name in renamed:
            continue  # GROUP BY may refer to an alias of the SELECT
        if not _is_output_of_source(column, scope):
            yield column.name
            if column.table and _source_of(column.table, scope) is None:
                yield column.table  # a column of a nested type: `address.street`


def _renamed(query: exp.Expression) -> set[str]:
    """Return the aliases whose expressions do not use a column of the same name."""
    return {
        alias.alias.casefold()
        for alias in query.find_all(exp.Alias)
        if not any(c.name.casefold() == alias.alias.casefold() for c in alias.find_all(exp.Column))
    }


def _is_output_of_source(column: exp.Column, scope: Scope) -> bool:
    """Return whether a column is an output column of a subquery or of a table of `WITH`."""
    if column.table:
        sources = [_source_of(column.table, scope)]
    else:
        sources = [source for _, source in scope.selected_sources.values()]
    name = column.name.casefold()
    return any(name in _outputs(source) for source in sources if isinstance(source, Scope))


def _source_of(name: str, scope: Scope) -> Any:
    """Return the source that qualifies a column: a scope or a table; None if it is neither."""
    enclosing: Scope | None = scope
    while enclosing is not None and name not in enclosing.selected_sources:
        enclosing = enclosing.parent
    return None if enclosing is None else enclosing.selected_sources[name][1]


def _outputs(scope: Scope) -> set[str]:
    query: Any = scope.expression
    names, parent = [*query.named_selects], query.parent
    if isinstance(parent, exp.CTE | exp.Subquery):
        names += parent.alias_column_names
    return {name.casefold() for name in names}
