"""Prompts in Python tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.store.reader import RunReader
from tests.pytest_plugin.test_sessions import SAME, SIX
from tests.support.processes import harness, latest, outcomes_of
from tests.support.pytests import Project, outcomes_in, project

pytestmark = pytest.mark.slow  # sessions of pytest in processes


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, SIX) as made:
        (tmp_path / "test.suite.yaml").rename(tmp_path / "some.yaml")
        yield made


def test_a_suite_is_run_from_a_test_and_its_outcomes_are_there(python: Project) -> None:
    (python.folder / "test_it.py").write_text(
        """
def test_all(harness_suite):
    outcomes = harness_suite("some.yaml")
    assert [outcome.label for outcome in outcomes] == ["passed", "failed", *["passed"] * 4]
    assert outcomes[0].replies[0].text == "you said p0"

def test_one(harness_suite):
    (outcome,) = harness_suite("some.yaml", "c2")
    assert outcome.label == "passed"
"""
    )

    done = python.pytest("test_it.py")

    assert outcomes_in(done.stdout) == {"passed": 2}, done.stdout
    assert python.calls == {"p0": 1, "p1": 1, "p2": 2, "p3": 1, "p4": 1, "p5": 1}
    assert len(outcomes_of(latest(python.folder))) == 6
    assert "7 trials in" in done.stdout


def test_a_prompt_is_asserted_on_with_the_same_assertions(python: Project) -> None:
    (python.folder / "test_it.py").write_text(
        """
def test_good(assert_prompt):
    outcome = assert_prompt(
        "hello {{ name }}", {"contains": "Ada"}, {"not_contains": "Bob"}, model="m", temperature=0,
        variables={"name": "Ada"},
    )
    assert outcome.usage.output_tokens > 0

def test_bad(assert_prompt):
    assert_prompt("hello", {"contains": "goodbye"}, model="m")

def test_wrong(assert_prompt):
    assert_prompt("hello", {"contians": "goodbye"}, model="m")

def test_hot(assert_prompt):
    assert_prompt("hello", {"contains": "hello"}, model="m", temperature=7)
"""
    )

    done = python.pytest("test_it.py")

    assert outcomes_in(done.stdout) == {"failed": 3, "passed": 1}
    assert python.calls == {"hello Ada": 1, "hello": 1}
    assert "contains: 'goodbye' does not occur in the reply" in done.stdout
    assert "actual:   you said hello" in done.stdout
    assert "write `contains`" in done.stdout
    assert "<assert_prompt>" not in done.stdout
    assert "planning.py" not in done.stdout
    assert "temperature" in done.stdout


def test_fixtures_and_suites_share_one_run(tmp_path: Path) -> None:
    with project(tmp_path, SIX) as made:
        (tmp_path / "test_it.py").write_text(
            "def test_it(assert_prompt):\n"
            "    assert_prompt('again', {'contains': 'again'}, model='m')\n".replace("\\\n", "\n")
        )
        done = made.pytest()

    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 6}
    runs = [path for path in (tmp_path / "reports").iterdir() if path.is_dir()]
    assert len([run for run in runs if not run.is_symlink()]) == 1
    assert "7 trials in" in done.stdout


def test_what_fixtures_send_is_recorded_and_replayed(python: Project) -> None:
    (python.folder / "some.yaml").rename(python.folder / "some.suite.yaml")
    (python.folder / "test_it.py").write_text(
        """
def test_suite(harness_suite):
    assert len(harness_suite("some.suite.yaml", "c0", "c2")) == 2

def test_prompt(assert_prompt):
    assert_prompt("hello", {"contains": "hello"}, model="m")
"""
    )

    recorded = python.pytest("test_it.py", "--harness-record=tapes")
    names = [suite["name"] for suite in suites_of(latest(python.folder))]
    scored = harness("score", "latest", cwd=python.folder)
    python.server.exchanges.clear()
    replayed = python.pytest("test_it.py", "--harness-replay=tapes", key={})

    assert outcomes_in(recorded.stdout) == outcomes_in(replayed.stdout) == {"passed": 2}
    assert sorted(path.name for path in (python.folder / "tapes").iterdir()) == [
        "test.jsonl", "test_it.test_prompt.jsonl",
    ]  # fmt: skip
    assert python.server.exchanges == []
    assert names == ["test"]
    assert scored.returncode == 0, scored.stderr


def test_a_suite_whose_variants_send_the_same_request_makes_a_warning(tmp_path: Path) -> None:
    with project(tmp_path, SAME) as made:
        (tmp_path / "test.suite.yaml").rename(tmp_path / "some.yaml")
        (tmp_path / "test_it.py").write_text(
            "def test_all(harness_suite):\n    harness_suite('some.yaml')\n"
            "def test_one(harness_suite):\n    harness_suite('some.yaml', 'same[0]')\n"
        )
        done = made.pytest("test_it.py")

    assert outcomes_in(done.stdout) == {"passed": 2, "warning": 1}
    assert "PytestWarning: some.yaml:6:10: the variants `0` and `0.7` of the case" in done.stdout


def suites_of(path: Path) -> list[dict[str, Any]]:
    with RunReader(path) as reader:
        return list(reader.run["suites"])


def test_a_suite_is_read_as_it_is_when_it_is_run(python: Project) -> None:
    (python.folder / "test_it.py").write_text(
        """
import pytest

@pytest.mark.parametrize("word", ["x", "y"])
def test_it(harness_suite, tmp_path, word):
    path = tmp_path / "made.suite.yaml"
    for prompt in (word, word + word):
        path.write_text("suite: made\\nrequest: {model: m}\\ncases: [{id: a, prompt: %s}]" % prompt)
        (outcome,) = harness_suite(path, "made::a")
        assert outcome.replies[0].text == f"you said {prompt}"
"""
    )

    done = python.pytest("test_it.py")

    assert outcomes_in(done.stdout) == {"passed": 2}, done.stdout


@pytest.mark.parametrize(
    "call",
    [
        "assert_prompt('hi', 'hi', model='m')",
        "assert_prompt('hi', {'contains': {1, 2}}, model='m')",
        "assert_prompt('hi', {'contains': 'x'}, model='m', variables={'x': object()})",
        "assert_prompt('\\ud800', {'contains': 'x'}, model='m')",
        "assert_prompt('hi', {'contains': 'x'})",
    ],
)
def test_wrong_arguments_are_told_in_words(python: Project, call: str) -> None:
    (python.folder / "test_it.py").write_text(f"def test_it(assert_prompt):\n    {call}\n")

    done = python.pytest("test_it.py")

    assert outcomes_in(done.stdout) == {"failed": 1}
    assert "fix: " in done.stdout
    assert "fixtures.py" not in done.stdout
    assert python.server.exchanges == []


def test_an_unknown_case_and_a_missing_key_are_told(python: Project) -> None:
    (python.folder / "test_it.py").write_text(
        "def test_it(harness_suite):\n    harness_suite('some.yaml', 'c9')\n"
    )

    unknown = python.pytest("test_it.py")
    no_key = python.pytest("test_it.py", key={})

    assert "some.yaml has no case `c9`" in unknown.stdout
    assert no_key.returncode == 1
    assert python.server.exchanges == []
