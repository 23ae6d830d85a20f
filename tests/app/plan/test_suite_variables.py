"""Variables that nothing uses, or that no suite has."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.doubts import plan_doubts
from harness.errors import SettingsError
from tests.support.suites import plan_of, problems_in, write_suite

HEAD = "suite: t\nrequest: {model: m, system: 'Hi {{ who }}'}\nvars: {who: Ada%s}\n"


def doubts(folder: Path, more: str, cases: str) -> list[str]:
    plan = plan_of(write_suite(folder, HEAD % more + f"cases:\n{cases}"))
    return [f"{doubt.span.line}: {doubt.problem}" for doubt in plan_doubts(plan)]


def test_a_variable_that_nothing_uses_is_doubtful(tmp_path: Path) -> None:
    assert doubts(tmp_path, ", tone: kind", "  - {id: a, prompt: Hi, vars: {x: y}}\n") == [
        "5: nothing uses the variable `x`",
        "3: nothing uses the variable `tone`",
    ]


@pytest.mark.parametrize(
    "case",
    [
        "{id: a, prompt: '{{ x | upper }}'}",
        "{id: 'a-{{ x }}', prompt: Hi}",
        "{id: a, prompt: Hi, group: '{{ x }}'}",
        "{id: a, prompt: Hi, when: x}",
        "{id: a, prompt: Hi, assert: [{contains: a, when: x}]}",
        "{id: a, prompt: Hi, assert: [{equals: '{{ x }}'}]}",
        "{id: a, prompt: Hi, assert: [{that: vars.x == 'y'}]}",
        "{id: a, prompt: Hi, assert: [{any_of: [{equals: '{{ x }}'}]}]}",
        "{id: a, prompt: Hi, transform: output ~ x, assert: [{equals: b}]}",
        "{id: a, prompt: Hi, assert: [{python: 'c.py:f'}]}",
        "{id: a, prompt: \"{% include 'part.md' %}\"}",
        "{id: a, prompt: {file: '{{ x }}.md'}}",
        "{id: a, prompt: Hi, request: {stop_sequences: ['{{ x }}']}}",
        "{id: a, turns: [{prompt: Hi}, {prompt: 'Ho {{ x }}', assert: [{equals: b}]}]}",
    ],
)
def test_a_variable_may_be_used_anywhere(tmp_path: Path, case: str) -> None:
    (tmp_path / "part.md").write_text("{{ x }}")
    (tmp_path / "y.md").write_text("Hi")
    (tmp_path / "c.py").write_text("def f(output, context): return True\n")

    assert doubts(tmp_path, ", x: y", f"  - {case}\n") == []


def test_columns_of_a_dataset_need_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")

    assert doubts(tmp_path, "", "  - {id: 'r-{{ row }}', dataset: d.csv, prompt: Hi}\n") == []


@pytest.mark.parametrize("name", ["who", "tone", "other"])
def test_a_variable_that_is_set_for_all_suites_must_be_in_one(tmp_path: Path, name: str) -> None:
    path = write_suite(
        tmp_path, HEAD % ", tone: x" + "cases: [{id: a, prompt: '{{ other | default(1) }}'}]\n"
    )

    assert plan_of(path, assignments=[f"vars.{name}=1"]).suites


def test_a_variable_that_no_suite_has_is_refused(tmp_path: Path) -> None:
    path = write_suite(tmp_path, HEAD % "" + "cases: [{id: a, prompt: Hi}]\n")

    with pytest.raises(SettingsError, match="no suite has the variable") as caught:
        plan_of(path, assignments=["vars.woh=1"])

    assert caught.value.fix == "write `who`"


@pytest.mark.parametrize(("stream", "problems"), [("true", 0), ("false", 1)])
def test_a_limit_on_the_first_token_needs_a_stream(
    tmp_path: Path, stream: str, problems: int
) -> None:
    path = write_suite(
        tmp_path,
        f"suite: t\nrequest: {{model: m, stream: {stream}}}\nassert: [{{max_ttft: 1s}}]\n"
        "cases: [{id: a, prompt: Hi}]\n",
    )

    if not problems:
        assert plan_of(path).suites
        return
    (error,) = problems_in(path)

    assert str(error) == (
        f"{path}:3:11: `max_ttft` needs a stream, but `a` is sent without one\n"
        "  fix: add `stream: true` under `request:`"
    )


def test_a_value_that_looks_like_a_template_is_doubtful(tmp_path: Path) -> None:
    assert doubts(
        tmp_path, ", other: 'for {{ who }}'", "  - {id: a, prompt: 'Hi {{ other }}'}\n"
    ) == ["3: the variable `other` holds `{{`, but values are not rendered"]
