"""The tables and columns of the database that SQL uses."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot

from harness.assertions.sql_names import columns_of, tables_of


@pytest.mark.parametrize(
    ("sql", "tables", "columns"),
    [
        ("select id from orders", {"orders"}, {"id"}),
        ("select o.id from shop.orders o", {"orders"}, {"id"}),
        ("select id from a join b using (key)", {"a", "b"}, {"id", "key"}),
        ("select (select max(x) from secrets) from orders", {"orders", "secrets"}, {"x"}),
        ("with t as (select id as n from a) select n from t", {"a"}, {"id"}),
        ("with t as (select * from t) select * from t", {"t"}, set()),
        ("with t as (select 1) select * from x.t", {"t"}, set()),
        ("with a as (select * from b), b as (select 1) select * from a", {"b"}, set()),
        ("with recursive n as (select 1 as i union all select i from n) select i from n",
         set(), set()),
        ("with c(n) as (select id from u) select n from c", {"u"}, {"id"}),
        ("select s.n from (select id as n from u) s", {"u"}, {"id"}),
        ("select id as password, password from u", {"u"}, {"id", "password"}),
        ("select id % 2 as odd from u group by odd", {"u"}, {"id"}),
        ("select id as a from u union select id from v order by a", {"u", "v"}, {"id"}),
        ("select address.street from u", {"u"}, {"street", "address"}),
        ("update u set ssn = 1 where id = 2", {"u"}, {"ssn", "id"}),
        ("insert into u (id, ssn) values (1, 2)", {"u"}, {"id", "ssn"}),
        ("delete from u where ssn = 1", {"u"}, {"ssn"}),
        ("drop table users", {"users"}, set()),
        ("alter table u add column ssn int", {"u"}, {"ssn"}),
    ],
)  # fmt: skip
def test_only_names_of_the_database_are_yielded(
    sql: str, tables: set[str], columns: set[str]
) -> None:
    statement: Any = sqlglot.parse_one(sql)

    assert set(tables_of(statement)) == tables
    assert set(columns_of(statement)) == columns
