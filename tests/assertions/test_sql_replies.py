"""The assertion on replies that are SQL."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"is_sql": True}, "SELECT id FROM orders WHERE total > 10", PASS, 1, "1 statement"),
    ({"is_sql": True}, "select 1; delete from a where b = 2", PASS, 1, "2 statements"),
    ({"is_sql": True}, "hello world", FAIL, 0, "is neither a query"),
    ({"is_sql": True}, "orders", FAIL, 0, "is neither a query"),
    ({"is_sql": True}, "explain select 1", FAIL, 0, "is neither a query nor a change"),
    ({"is_sql": True}, "select 1; -- done", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select count(*) from orders where id = 1", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select (select t.secret) as id from orders t", FAIL, 0, "secret"),
    ({"is_sql": {"columns": ["id"]}}, "select id from orders t where (select t.secret) = 1", FAIL, 0,
     "secret"),
    ({"is_sql": {"columns": ["id"]}}, "select id from orders t, lateral (select secret) s", FAIL, 0,
     "secret"),
    ({"is_sql": {"columns": ["id"]}}, "alter table orders add column secret int", FAIL, 0, "secret"),
    ({"is_sql": {"columns": ["id"]}}, "select t.secret.id from orders t", FAIL, 0, "secret"),
    ({"is_sql": True}, "SELECT a FROM", FAIL, 0, "is not SQL"),
    ({"is_sql": True}, "-- only a comment", FAIL, 0, "no statement"),
    ({"is_sql": True}, "```sql\nSELECT 1\n```", FAIL, 0, "Markdown fence"),
    ({"is_sql": True, "transform": "output | fenced('sql')"}, "```sql\nSELECT 1\n```", PASS, 1, ""),
    ({"is_sql": {"tables": ["Orders"]}}, "select * from orders o", PASS, 1, ""),
    ({"is_sql": {"tables": ["orders"]}}, "select * from shop.orders join users on 1 = 1", FAIL, 0,
     "the table users is not among orders"),
    ({"is_sql": {"tables": ["orders"]}}, "with o as (select * from orders) select * from o", PASS, 1,
     ""),
    ({"is_sql": {"tables": ["orders"]}}, "select (select max(x) from secrets) from orders", FAIL, 0,
     "secrets"),
    ({"is_sql": {"tables": ["orders"]}}, "drop table users", FAIL, 0, "users"),
    ({"is_sql": {"columns": ["id", "total"]}}, "select ID, sum(total) s from a order by s", PASS, 1,
     ""),
    ({"is_sql": {"columns": ["id"]}}, "select id from a where password = 'x'", FAIL, 0, "password"),
    ({"is_sql": {"columns": ["id"]}}, "select * from a", FAIL, 0, "`*` selects all columns"),
    ({"is_sql": {"columns": ["id"]}}, "select password as password from u", FAIL, 0, "password"),
    ({"is_sql": {"columns": ["id"]}}, "select id as password, password from u", FAIL, 0, "password"),
    ({"is_sql": {"columns": ["id"]}}, "with c as (select id as ssn from u) select ssn from u", FAIL, 0,
     "ssn"),
    ({"is_sql": {"columns": ["id"]}}, "with c as (select id as n from u) select n from c", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "with c(n) as (select id from u) select n from c", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select s.n from (select id as n from u) s", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select u.n from u, (select id as n from u) s", FAIL, 0, "column n"),
    ({"is_sql": {"columns": ["id"]}}, "select id % 2 as odd, count(1) from u group by odd", PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select id as a from u union select id from v order by a", PASS, 1,
     ""),
    ({"is_sql": {"columns": ["id"]}}, "select id, (select max(n) from (select id as n from v) s) from u",
     PASS, 1, ""),
    ({"is_sql": {"columns": ["id"]}}, "select id from u where exists (select 1 from v where u.ssn = id)",
     FAIL, 0, "ssn"),
    ({"is_sql": {"columns": ["id"]}}, "insert into u (id, ssn) values (1, 2)", FAIL, 0, "ssn"),
    ({"is_sql": {"columns": ["id"]}}, "update u set ssn = 1 where id = 2", FAIL, 0, "ssn"),
    ({"is_sql": {"columns": ["id"]}}, "select u.id from u join v using (ssn)", FAIL, 0, "ssn"),
    ({"is_sql": {"tables": ["orders"]}}, "with s as (select * from s) select * from s", FAIL, 0, "table s"),
    ({"is_sql": {"tables": ["orders"]}}, "with s as (select 1) select * from x.s", FAIL, 0, "table s"),
    ({"is_sql": {"tables": ["orders"]}},
     "with a as (select * from b), b as (select 1) select * from a", FAIL, 0, "table b"),
    ({"is_sql": {"tables": ["orders"]}},
     "with recursive n as (select 1 as i union all select i + 1 from n) select i from n", PASS, 1, ""),
    ({"is_sql": {"tables": ["orders"]}},
     "select * from (with s as (select 1) select * from s) q, s", FAIL, 0, "table s"),
    ({"is_sql": {"tables": ["orders"]}},
     "with s as (select * from orders) select * from (select * from s) q", PASS, 1, ""),
    ({"is_sql": {"dialect": "mysql"}}, "select `id` from `a` limit 1, 2", PASS, 1, ""),
    ({"is_sql": {"dialect": "postgres"}}, "select a::int from b", PASS, 1, ""),
    ({"not_is_sql": True}, "I cannot do that.", PASS, 1, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_sql_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
