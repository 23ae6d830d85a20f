from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import app
from harness.app.plan.components import Components
from harness.model.request import PreparedTrial, PreparedTurn
from harness.model.suite import Case, Suite, Trial, Variant
from harness.rendering.attachments import Attachments
from harness.rendering.prepared import PreparedTrials
from harness.rendering.requests import RequestRenderer
from harness.source import Span
from tests.support.suites import write_suite

NOWHERE = Span(Path("t.suite.yaml"), 1, 1)
PREPARED = PreparedTrial({"model": "m"}, (PreparedTurn(({"role": "user", "content": "Hi"},)),))

# texts and arguments with and without templates, plain ones and those that need Jinja
TEXTS = st.sampled_from(
    ["Hi", "{{ name }}", "{{ name }} in {{ place }}", "{{ name | upper }}", "{{ '{{' }}", "ä\n"]
)
SCALARS = st.sampled_from(
    [
        {"contains": "Ada"},
        {"contains": "{{ name }}"},
        {"word_count": {"max": 9}},
        {"contains_any": "{{ list }}"},
        {"is_json": {"const": "{{ place }}"}},
        {"not_equals": "{{ place }}", "weight": 2},
        {"that": "output == name"},
    ]
)
EXPECTATIONS = SCALARS | st.builds(lambda inner: {"all_of": inner}, st.lists(SCALARS, min_size=1))
LISTS = st.lists(EXPECTATIONS, max_size=3)
MESSAGES = st.fixed_dictionaries(
    {"role": st.just("user"), "content": TEXTS.map(lambda text: [{"type": "text", "text": text}])}
)
TURNS = st.fixed_dictionaries({"prompt": TEXTS}, optional={"assert": LISTS}) | MESSAGES.map(
    lambda message: {"messages": [message]}
)


@st.composite
def suites(draw: st.DrawFn) -> dict[str, Any]:
    cases = []
    for number in range(draw(st.integers(1, 3))):
        case: dict[str, Any] = {"id": f"c{number}", "repeat": draw(st.integers(1, 3))}
        case["vars"] = {"name": draw(st.sampled_from(["Ada", "Bo"]))}
        if draw(st.booleans()):
            case["id"] += "-{{ row }}"
            case["dataset"] = "rows.jsonl"
        case["assert"] = draw(LISTS)
        if draw(st.booleans()):
            case["turns"] = draw(st.lists(TURNS, min_size=1, max_size=3))
        else:
            case["prompt"] = draw(TEXTS)
        cases.append(case)
    return {
        "suite": "generated",
        "request": {"model": "m", "system": draw(TEXTS)},
        "vars": {"place": "Kiel", "list": ["Ada", "Bo"]},
        "variants": {"one": {}, "two": {"vars": {"place": "Ulm"}, "request": {"stream": True}}},
        "assert": draw(LISTS),
        "cases": cases,
    }


@pytest.mark.slow
@given(suites(), st.sampled_from([0, 3_000, 16_000_000]))
@settings(max_examples=60, deadline=None)
def test_kept_trials_are_equal_to_trials_rendered_afresh(data: dict[str, Any], room: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_suite(Path(folder), json.dumps(data))
        path.with_name("rows.jsonl").write_text('{"name": "Ada"}\n{"name": "Bo"}\n')
        plan = app.plan_run(app.RunOptions([path]))
        parts = Components()

        def renderer() -> RequestRenderer:
            kept = PreparedTrials(room)
            return RequestRenderer(
                parts.templates, Attachments(parts.files), plan.assertions, parts.files, kept
            )

        keeping = renderer()
        for trial in [*plan.trials(), *plan.trials()]:
            fresh = renderer().prepare(trial)
            assert "{{" not in repr([fresh.expectations, fresh.turns[-1].expectations])
            for prepared in (plan.renderer.prepare(trial), keeping.prepare(trial)):
                assert prepared == fresh
                assert prepared.first_request(trial) == fresh.first_request(trial)
                assert _fingerprints(prepared, trial) == _fingerprints(fresh, trial)


def test_the_repeats_of_a_trial_share_what_was_rendered() -> None:
    kept = PreparedTrials(0)
    case = case_named("a")

    kept.add(trial_of(case), PREPARED, 2)

    assert kept.get(trial_of(case, repeat=2)) is PREPARED
    assert kept.get(trial_of(case_named("a"))) is None


def test_what_comes_first_is_kept_as_far_as_there_is_room() -> None:
    kept = PreparedTrials(2_500)
    first, long, second, third = map(case_named, ("first", "long", "second", "third"))

    for case, characters in ((first, 200), (long, 9_000), (second, 200), (third, 200)):
        kept.add(trial_of(case), PREPARED, characters)
    kept.add(trial_of(case_named("latest")), PREPARED, 0)

    cached = [kept.get(trial_of(case)) is PREPARED for case in (first, long, second, third)]
    assert cached == [True, False, True, False]


def test_a_trial_of_another_suite_or_variant_is_another_one() -> None:
    kept = PreparedTrials()
    case = case_named("a")
    suite, variant = Suite("t", NOWHERE, (case,)), Variant()

    kept.add(Trial(suite, case, variant, 1, 1), PREPARED, 2)

    assert kept.get(Trial(suite, case, variant, 1, 1)) is PREPARED
    assert kept.get(Trial(suite, case, Variant(), 1, 1)) is None
    assert kept.get(Trial(Suite("t", NOWHERE, (case,)), case, variant, 1, 1)) is None


def case_named(name: str) -> Case:
    return Case(name, NOWHERE, ())


VARIANT = Variant()
SUITE = Suite("t", NOWHERE, (), (VARIANT,))


def trial_of(case: Case, repeat: int = 1) -> Trial:
    return Trial(SUITE, case, VARIANT, repeat, 2)


def _fingerprints(prepared: PreparedTrial, trial: Trial) -> tuple[str, str, str]:
    return (
        prepared.request_fingerprint(trial.repeat),
        prepared.expectations_fingerprint(),
        prepared.first_request(trial).key,
    )
