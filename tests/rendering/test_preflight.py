from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import problems_in, write_cases, write_suite


def test_rows_that_cannot_be_rendered_are_reported_up_to_five(tmp_path: Path) -> None:
    rows = '{"q": {"a": 1}}\n' + '{"q": {}}\n' * 50
    (tmp_path / "d.jsonl").write_text(rows)
    path = write_cases(
        tmp_path, "  - id: 'r-{{ row }}'\n    dataset: d.jsonl\n    prompt: '{{ q.a }}'\n"
    )

    problems = problems_in(path)

    assert len(problems) == 5
    assert "(row 2 of the dataset)" in problems[0].problem


def test_a_mistake_in_a_branch_that_no_row_takes_is_found(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - id: a\n    prompt: Hi {% if polite %}{{ tittle }}{% endif %}\n",
        "vars: {polite: false, title: Dr}\n",
    )

    (error,) = problems_in(path)

    assert (error.problem, error.fix) == ("undefined variable `tittle`", "write `title`")


def test_a_shared_text_names_the_case_it_does_not_fit(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, prompt: Hi, vars: {x: 1}}\n  - {id: b, prompt: Hi}\n",
        "matrix: {system: ['{{ x }}']}\n",
    )

    (error,) = problems_in(path)

    assert error.problem == "undefined variable `x` in the case `b`"


def test_a_metric_may_use_collected_metrics_and_those_computed_before(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, prompt: Hi, assert: [{contains: x, metric: tp}]}\n",
        "metrics: {f1: recall / 2, recall: tp.sum, double: recall * fp.sum}\n",
    )

    assert [error.problem for error in problems_in(path)] == [
        "undefined variable `recall`",
        "undefined variable `fp`",
    ]


def test_a_judge_prompt_must_contain_the_word_to_repeat(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {id: a, prompt: Hi}\n", "judge: {prompt: 'Judge {{ tsk }}.'}\n"
    )

    word, unknown = problems_in(path)

    assert unknown.problem == "undefined variable `tsk`"
    assert (word.problem, word.fix) == (
        "the judge prompt does not contain `word`, which the answer must repeat",
        "add `{{ word }}` to the prompt",
    )


def test_inline_data_is_checked_before_anything_is_sent(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - id: a\n    messages:\n      - role: user\n        content:\n"
        "          - {type: file_data, media_type: image/png, data: aGk=}\n",
    )

    (error,) = problems_in(path)

    assert error.problem == "`data` does not look like image/png"


def test_a_transform_of_a_case_is_reported_once(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - id: a\n    prompt: Hi\n    transform: output | replace(x, y)\n    vars: {y: ''}\n"
        "    assert: [{contains: a}, {contains: b}]\n",
    )

    assert [error.problem for error in problems_in(path)] == ["undefined variable `x`"]


@pytest.mark.parametrize(("in_system", "problems"), [(0, 0), (1, 1)])
def test_more_marks_of_what_is_cached_than_the_api_takes_are_a_mistake(
    tmp_path: Path, in_system: int, problems: int
) -> None:
    marked = "{type: text, text: x, cache_control: {type: ephemeral}}"
    system = f"system: [{', '.join([marked] * in_system or ['{type: text, text: x}'])}]"
    message = f"{{role: user, content: [{', '.join([marked] * 4)}]}}"
    path = write_suite(
        tmp_path,
        f"suite: a\nrequest: {{model: m, {system}}}\ncases: [{{id: a, messages: [{message}]}}]\n",
    )

    found = [(error.span.line, error.problem, error.fix) for error in problems_in(path)]

    problem = "5 blocks of a request have `cache_control`"
    assert found == [(3, problem, "mark 4 at most: the API refuses more")] * problems
