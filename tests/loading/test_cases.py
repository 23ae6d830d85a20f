from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SuiteError
from harness.model.suite import Case
from tests.support.suites import plan_of, problems_in, write_cases


def cases(folder: Path, text: str, head: str = "") -> list[Case]:
    (suite,) = plan_of(write_cases(folder, text, head)).suites
    return list(suite.cases)


def problem(folder: Path, text: str) -> SuiteError:
    (error,) = problems_in(write_cases(folder, text))
    return error


def test_a_case_has_the_defaults_of_its_suite(tmp_path: Path) -> None:
    one, other = cases(
        tmp_path,
        "  - {id: a, prompt: Hi}\n"
        "  - {id: b, prompt: Hi, repeat: 1, pass_rate: 1, tags: [y], assert: [{contains: z}]}\n",
        "repeat: 3\npass_rate: 0.5\ntags: [x]\nassert: [{equals: w}]\n",
    )

    assert (one.repeat, one.pass_rate, one.tags) == (3, 0.5, frozenset({"x"}))
    assert (other.repeat, other.pass_rate, other.tags) == (1, 1.0, frozenset({"x", "y"}))
    assert [expectation.assertion for expectation in other.expectations] == ["equals", "contains"]


def test_the_transform_of_a_case_comes_before_that_of_an_expectation(tmp_path: Path) -> None:
    (case,) = cases(
        tmp_path,
        "  - id: a\n    prompt: Hi\n    transform: output | strip\n"
        "    assert: [{equals: x, transform: output | upper}]\n",
        "assert: [{contains: y}]\n",
    )

    assert [expectation.transforms for expectation in case.expectations] == [
        ("output | strip",),
        ("output | strip", "output | upper"),
    ]


def test_each_turn_has_its_own_expectations(tmp_path: Path) -> None:
    (case,) = cases(
        tmp_path,
        "  - id: a\n    turns:\n      - {prompt: Hi, assert: [{equals: x}]}\n"
        "      - {prompt: Ho}\n    assert: [{equals: y}]\n",
    )

    assert [len(turn.expectations) for turn in case.turns] == [1, 0]
    assert [expectation.argument for expectation in case.all_expectations] == ["x", "y"]


def test_a_row_wins_over_the_variables_of_its_case(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,c\nof the row,9\n")

    (case,) = cases(
        tmp_path,
        "  - {id: 'r-{{ row }}', dataset: d.csv, prompt: '{{ a }}', vars: {a: case, b: case}}\n",
    )

    assert (case.id, case.row) == ("r-1", 1)
    assert case.vars == {"a": "of the row", "b": "case", "c": "9", "row": 1}


@pytest.mark.parametrize("value", ["", "a b", "-a", "é", "a/b", "x" * 101])
def test_a_rendered_id_that_is_not_an_id_is_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "d.jsonl").write_text(f'{{"v": "{value}"}}\n')

    error = problem(tmp_path, "  - {id: '{{ v }}', dataset: d.jsonl, prompt: Hi}\n")

    assert error.problem == f"invalid id `{value[:60]}` in row 1"
    assert str(error.fix).startswith("use letters, digits")


def test_only_the_first_row_with_a_wrong_id_is_reported(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("v\nok\na b\nc d\n")

    error = problem(tmp_path, "  - {id: '{{ v }}', dataset: d.csv, prompt: Hi}\n")

    assert error.problem == "invalid id `a b` in row 2"


def test_the_id_of_a_single_case_may_be_a_template(tmp_path: Path) -> None:
    (case,) = cases(tmp_path, "  - {id: 'a-{{ x }}', prompt: Hi}\n", "vars: {x: 1}\n")

    assert (case.id, case.row) == ("a-1", 0)


def test_a_row_may_name_the_group_of_its_case(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("document\nterms\nterms\nprices\n")

    rows = cases(
        tmp_path,
        "  - {id: 'q-{{ row }}', dataset: d.csv, prompt: Hi, group: 'of {{ document }}'}\n"
        "  - {id: fixed, prompt: Hi, group: mail}\n"
        "  - {id: one, prompt: Hi, group: 'mail {{ x }}'}\n"
        "  - {id: alone, prompt: Hi}\n",
        "vars: {x: 1}\n",
    )

    groups = [case.group for case in rows]
    assert groups == ["of terms", "of terms", "of prices", "mail", "mail 1", None]
    assert [case.id for case in rows[3:]] == ["fixed", "one", "alone"]


def test_a_group_that_is_blank_in_a_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"v": "a"}\n{"v": " "}\n')

    error = problem(
        tmp_path, "  - {id: 'q-{{ row }}', dataset: d.jsonl, prompt: Hi, group: '{{ v }}'}\n"
    )

    assert error.problem == "`group` is blank in row 2"
    assert "or leave `group` out" in str(error.fix)
    assert error.span.column == 62


def test_a_wrong_id_does_not_hide_a_blank_group(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: '-{{ x }}', prompt: Hi, group: '{{ nothing }}'}\n",
        "vars: {x: 1, nothing: ''}\n",
    )

    problems = [error.problem for error in problems_in(path)]

    assert problems == ["invalid id `-1`", "`group` is blank"]


@pytest.mark.parametrize(
    ("case_", "words"),
    [
        (
            "{id: a, output: x, turns: [{prompt: Hi}]}",
            "`output` and `turns` cannot be used together",
        ),
        ("{id: a, output: '{{ nobody }}'}", "undefined variable `nobody`"),
        ("{id: a, output: 5}", "`output` must be text"),
    ],
)
def test_what_is_wrong_with_a_given_output_is_told(tmp_path: Path, case_: str, words: str) -> None:
    assert str(problem(tmp_path, f"  - {case_}\n").problem).startswith(words)
