from __future__ import annotations

import pytest

from harness.errors import SettingsError
from harness.loading.keyword_expression import parse_keywords


@pytest.mark.parametrize(
    ("expression", "matching"),
    [
        ("a", ["a", "ab"]),
        ("A", ["a", "ab"]),
        ("a and b", ["ab"]),
        ("a or b", ["a", "b", "ab"]),
        ("not a", ["b", "c"]),
        ("not not a", ["a", "ab"]),
        ("a or b and c", ["a", "ab"]),
        ("(a or b) and not a", ["b"]),
        ("not (a or b)", ["c"]),
        ("not a or b", ["b", "c", "ab"]),
    ],
)
def test_not_binds_closer_than_and_and_that_closer_than_or(
    expression: str, matching: list[str]
) -> None:
    matches = parse_keywords(expression)

    assert {name for name in ("a", "b", "c", "ab") if matches(name)} == set(matching)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "the expression is empty"),
        ("  ", "the expression is empty"),
        ("a b", "unexpected `b`"),
        ("(a", "missing `)`"),
        ("a)", "unexpected `)`"),
        ("a and", "missing word"),
        ("or a", "missing word"),
        ("()", "missing word"),
        ("(" * 201, "more than 200 words"),
    ],
)
def test_an_invalid_expression_is_refused_with_the_reason(expression: str, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_keywords(expression)

    assert str(caught.value.problem).startswith("invalid `-k ")
    assert str(caught.value.problem).endswith(f": {reason}")
    assert caught.value.fix == "write words joined by `and`, `or`, `not` and parentheses"
