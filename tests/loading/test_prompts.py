"""Prompts that the cases of a suite share, as an axis of its variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.model.suite import Trial
from tests.support.suites import plan_of, problems_in, write_suite

CASES = "cases:\n  - {id: a, vars: {text: one}}\n  - {id: b, vars: {text: two}}\n"
HEAD = "suite: t\nrequest: {model: m}\n"


def sent(folder: Path, text: str) -> dict[str, str]:
    """Return what each trial sends as its last message."""
    plan = plan_of(write_suite(folder, HEAD + text))

    def last_message(trial: Trial) -> str:
        return str(plan.renderer.prepare(trial).turns[-1].messages[-1]["content"])

    return {trial.id: last_message(trial) for trial in plan.trials()}


def test_each_prompt_is_a_variant_of_the_cases_that_have_none(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("Please say {{ text }}.\n")
    text = 'prompts: {short: "Say {{ text }}", long: {file: long.md}}\n'

    assert sent(tmp_path, text + CASES + "  - {id: own, prompt: Hi}\n") == {
        "t::a[short]": "Say one",
        "t::a[long]": "Please say one.\n",
        "t::b[short]": "Say two",
        "t::b[long]": "Please say two.\n",
        "t::own[short]": "Hi",
        "t::own[long]": "Hi",
    }


def test_a_prompt_may_be_messages(tmp_path: Path) -> None:
    messages = (
        "[{role: user, content: Hi}, {role: assistant, content: Hello},"
        ' {role: user, content: "Say {{ text }}"}]'
    )
    plan = plan_of(write_suite(tmp_path, f"{HEAD}prompts: {{chat: {messages}}}\n{CASES}"))

    first = next(iter(plan.trials()))
    (turn,) = plan.renderer.prepare(first).turns

    assert [message["role"] for message in turn.messages] == ["user", "assistant", "user"]
    assert turn.messages[-1]["content"] == "Say one"


@pytest.mark.parametrize(
    "key", ['prompt: "Say {{ text }}"', 'messages: [{role: user, content: "Say {{ text }}"}]']
)
def test_a_suite_has_a_prompt_for_the_cases_that_have_none(tmp_path: Path, key: str) -> None:
    assert sent(tmp_path, f"{key}\n{CASES}") == {"t::a": "Say one", "t::b": "Say two"}


def test_a_named_variant_has_a_prompt_of_its_own(tmp_path: Path) -> None:
    text = 'prompt: "Say {{ text }}"\nvariants: {plain: {}, loud: {prompt: "SAY {{ text }}"}}\n'

    assert sent(tmp_path, text + "cases: [{id: a, vars: {text: one}}]\n") == {
        "t::a[plain]": "Say one",
        "t::a[loud]": "SAY one",
    }


def test_a_file_may_hold_several_prompts_and_a_pattern_name_several_files(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("One\n{{ text }}\n---\nTwo {{ text }}\n")
    (tmp_path / "prompts").mkdir()
    for name in ("b", "a c"):
        (tmp_path / "prompts" / f"{name}.md").write_text(name)
    text = (
        'prompts:\n  parts: {file: all.txt, split: "---"}\n  files: {files: "prompts/*.md"}\n'
        "cases: [{id: a, vars: {text: x}}]\n"
    )

    assert sent(tmp_path, text) == {
        "t::a[parts-1]": "One\nx",
        "t::a[parts-2]": "Two x",
        "t::a[files-a-c]": "a c",
        "t::a[files-b]": "b",
    }


def test_a_mistake_in_a_part_of_a_file_is_found_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "all.txt").write_text("One\n---\nTwo {{ txet }}\n")
    path = write_suite(tmp_path, HEAD + 'prompts: {p: {file: all.txt, split: "---"}}\n' + CASES)

    (error,) = problems_in(path)

    assert str(error.span) == f"{tmp_path / 'all.txt'}:3:8"
    assert "undefined variable `txet` in the case `a`" in str(error)


def test_a_case_without_the_variables_of_a_shared_prompt_is_named(tmp_path: Path) -> None:
    path = write_suite(
        tmp_path,
        HEAD + 'prompt: "Say {{ text }}"\ncases: [{id: a, vars: {text: x}}, {id: b}, {id: c}]\n',
    )

    assert [error.problem for error in problems_in(path)] == [
        "undefined variable `text` in the case `b`",
        "undefined variable `text` in the case `c`",
    ]


@pytest.mark.parametrize(
    ("text", "position", "problem", "fix"),
    [
        (
            "cases: [{id: a}]\n",
            "3:14",
            "the case `a` has no prompt",
            "add `prompt: …`, `messages: …` or `turns: …`, or `prompts:` for all cases",
        ),
        (
            "variants: {x: {prompt: Hi}, y: {}}\ncases: [{id: a}]\n",
            "4:14",
            "the case `a` has no prompt in the variant `y`",
            "add `prompt: …` to the case, to the suite, or to the variant",
        ),
        (
            "prompt: Hi\nprompts: {a: Ho}\ncases: [{id: a}]\n",
            "4:1",
            "`prompt` and `prompts` cannot be used together",
            "keep one of the two",
        ),
        (
            "variants: {x: {prompt: Hi, messages: [{role: user, content: Hi}]}}\n"
            "cases: [{id: a}]\n",
            "3:28",
            "`prompt` and `messages` cannot be used together",
            "keep one of the two",
        ),
        (
            'prompts: {a: {files: "none/*.md"}}\ncases: [{id: a}]\n',
            "3:22",
            "no file matches `none/*.md`",
            "write a path relative to the suite, in which `*` stands for any name",
        ),
        (
            'prompts: {a: {file: all.txt, split: "==="}}\ncases: [{id: a}]\n',
            "3:37",
            "no line of `all.txt` is `===`",
            "write the line that separates the prompts",
        ),
        (
            'prompts: {a: {files: "*.md", split: "==="}}\ncases: [{id: a}]\n',
            "3:30",
            "`files` and `split` cannot be used together",
            "keep one of the two",
        ),
        (
            'prompts: {a: {files: "../*.md"}}\ncases: [{id: a}]\n',
            "3:22",
            "`../outside.md` is outside the project",
            "keep the file below `{root}` and write its path relative to the suite",
        ),
        (
            "prompts: {a: 5}\ncases: [{id: a}]\n",
            "3:14",
            "`a` must be text or {file: …} or {files: …} or a list of messages, found `5`",
            'put it in quotes: "5"',
        ),
    ],
)
def test_what_is_wrong_with_a_prompt_is_told_at_its_place(
    tmp_path: Path, text: str, position: str, problem: str, fix: str
) -> None:
    (tmp_path / "outside.md").write_text("x")
    root = tmp_path / "project"
    root.mkdir()
    (root / "harness.toml").write_text("")
    (root / "all.txt").write_text("One\n---\nTwo\n")
    path = write_suite(root, HEAD + text)

    (error,) = problems_in(path)

    assert str(error) == f"{path}:{position}: {problem}\n  fix: {fix.replace('{root}', str(root))}"
