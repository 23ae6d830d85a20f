from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.loading.datasets import read_rows
from harness.source import SourceFile, Text, TextOrigin
from tests.support.sources import raw_text
from tests.support.suites import plan_of, problems_in, write_cases


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", "n,q\n1,a\n2,b\n"),
        ("d.csv", "\ufeffn,q\r\n1,a\r\n2,b\r\n"),
        ("d.tsv", "n\tq\n1\ta\n2\tb\n"),
        ("d.jsonl", '{"n": 1, "q": "a"}\n\n{"n": 2, "q": "b"}'),
        ("d.json", '[{"n": 1, "q": "a"}, {"n": 2, "q": "b"}]'),
        ("d.yaml", "- {n: 1, q: a}\n- {n: 2, q: b}\n"),
    ],
)
def test_a_dataset_of_each_format_makes_a_case_for_each_row(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, newline="")
    path = write_cases(
        tmp_path, f"  - id: r-{{{{ n }}}}\n    dataset: {name}\n    prompt: '{{{{ q }}}}'\n"
    )

    plan = plan_of(path)

    assert [trial.case.id for trial in plan.trials()] == ["r-1", "r-2"]
    assert [trial.vars["q"] for trial in plan.trials()] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content", "position", "words"),
    [
        ("d.csv", "a,a\n1,2\n", "1:1", "duplicate column `a`"),
        ("d.csv", 'a\n"x\n', "2:1", "invalid table"),
        ("d.jsonl", '{"a": 1}\n{"a": }\n', "2:7", "invalid JSON"),
        ("d.jsonl", "[1]\n", "1:1", "the row must be an object"),
        ("d.json", '{"a": 1}', "1:1", "must be a list of rows"),
        ("d.json", "[1]", "1:1", "item 1 must be an object"),
        ("d.yaml", "a: [\n", "1:4", "YAML syntax"),
        ("d.yaml", "a: 1\n", "1:1", "must be a list of rows"),
    ],
)
def test_a_broken_dataset_is_reported_in_the_dataset(
    tmp_path: Path, name: str, content: str, position: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    path = write_cases(
        tmp_path, f"  - id: 'r-{{{{ row }}}}'\n    dataset: {name}\n    prompt: Hi\n"
    )

    (error,) = problems_in(path)

    assert str(error.span) == f"{tmp_path / name}:{position}"
    assert words in error.problem


def rows(name: str, content: str) -> list[tuple[int, dict[str, object]]]:
    content_text = raw_text(content, name)
    named = Text(name, TextOrigin(SourceFile(Path("s.yaml"), name), 0, len(name)))
    return [(row.line, dict(row.values)) for row in read_rows(named, content_text)]


def test_a_row_has_the_line_where_it_begins() -> None:
    assert rows("d.csv", 'a,b\n"x\ny",1\n\nz,2\n') == [
        (2, {"a": "x\ny", "b": "1"}),
        (5, {"a": "z", "b": "2"}),
    ]


def test_quotes_in_a_tsv_file_are_ordinary_characters() -> None:
    assert rows("d.tsv", 'a\tb\n"x\ty"\n') == [(2, {"a": '"x', "b": 'y"'})]


def test_the_case_of_an_extension_does_not_matter() -> None:
    assert rows("D.JSONL", '{"a": true}\n') == [(1, {"a": True})]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("d.xls", "a", "unknown dataset format: `d.xls`"),
        ("d", "a", "unknown dataset format: `d`"),
        ("d.csv", "a,b\n", "the dataset `d.csv` has no rows"),
        ("d.json", "[]", "the dataset `d.json` has no rows"),
        ("d.csv", "a,\n1,2\n", "column 2 has no name"),
        ("d.jsonl", '{"a": NaN}', "`NaN` is not a JSON number"),
        ("d.jsonl", '{"a": 1, "b": {"c": 1, "c": 2}}', "the key `c` is there twice"),
        ("d.csv", "row,a\n1,2\n", "a column `row` would hide the number of the row"),
        ("d.jsonl", '{"a": 1}\n{"row": 1}', "a column `row` would hide the number of the row"),
        ("d.csv", "a;b\n1;2\n", 'the cells are separated by ";", not by commas'),
        ("d.csv", "a\tb\n1\t2\n", 'the cells are separated by "\\t", not by commas'),
        ("d.json", "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_dataset_that_cannot_be_used_is_refused(name: str, content: str, words: str) -> None:
    with pytest.raises(SuiteError) as caught:
        rows(name, content)

    assert words in caught.value.problem
    assert caught.value.fix
