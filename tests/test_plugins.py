"""Assertions that installed packages bring along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.processes import KEY, harness
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

PAGE = Path(__file__).parent.parent / "docs" / "suites.md"
CODE = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
SUITE = """\
suite: plugged
request: {model: m}
cases:
  - {id: a, prompt: hello, assert: [{not_is_shouted: true}]}
  - {id: b, prompt: hello, assert: [{is_shouted: true}]}
"""


def install(folder: Path, code: str, value: str = "ours:assertions") -> dict[str, str]:
    """Install a package as pip would, and return the environment that has it."""
    packages = folder / "packages"
    about = packages / "ours-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[harness.assertions]\nours = {value}\n")
    (packages / "ours.py").write_text(code)
    return {**KEY, "PYTHONPATH": str(packages)}


@pytest.fixture
def code() -> str:
    assert CODE is not None
    return CODE[1]


def test_the_example_of_the_documentation_judges(tmp_path: Path, code: str) -> None:
    write_suite(tmp_path, SUITE)
    environment = install(tmp_path, code)

    done = harness("run", ".", "--base-url", "simulator", cwd=tmp_path, environment=environment)

    assert done.returncode == 1
    assert "1 passed, 1 failed" in done.stdout
    assert "is_shouted: the reply is not in capital letters" in done.stdout


def test_it_is_listed_explained_and_in_the_schema(tmp_path: Path, code: str) -> None:
    environment = install(tmp_path, code)

    def said(*arguments: str) -> str:
        return harness(*arguments, cwd=tmp_path, environment=environment).stdout

    assert "ours:\n  is_shouted  Pass when the reply is in capital letters." in said("assertions")
    assert "is_shouted: true" in said("assertions", "is_shouted")
    assert '"not_is_shouted"' in said("schema")


def test_a_wrong_argument_is_told_like_any_other(tmp_path: Path, code: str) -> None:
    path = write_suite(tmp_path, SUITE.replace("{is_shouted: true}", "{is_shouted: loud}"))
    environment = install(tmp_path, code)

    done = harness("validate", path, cwd=tmp_path, environment=environment)

    assert done.returncode == 2
    assert "test.suite.yaml:5:50: `is_shouted` must be true" in done.stderr


def test_false_is_refused_with_its_place_because_it_would_pass_on_anything(
    tmp_path: Path, code: str
) -> None:
    path = write_suite(tmp_path, SUITE.replace("{is_shouted: true}", "{is_shouted: false}"))
    environment = install(tmp_path, code)

    done = harness("validate", path, cwd=tmp_path, environment=environment)

    assert done.returncode == 2
    assert "test.suite.yaml:5:50: `is_shouted` must be true" in done.stderr
    assert "fix: write `true`" in done.stderr


@pytest.mark.parametrize(
    ("broken", "value", "words"),
    [
        ("raise ValueError('no luck')", "ours:assertions", "cannot be loaded: ValueError: no luck"),
        ("x = 1", "ours:assertions", "cannot be loaded: AttributeError"),
        ("assertions = 1", "ours:assertions", "must be an AssertionRegistry, not int"),
        ("CODE", "gone:assertions", "cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_a_package_that_is_broken_is_named(
    tmp_path: Path, broken: str, value: str, words: str
) -> None:
    path = write_suite(tmp_path, SUITE)
    environment = install(tmp_path, broken, value)

    done = harness("validate", path, cwd=tmp_path, environment=environment)

    assert done.returncode == 2
    assert f"ours = {value}" in done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_name_that_is_taken_names_both_places(tmp_path: Path, code: str) -> None:
    path = write_suite(tmp_path, SUITE)
    environment = install(tmp_path, code.replace('register("is_shouted")', 'register("contains")'))

    done = harness("validate", path, cwd=tmp_path, environment=environment)

    assert done.returncode == 2
    assert "declared twice: harness.assertions.text.contains and ours.is_shouted" in done.stderr
