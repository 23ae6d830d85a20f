"""Templates that include other files, and files whose paths are templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_suite

HEAD = "suite: t\nrequest: {model: m}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "secret.md").write_text("outside")
    root = tmp_path / "project"
    (root / "prompts" / "parts").mkdir(parents=True)
    (root / "harness.toml").write_text("")
    (root / "prompts" / "parts" / "style.md").write_text("Be {{ tone }}.{% include '../end.md' %}")
    (root / "prompts" / "end.md").write_text(" End.")
    (root / "prompts" / "main.md").write_text("{% include 'parts/style.md' %} Say {{ text }}")
    (root / "prompts" / "macros.md").write_text("{% macro shout(x) %}{{ x | upper }}{% endmacro %}")
    (root / "prompts" / "broken.md").write_text("fine\n{% if %}")
    for language in ("de", "fr"):
        (root / "prompts" / f"{language}.md").write_text(f"{language}: {{{{ text }}}}")
    return root


def sent(project: Path, prompt: str, variables: str = "{text: hi, tone: polite}") -> str:
    plan = plan_of(write_suite(project, f"{HEAD}cases: [{{id: a, vars: {variables}, {prompt}}}]\n"))
    (trial,) = plan.trials()
    return str(plan.renderer.prepare(trial).turns[0].messages[0]["content"])


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("prompt: {file: prompts/main.md}", "Be polite. End. Say hi"),
        ("prompt: \"{% include 'prompts/parts/style.md' %} Bye\"", "Be polite. End. Bye"),
        (
            "prompt: \"{% import 'prompts/macros.md' as m %}{{ m.shout(text) }}\"",
            "HI",
        ),
    ],
)
def test_a_template_includes_files_by_their_paths_from_its_own(
    project: Path, prompt: str, text: str
) -> None:
    assert sent(project, prompt) == text


def test_the_path_of_a_file_may_be_a_template(project: Path) -> None:
    rows = project / "rows.csv"
    rows.write_text("language,text\nde,hallo\nfr,salut\n")
    suite = write_suite(
        project,
        HEAD + 'cases: [{id: "a-{{ language }}", dataset: rows.csv,'
        ' prompt: {file: "prompts/{{ language }}.md"}}]\n',
    )
    plan = plan_of(suite)

    texts = [plan.renderer.prepare(one).turns[0].messages[0]["content"] for one in plan.trials()]

    assert texts == ["de: hallo", "fr: salut"]
    assert {"prompts/de.md", "prompts/fr.md"} <= plan.suites[0].files.keys()


def test_a_system_prompt_may_be_named_by_a_variable(project: Path) -> None:
    suite = write_suite(
        project,
        'suite: t\nrequest: {model: m, system: {file: "prompts/{{ language }}.md"}}\n'
        "matrix: {vars: {language: [de, fr]}}\n"
        "cases: [{id: a, vars: {text: x}, prompt: Hi}]\n",
    )
    plan = plan_of(suite)

    assert [plan.renderer.prepare(one).settings["system"] for one in plan.trials()] == [
        "de: x",
        "fr: x",
    ]


def test_what_is_included_is_among_the_files_of_each_suite(project: Path) -> None:
    for name in ("one", "two"):
        (project / f"{name}.suite.yaml").write_text(
            f"suite: {name}\nrequest: {{model: m}}\n"
            "vars: {tone: kind}\n"
            "cases: [{id: a, prompt: \"{% include 'prompts/parts/style.md' %}\"}]\n"
        )

    for suite in plan_of(project).suites:
        assert {"prompts/parts/style.md", "prompts/end.md"} <= suite.files.keys()


@pytest.mark.parametrize(
    ("prompt", "position", "problem", "fix"),
    [
        (
            "prompt: \"Hi {% include 'prompts/zzzzzzzz.md' %}\"",
            "3:29",
            "file not found: `prompts/zzzzzzzz.md`",
            "correct the path; it is relative to the suite's folder",
        ),
        (
            "prompt: \"Hi {% include '../secret.md' %}\"",
            "3:29",
            "`../secret.md` is outside the project",
            "keep the file below `{root}` and write its path relative to the suite",
        ),
        (
            "prompt: \"Hi {% include 'prompts/parts/style.md' %}\"",
            "3:29",
            "undefined variable `tone` in `style.md`, line 1",
            "set it in `vars`, or correct the file",
        ),
        (
            "prompt: \"Hi {% include 'prompts/broken.md' %}\"",
            "3:29",
            "template syntax: Expected an expression, got 'end of statement block'"
            " in `broken.md`, line 2",
            "correct the file",
        ),
        (
            'prompt: {file: "prompts/{{ lnaguage }}.md"}',
            "3:44",
            "undefined variable `lnaguage`",
            "set it in `vars`: {lnaguage: …}",
        ),
        (
            'vars: {x: zzzzzzzz}, prompt: {file: "prompts/{{ x }}.md"}',
            "3:53",
            "file not found: `prompts/zzzzzzzz.md`",
            "correct the path; it is relative to the suite's folder",
        ),
    ],
)
def test_what_is_wrong_with_an_included_file_is_told(
    project: Path, prompt: str, position: str, problem: str, fix: str
) -> None:
    path = write_suite(project, f"{HEAD}cases: [{{id: a, {prompt}}}]\n")

    (error,) = problems_in(path)

    fix = fix.replace("{root}", str(project))
    assert str(error) == f"{path}:{position}: {problem}\n  fix: {fix}"


def test_the_prompt_of_a_judge_has_a_path_without_variables(project: Path) -> None:
    path = write_suite(
        project,
        HEAD + 'judge: {prompt: {file: "prompts/{{ x }}.md"}}\ncases: [{id: a, prompt: Hi}]\n',
    )

    (error,) = problems_in(path)

    assert error.problem == "the path of a judge's prompt cannot be a template"
