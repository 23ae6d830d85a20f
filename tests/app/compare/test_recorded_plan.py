from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.app.compare.recorded_plan import plan_of_runs, recorded_plan
from harness.app.execute.run_metadata import suite_head
from harness.app.plan.options import RunOptions
from harness.errors import SettingsError, StoreError
from tests.app.report.test_merge_shards import write_run
from tests.support.suites import plan_of, write_cases

CASES = "  - {id: a, prompt: Hi}\n"
SIMULATED = {"HARNESS_BASE_URL": "simulator"}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_cases(tmp_path, CASES)


def options(suite: Path) -> RunOptions:
    return RunOptions([suite], environment=SIMULATED)


def test_the_plan_has_the_suites_of_the_run(suite: Path) -> None:
    before = plan_of(suite)

    plan = recorded_plan(map(suite_head, before.suites), options(suite))

    assert [t.id for t in plan.trials()] == [t.id for t in before.trials()]


def test_a_suite_that_changed_since_the_run_is_refused(suite: Path) -> None:
    heads = [suite_head(one) for one in plan_of(suite).suites]
    suite.write_text(suite.read_text() + "  - {id: b, prompt: Hi}\n")

    with pytest.raises(StoreError, match="has changed since the run"):
        recorded_plan(heads, options(suite))


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    prompt = tmp_path / "prompt.md"
    prompt.write_text("Hi")
    return prompt


def test_a_file_that_a_suite_includes_and_that_changed_since_the_run_is_refused(
    tmp_path: Path, prompt: Path
) -> None:
    suite = write_cases(tmp_path, "  - {id: a, prompt: {file: prompt.md}}\n")
    heads = [suite_head(one) for one in plan_of(suite).suites]
    prompt.write_text("Hello")

    with pytest.raises(StoreError, match=r"`prompt.md`, a file of .* has changed since the run"):
        recorded_plan(heads, options(suite))


def test_a_record_of_an_earlier_version_does_not_know_what_its_suites_included(
    tmp_path: Path, prompt: Path
) -> None:
    suite = write_cases(tmp_path, "  - {id: a, prompt: {file: prompt.md}}\n")
    heads = [replace(suite_head(one), files=None) for one in plan_of(suite).suites]
    prompt.write_text("Hello")

    assert recorded_plan(heads, options(suite)).suites


def test_a_record_that_does_not_say_where_a_suite_is_is_refused(suite: Path) -> None:
    (head,) = (suite_head(one) for one in plan_of(suite).suites)

    with pytest.raises(StoreError, match="does not say where"):
        recorded_plan([replace(head, path="")], options(suite))


def test_without_a_server_nothing_can_be_run_again(suite: Path) -> None:
    with pytest.raises(SettingsError):
        recorded_plan([], RunOptions([suite]))


def test_shards_are_loaded_once_with_what_they_were_run_with(suite: Path, tmp_path: Path) -> None:
    suites = [suite_head(one).as_data() for one in plan_of(suite).suites]
    head = {"suites": suites, "options": {"repeat": 3, "base_url": "simulator"}}
    names = [str(write_run(tmp_path / f"{n}.jsonl", [], **head)) for n in (1, 2)]

    plan = plan_of_runs(names, RunOptions(()))

    assert len(list(plan.trials())) == 3


def test_runs_with_different_options_are_refused(suite: Path, tmp_path: Path) -> None:
    suites = [suite_head(one).as_data() for one in plan_of(suite).suites]
    names = [
        str(write_run(tmp_path / f"{n}.jsonl", [], suites=suites, options={"repeat": n}))
        for n in (1, 2)
    ]

    with pytest.raises(StoreError, match="had different options"):
        plan_of_runs(names, RunOptions((), environment=SIMULATED))


@pytest.fixture
def elsewhere(suite: Path, tmp_path: Path) -> list[str]:
    """Return a run that asked a server which no settings name."""
    suites = [suite_head(one).as_data() for one in plan_of(suite).suites]
    asked = {"base_url": "https://gateway.example"}
    return [str(write_run(tmp_path / "1.jsonl", [], suites=suites, settings=asked))]


def test_cases_are_not_asked_again_elsewhere_without_a_word(elsewhere: list[str]) -> None:
    problem = "asked https://gateway.example, but the settings name simulator; .* `base_url"

    with pytest.raises(StoreError, match=problem):
        plan_of_runs(elsewhere, RunOptions((), environment=SIMULATED))


def test_who_names_a_server_has_it_asked(elsewhere: list[str]) -> None:
    environment = {**SIMULATED, "HARNESS_API_KEY": "key"}
    chosen = RunOptions((), flags={"base_url": "http://127.0.0.1:1"}, environment=environment)

    assert plan_of_runs(elsewhere, chosen).settings.base_url == "http://127.0.0.1:1"
