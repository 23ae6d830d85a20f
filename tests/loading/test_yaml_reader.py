from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SuiteError
from harness.loading.nodes import data_of
from harness.loading.yaml_errors import MAX_DEPTH
from harness.loading.yaml_reader import compose
from harness.source import SourceFile


def read(text: str) -> object:
    problems: list[SuiteError] = []
    data: object = data_of(compose(SourceFile(Path("x.yaml"), text), problems))
    assert problems == []
    return data


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("3.10", 3.1),
        ("-.5", -0.5),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"),
        ("0b11", "0b11"),
        ("'true'", "true"),
        ('"1"', "1"),
        ("1.2.3", "1.2.3"),
        ("+12", 12),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(written: str, value: object) -> None:
    data = read(f"a: {written}\n")

    assert data == {"a": value}
    assert type(data["a"]) is type(value) or isinstance(value, str)


@pytest.mark.parametrize("number", [".inf", "-.Inf", ".nan", "1e999", "9" * 30, "9" * 5000])
def test_a_number_that_cannot_be_sent_is_told(number: str) -> None:
    problems: list[SuiteError] = []

    compose(SourceFile(Path("x.yaml"), f"a: {number}\n"), problems)

    assert [str(problem.span) for problem in problems] == ["x.yaml:1:4"]


def test_aliases_stand_for_what_they_name() -> None:
    assert read("a: &x [1, 2]\nb: *x\nc: [*x, *x]\n") == {
        "a": [1, 2],
        "b": [1, 2],
        "c": [[1, 2], [1, 2]],
    }


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (bomb(9), "aliases expand to more than 1,000,000 values"),
        ("&a [*a]", "refers to a value that contains it"),
        ("&a {b: {c: *a}}", "refers to a value that contains it"),
        ("*gone", "unknown alias `*gone`"),
        ("[" * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        ("{a: " * 1000, f"nested deeper than {MAX_DEPTH} levels"),
        ("a: 1\n---\nb: 2\n", "a second YAML document starts here"),
        ("x" * 5_000_001, "the limit is 5,000,000"),
    ],
    ids=["bomb", "cycle", "deep cycle", "alias", "lists", "mappings", "documents", "size"],
)
def test_what_would_crash_or_fill_the_memory_is_refused(text: str, words: str) -> None:
    with pytest.raises(SuiteError) as caught:
        compose(SourceFile(Path("x.yaml"), text), [])

    assert words in caught.value.problem


@pytest.mark.parametrize(
    "text",
    [
        "a: 'it''s {{ x }}'\n",
        'a: "q\\n\\u00e9\\"\\\\ {{ x }}"\n',
        "a: |2-\n    b\n   {{ x }}\n",
        "a: >\n  b\n  c\n\n  d {{ x }}\n",
        "a: plain\n  goes on {{ x }}\n",
        "é: 👋 {{ x }}\n",
    ],
)
def test_a_place_in_a_value_leads_to_its_place_in_the_file(text: str) -> None:
    (value,) = read(text).values()  # type: ignore[attr-defined]

    span = value.span_at(value.index("x }}"))

    line = text.split("\n")[span.line - 1]
    assert line[span.column - 1 :].startswith("x }}")


@given(st.text(alphabet="ab:-[]{}#&*!|>'\"%@`\n \t,?\\é👋0.", max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    try:
        compose(SourceFile(Path("x.yaml"), text), [])
    except SuiteError as error:
        assert error.span.line >= 1
        assert error.fix
