"""What a run would take: calls of the model and of judges, tokens and USD."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import app
from tests.support.suites import plan_of, write_suite

SUITE = """\
suite: test
request: {model: tested, max_tokens: 100}
variants: {plain: {vars: {}}, warm: {vars: {}}}
cases:
  - id: a
    prompt: Hi
    assert:
      - contains: x
      - judge: kind
        votes: 3
      - any_of: [{contains: y}, {answers: Why?}]
      - prefer: kind
        over: plain
  - {id: b, turns: [{prompt: Hi}, {prompt: Ho}], assert: [{contains: x}]}
  - {id: c, prompt: Hi, skip: not today, assert: [{judge: kind}]}
"""
PRICES = "[prices]\ntested = {input = 1000000, output = 10000000}\n"
JUDGE = "asked = {input = 1000000, output = 10000000}\n"


def planned(folder: Path, settings: str) -> dict[str, app.PlannedTrial]:
    (folder / "harness.toml").write_text(settings)
    plan = plan_of(write_suite(folder, SUITE))
    return {trial.id.removeprefix("test::"): trial for trial in app.planned_trials(plan)}


def test_the_questions_to_a_judge_are_counted_for_each_variant(tmp_path: Path) -> None:
    trials = planned(tmp_path, 'judge = "asked"\n' + PRICES + JUDGE)

    calls = {name: (trial.calls, trial.judge_calls) for name, trial in trials.items()}
    assert calls == {
        "a[plain]": (1, 4), "a[warm]": (1, 6), "b[plain]": (2, 0), "b[warm]": (2, 0),
        "c[plain]": (0, 0), "c[warm]": (0, 0),
    }  # fmt: skip


def test_what_judges_cost_is_told_apart_and_in_the_whole(tmp_path: Path) -> None:
    trials = planned(tmp_path, 'judge = {model = "asked", max_tokens = 5}\n' + PRICES + JUDGE)

    one, two = trials["a[plain]"], trials["a[warm]"]
    assert one.cost == pytest.approx(one.input_tokens + 10 * 100)
    assert one.cost is not None
    assert one.judge_cost is not None
    assert two.judge_cost is not None
    assert one.judge_cost > 4 * (350 + 100 + 10 * 5)
    assert two.judge_cost - one.judge_cost > 2 * (350 + 2 * 100 + 10 * 5)
    assert one.total_cost == one.cost + one.judge_cost
    assert trials["c[plain]"].total_cost == 0


def test_a_judge_without_a_price_leaves_the_cost_unknown(tmp_path: Path) -> None:
    trials = planned(tmp_path, 'judge = "asked"\n' + PRICES)

    assert trials["a[plain]"].cost is not None
    assert trials["a[plain]"].total_cost is None
    assert trials["b[plain]"].total_cost is not None
