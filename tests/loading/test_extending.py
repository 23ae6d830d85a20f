"""Suites that extend another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.doubts import plan_doubts
from tests.support.suites import plan_of, problems_in

BASE = """\
request: {model: m, temperature: 0.5, system: {file: system.md}, extra: {seed: 1, other: 2}}
vars: {company: Acme, tone: kind}
tags: [shared]
assert: [{contains: x}]
repeat: 3
"""
OWN = """\
extends: ../base/base.yaml
suite: t
request: {temperature: 0, extra: {seed: 3}}
vars: {tone: terse}
tags: [own]
assert: [{contains: y}]
cases: [{id: a, prompt: "{{ company }} {{ tone }}"}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "harness.toml").write_text("")
    for folder in ("base", "suites"):
        (tmp_path / folder).mkdir()
    (tmp_path / "base" / "system.md").write_text("You are {{ company }}.")
    (tmp_path / "base" / "base.yaml").write_text(BASE)
    return tmp_path


def written(project: Path, text: str) -> Path:
    path = project / "suites" / "t.suite.yaml"
    path.write_text(text)
    return path


def test_a_suite_has_what_it_extends_and_its_own_wins(project: Path) -> None:
    plan = plan_of(written(project, OWN))
    (suite,) = plan.suites
    first, *others = plan.trials()
    prepared = plan.renderer.prepare(first)

    assert len(others) == 2  # the repeats of the base
    assert prepared.settings == {
        "model": "m",
        "temperature": 0,
        "system": "You are Acme.",
        "max_tokens": 4096,
        "seed": 3,
        "other": 2,
    }
    assert prepared.turns[0].messages[0]["content"] == "Acme terse"
    assert [one.argument for one in prepared.expectations] == ["x", "y"]
    assert suite.cases[0].tags == {"shared", "own"}
    assert {"../base/base.yaml", "../base/system.md"} <= suite.files.keys()
    assert plan_doubts(plan) == []


def test_variants_of_the_base_are_known_where_they_send_the_same(project: Path) -> None:
    (project / "base" / "base.yaml").write_text(
        "request: {model: m}\nvariants: {a: {request: {temperature: 0}}, b: {}}\n"
        "matrix: {vars: {tone: [kind, terse]}}\n"
    )
    path = written(
        project,
        "extends: ../base/base.yaml\nsuite: t\ncases: [{id: a, prompt: '{{ tone }}',"
        " request: {temperature: 1}}]\n",
    )

    findings = plan_of(path).identical_variants()

    assert findings[0].span.path.resolve() == project / "base" / "base.yaml"
    assert [reason.name for reason in findings[0].reasons] == ["request.temperature"]


def test_a_mistake_is_told_in_the_file_that_has_it(project: Path) -> None:
    base = project / "base" / "base.yaml"
    base.write_text(BASE.replace("temperature: 0.5", "temprature: 0.5"))

    (error,) = problems_in(written(project, OWN))

    assert (error.span.path.resolve(), error.span.line, error.span.column) == (base, 1, 21)
    assert error.problem == "unknown key `temprature`"


@pytest.mark.parametrize(
    ("base", "own", "problem"),
    [
        (BASE, OWN.replace("base.yaml", "bsae.yaml"), "file not found: `../base/bsae.yaml`"),
        (BASE, OWN.replace("../base/base.yaml", "/etc/passwd"), "is not a relative path"),
        ("- a\n", OWN, "`../base/base.yaml` must be a mapping, found a list"),
        ("extends: base.yaml\n" + BASE, OWN, "`base.yaml` extends itself"),
        (BASE, OWN.replace("../base/base.yaml", "5"), "`extends` must be"),
    ],
)
def test_what_cannot_be_extended_is_told(project: Path, base: str, own: str, problem: str) -> None:
    (project / "base" / "base.yaml").write_text(base)

    assert problem in str(problems_in(written(project, own))[0].problem)
