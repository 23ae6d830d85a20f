"""The rows of a case: where they come from, and which of them are cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_cases


def ids(folder: Path, case: str) -> list[str]:
    path = write_cases(folder, f"  - id: 'r-{{{{ n }}}}'\n    prompt: Hi\n{case}")
    return [trial.case.id for trial in plan_of(path).trials()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("n,kind\n1,x\n2,y\n")
    (tmp_path / "data" / "b.csv").write_text("n,kind\n3,x\n4,y\n")
    (tmp_path / "semicolons.csv").write_text("n;kind\n5;x\n")
    (tmp_path / "ten.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(10)))
    return tmp_path


@pytest.mark.parametrize(
    ("case", "numbers"),
    [
        ("    rows: [{n: 1}, {n: 2}]\n", [1, 2]),
        ("    dataset: [data/b.csv, data/a.csv]\n", [3, 4, 1, 2]),
        ("    dataset: data/*.csv\n", [1, 2, 3, 4]),
        ('    dataset: semicolons.csv\n    delimiter: ";"\n', [5]),
        ("    dataset: data/*.csv\n    limit: 3\n", [1, 2, 3]),
        ("    dataset: data/*.csv\n    when: kind == 'x'\n", [1, 3]),
        ("    dataset: data/*.csv\n    when: kind == 'x'\n    limit: 1\n", [1]),
        ("    dataset: data/*.csv\n    when: row > 2\n", [3, 4]),
        ("    rows: [{n: 1, on: true}, {n: 2}]\n    when: on is defined\n", [1]),
    ],
)
def test_rows_come_from_the_suite_or_from_files_and_may_be_limited(
    data: Path, case: str, numbers: list[int]
) -> None:
    assert ids(data, case) == [f"r-{number}" for number in numbers]


def test_a_sample_is_the_same_each_time_and_keeps_the_order(data: Path) -> None:
    sampled = "    dataset: ten.csv\n    sample: {{n: 4, seed: {}}}\n"

    drawn = [ids(data, sampled.format(seed)) for seed in range(20)]

    assert drawn == [ids(data, sampled.format(seed)) for seed in range(20)]
    assert all(sorted(one) == one and len(set(one)) == 4 for one in drawn)
    assert len({tuple(one) for one in drawn}) > 10


def test_rows_that_are_left_out_do_not_change_the_numbers_of_the_others(data: Path) -> None:
    path = write_cases(
        data,
        "  - {id: 'r-{{ row }}', prompt: Hi, dataset: data/*.csv, when: \"kind == 'y'\"}\n",
    )

    assert [(trial.case.id, trial.case.row) for trial in plan_of(path).trials()] == [
        ("r-2", 2),
        ("r-4", 4),
    ]


def test_a_case_whose_condition_is_false_is_none(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, prompt: Hi, vars: {on: true}, when: on}\n"
        "  - {id: b, prompt: Hi, vars: {on: false}, when: on}\n",
    )

    assert [trial.case.id for trial in plan_of(path).trials()] == ["a"]


@pytest.mark.parametrize(
    ("case", "position", "problem", "fix"),
    [
        (
            "    dataset: ten.csv\n    sample: {n: 11}\n",
            "7:17",
            "the sample has 11 rows, but there are only 10",
            "write at most 10, or remove `sample`",
        ),
        ("    limit: 5\n", "6:5", "`limit` is for cases with `dataset` or `rows`", "remove it"),
        ('    delimiter: ";"\n', "6:5", "`delimiter` is for cases with a `dataset`", "remove it"),
        (
            "    dataset: ten.csv\n    rows: [{n: 1}]\n",
            "7:5",
            "`dataset` and `rows` cannot be used together",
            "keep one of the two",
        ),
        (
            "    dataset: none/*.csv\n",
            "6:14",
            "no file matches `none/*.csv`",
            "write a path relative to the suite, in which `*` stands for any name",
        ),
        (
            "    dataset: data/*.csv\n    when: kidn == 'x'\n",
            "7:11",
            "undefined variable `kidn`",
            "write `kind`",
        ),
        (
            "    dataset: data/*.csv\n    when: output == 'x'\n",
            "7:11",
            "undefined variable `output`",
            "use the variables of the case: there is no reply yet",
        ),
        (
            "    dataset: data/*.csv\n    when: kind ==\n",
            "7:11",
            "not an expression: unexpected 'end of template'",
            "write a Jinja expression, such as `output | length > 3`",
        ),
    ],
)
def test_what_is_wrong_with_rows_is_told_at_its_place(
    data: Path, case: str, position: str, problem: str, fix: str
) -> None:
    path = write_cases(data, f"  - id: 'r-{{{{ n }}}}'\n    prompt: Hi\n{case}")

    errors = problems_in(path)

    assert str(errors[0]) == f"{path}:{position}: {problem}\n  fix: {fix}"
