"""Values of a suite that are files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_suite

SUITE = """\
suite: t
request: {model: m, tools: {file: data/tools.json}}
vars: {policy: {file: data/policy.md}, limits: {file: data/limits.yaml}}
variants:
  a: {vars: {tone: {file: data/policy.md}}}
matrix: {vars: {size: [{file: data/limits.yaml}, 2]}}
cases:
  - id: a
    prompt: "{{ policy }} {{ limits.most }}"
    assert:
      - faithful_to: {file: data/policy.md}
      - is_json: {file: data/schema.json}
      - any_of: [{contains: {file: data/policy.md}}]
      - calls_tool: read
        arguments: {file: report.pdf}
  - id: b
    turns: [{prompt: Hi, assert: [{equals: {file: data/policy.md}}]}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "policy.md").write_text("No refunds.")
    (tmp_path / "data" / "limits.yaml").write_text("most: 5\n")
    (tmp_path / "data" / "tools.json").write_text('[{"name": "find", "input_schema": {}}]')
    (tmp_path / "data" / "schema.json").write_text('{"type": "object"}')
    return tmp_path


def test_a_file_stands_for_its_content_wherever_a_value_may_stand(project: Path) -> None:
    plan = plan_of(write_suite(project, SUITE))
    first, second, third, _ = plan.trials()
    prepared = plan.renderer.prepare(first)

    assert prepared.settings["tools"] == [{"name": "find", "input_schema": {}}]
    assert prepared.turns[0].messages[0]["content"] == "No refunds. 5"
    assert first.vars["tone"] == "No refunds."
    assert (first.vars["size"], second.vars["size"]) == ({"most": 5}, 2)
    assert [one.argument for one in prepared.expectations[:2]] == [
        "No refunds.",
        {"type": "object"},
    ]
    assert prepared.expectations[2].nested[0].argument == "No refunds."
    assert plan.renderer.prepare(third).turns[0].expectations[0].argument == "No refunds."


def test_arguments_of_tools_are_what_they_say(project: Path) -> None:
    plan = plan_of(write_suite(project, SUITE))

    expected = plan.renderer.prepare(next(iter(plan.trials()))).expectations[3]

    assert expected.options["arguments"] == {"file": "report.pdf"}


def test_files_that_values_name_belong_to_the_suite(project: Path) -> None:
    (suite,) = plan_of(write_suite(project, SUITE)).suites

    assert {"data/policy.md", "data/limits.yaml", "data/tools.json"} <= suite.files.keys()


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        (
            "data/policy.md}, l",
            "data/polcy.md}, l",
            "test.suite.yaml:3:23",
            "file not found: `data/polcy.md`",
        ),
        (
            "data/schema.json",
            "../x.json",
            "test.suite.yaml:12:25",
            "`../x.json` is outside the project",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_told_where_it_is_named(
    project: Path, old: str, new: str, place: str, problem: str
) -> None:
    path = write_suite(project, SUITE.replace(old, new, 1))

    error = problems_in(path)[0]

    assert str(error.span) == str(project / place)
    assert error.problem == problem


def test_a_mistake_in_a_file_is_told_in_the_file(project: Path) -> None:
    (project / "data" / "tools.json").write_text('[{"description": "x"}]')
    path = write_suite(project, SUITE)

    (error,) = problems_in(path)

    assert str(error.span) == str(project / "data" / "tools.json:1:3")
    assert error.problem == "missing key `name`"
