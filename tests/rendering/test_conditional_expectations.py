"""Expectations with a condition."""

from __future__ import annotations

from pathlib import Path

from tests.support.suites import plan_of, problems_in, write_cases

CASE = (
    "  - id: 'r-{{ row }}'\n    prompt: Hi\n"
    "    rows: [{want: '', most: 5}, {want: 'a.*', most: 0}]\n"
    "    assert:\n"
    "      - {matches: '{{ want }}', when: want}\n"
    "      - {max_output_tokens: 7, when: most > 1}\n"
    "      - {contains: x}\n"
)


def test_an_expectation_whose_condition_is_false_is_left_out(tmp_path: Path) -> None:
    plan = plan_of(write_cases(tmp_path, CASE))

    expected = [
        [one.key for one in plan.renderer.prepare(trial).expectations] for trial in plan.trials()
    ]

    assert expected == [["max_output_tokens", "contains"], ["matches", "contains"]]


def test_a_condition_is_read_before_anything_is_sent(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {id: a, prompt: Hi, vars: {want: x}, assert: [{contains: x, when: wnat}]}\n"
    )

    (error,) = problems_in(path)

    assert (error.problem, error.fix) == ("undefined variable `wnat`", "write `want`")


def test_what_is_inside_a_composition_has_no_condition(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, prompt: Hi, vars: {on: 1}, assert: [{any_of: [{contains: x, when: on}]}]}\n",
    )

    (error,) = problems_in(path)

    assert error.problem == "`when` does not go with what is inside `any_of`"
