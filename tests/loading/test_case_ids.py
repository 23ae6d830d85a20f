"""Cases without an id of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_cases


@pytest.mark.parametrize(
    ("case", "ids"),
    [
        ("{prompt: Hi}", ["case-1"]),
        ("{prompt: Hi, description: Refunds a late order.}", ["refunds-a-late-order"]),
        ("{prompt: Hi, description: Über Größe}", ["uber-groe"]),
        ("{prompt: Hi, description: 発送}", ["case-1"]),
        ("{prompt: Hi, rows: [{x: 1}, {x: 2}]}", ["case-1-1", "case-1-2"]),
        ("{prompt: Hi, description: Each one, rows: [{x: 1}]}", ["each-one-1"]),
        (
            "{prompt: Hi, description: " + "a word " * 20 + "}",
            ["a-word-a-word-a-word-a-word-a-word-a-word-a-word-a-word-a"],
        ),
    ],
)
def test_an_id_comes_from_the_description_or_the_place(
    tmp_path: Path, case: str, ids: list[str]
) -> None:
    path = write_cases(tmp_path, f"  - {case}\n")

    assert [trial.case.id for trial in plan_of(path).trials()] == ids


def test_two_cases_of_one_description_need_ids(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {prompt: a, description: Same}\n  - {prompt: b, description: same}\n"
    )

    (error,) = problems_in(path)

    assert error.problem == "duplicate id `same`; first used on line 4"
