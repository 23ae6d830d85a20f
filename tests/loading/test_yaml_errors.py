from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.loading.yaml_reader import compose
from harness.source import SourceFile


@pytest.mark.parametrize(
    ("text", "position", "problem", "fix"),
    [
        ("a: b: c\n", "1:5", "mapping values are not allowed", "quote a text that contains `: `"),
        ("a: @b\n", "1:4", "cannot start any token", "put the text in quotes"),
        ("a: 'b\n", "1:4", "quoted scalar", "close the quotes"),
        ("a:\n  b: [c\nd: e\n", "3:2", "flow sequence", "close the bracket or brace"),
        ("a:\n   b: 1\n  c: 2\n", "3:3", "block mapping", "align this line"),
        ("a:\n\tb: 1\n", "2:1", "a tab is used for indentation", "indent with spaces"),
        ("a: 1\nb\nc: 2\n", "3:1", "simple key", "write `key: value`"),
        ("a: * x\n", "1:5", "alias", "put the text in quotes"),
        ("a: b\0c\n", "1:5", "the file contains a zero byte", "save the file as UTF-8"),
        ("a: \x01\n", "1:4", "the character U+0001 is not allowed", "write it as an escape"),
    ],
)
def test_a_syntax_error_is_reported_where_a_person_looks_for_it(
    text: str, position: str, problem: str, fix: str
) -> None:
    with pytest.raises(SuiteError) as caught:
        compose(SourceFile(Path("x"), text), [])

    assert str(caught.value.span) == f"x:{position}"
    assert problem in caught.value.problem
    assert str(caught.value.fix).startswith(fix)
