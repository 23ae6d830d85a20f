from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.errors import SettingsError
from harness.loading.overrides import read_overrides
from harness.loading.request_schema import request_definitions
from harness.loading.shape import ShapeChecker
from harness.model.suite import Overrides
from tests.support.suites import plan_of, write_suite


def request_shape() -> ShapeChecker:
    return ShapeChecker({"$ref": "#/$defs/request", "$defs": request_definitions()})


def overrides(*assignments: str, repeat: int | None = None) -> Overrides:
    return read_overrides(assignments, repeat, request_shape)


@pytest.mark.parametrize(
    ("assignment", "fields", "variables"),
    [
        ("request.temperature=0", {"temperature": 0}, {}),
        ("request.stream=true", {"stream": True}, {}),
        ("request.system=a=b", {"system": "a=b"}, {}),
        ("vars.company=Acme", {}, {"company": "Acme"}),
        ("vars.items=[1, two]", {}, {"items": [1, "two"]}),
        ("vars.version='1.0'", {}, {"version": "1.0"}),
        ("vars.empty=", {}, {"empty": None}),
        (" vars.x =1", {}, {"x": 1}),
    ],
)
def test_an_assignment_sets_a_yaml_value(
    assignment: str, fields: dict[str, Any], variables: dict[str, Any]
) -> None:
    result = overrides(assignment)

    assert (result.request, result.vars) == (fields, variables)


def test_the_last_assignment_of_a_key_wins() -> None:
    assert overrides("vars.x=1", "vars.x=2").vars == {"x": 2}


@pytest.mark.parametrize(
    ("assignment", "problem", "fix"),
    [
        ("temperature=0", "", 'write `set="request.temperature=0"` or'),
        ("request.temperature", "", "write `set="),
        ("request.a.b=1", "", "write `set="),
        ("matrix.model=x", "", "write `set="),
        ("vars.=x", "", "write `set="),
        ("vars.a-b=1", ": `a-b` is not a variable name", "use letters, digits and `_` only"),
        ("request.temperature=2", ": `temperature` is out of range: 2", "write a number from 0"),
        ("request.temprature=0", ": unknown key `temprature`", "write `temperature`"),
        ("request.system={file: a.md}", ": it cannot name a file", "write the text itself"),
        ("vars.x=[", ": YAML syntax: ", "close the bracket"),
        ("vars.x=!!int 1", ": tags are not allowed: `!!int`", "remove the tag"),
    ],
)
def test_an_assignment_that_cannot_be_used_is_refused(
    assignment: str, problem: str, fix: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        overrides(assignment)

    assert str(caught.value.problem).startswith(f'invalid `set="{assignment}"`{problem}')
    assert str(caught.value.fix).startswith(fix)


@pytest.mark.parametrize("repeat", [0, -1, 100_001])
def test_a_number_of_repeats_out_of_range_is_refused(repeat: int) -> None:
    with pytest.raises(SettingsError, match=f'invalid `repeat="{repeat}"`'):
        overrides(repeat=repeat)


@pytest.mark.parametrize("repeat", [None, 1, 100_000])
def test_a_number_of_repeats_in_range_is_kept(repeat: int | None) -> None:
    assert overrides(repeat=repeat).repeat == repeat


@pytest.mark.parametrize(
    ("table", "problem", "fix"),
    [
        ({"temprature": 0}, "unknown key `temprature`", "write `temperature`"),
        ({"max_tokens": "x"}, "`max_tokens` must be", "write"),
        ({"system": {"file": "a.md"}}, "cannot name a file", "write the text"),
        ({"metadata": {"since": date(2026, 1, 2)}}, "not JSON serializable", "write plain values"),
    ],
)
def test_what_is_wrong_with_the_defaults_of_the_settings_is_told(
    table: dict[str, Any], problem: str, fix: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        read_overrides((), None, request_shape, table)

    assert fix in str(caught.value.fix)


def test_whatever_a_suite_says_wins_over_the_settings(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text(
        '[request]\nmodel = "standard"\ntemperature = 0.5\nextra = {seed = 1, other = 2}\n'
    )
    path = write_suite(
        tmp_path,
        "suite: t\nrequest: {temperature: 0, extra: {seed: 3}}\ncases: [{id: a, prompt: x}]\n",
    )
    plan = plan_of(path)
    (trial,) = plan.trials()

    settings = plan.renderer.prepare(trial).settings

    assert (settings["model"], settings["temperature"]) == ("standard", 0)
    assert (settings["seed"], settings["other"]) == (3, 2)
