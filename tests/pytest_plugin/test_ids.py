"""Ids of tests as pytest and its reports print them, in sessions of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pytest_plugin.test_other_plugins import OLDEST
from tests.support.pytests import Project, junit_cases, outcomes_in, project

SUITE = """\
suite: yaml
matrix: {model: [haiku-4.5, "org/m::[x]"]}
cases:
  - {id: v1.2-intro, prompt: p0, assert: [{contains: p0}]}
  - {id: "1.0", prompt: p1, assert: [{contains: p1}]}
  - {id: no_dot, prompt: p2, assert: [{contains: p2}]}
  - {id: "row.{{ n }}", dataset: rows.jsonl, prompt: "p{{ n }}", assert: [{contains: p}]}
"""
FILE = Path("my suites.v2", "déjà vu.suite.yaml")
NAMES = [
    f"{case}[{variant}]"
    for case in ("v1.2-intro", "1.0", "no_dot", "row.7")
    for variant in ("haiku-4.5", "org-m-x")
]
IDS = [f"{FILE}::{name}" for name in NAMES]


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Project]:
    """Return a project whose ids hold dots, in a folder and a file with spaces and accents."""
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(SUITE, "utf-8")
    (tmp_path / FILE).with_name("rows.jsonl").write_text('{"n": 7}\n')
    with project(tmp_path, "  []\n") as made:
        (tmp_path / "test.suite.yaml").unlink()
        yield made


@pytest.fixture(params=["newest", "oldest"])
def dotted(newest: Project, request: pytest.FixtureRequest) -> Project:
    """Return that project with the newest and the oldest pytest that the plugin works with."""
    if request.param == "oldest":
        assert OLDEST.is_dir(), "sh scripts/test installs it"
        newest.environment["PYTHONPATH"] = str(OLDEST)
    return newest


def ids_in(output: str) -> list[str]:
    """Return the ids in the lines of `pytest -v`."""
    lines = [line for line in output.splitlines() if " PASSED" in line or line.endswith("PASSED")]
    return [line.partition(" PASSED")[0].strip() for line in lines]


@pytest.mark.slow
def test_a_verbose_session_prints_ids_as_they_are(dotted: Project) -> None:
    done = dotted.pytest("-v", "--junitxml=junit.xml")

    assert ids_in(done.stdout) == IDS
    assert list(junit_cases(dotted.folder / "junit.xml")) == NAMES


@pytest.mark.slow
def test_printed_ids_select_their_tests(dotted: Project) -> None:
    chosen = [IDS[0], IDS[3], IDS[7]]

    done = dotted.pytest("-v", *chosen)

    assert ids_in(done.stdout) == chosen


@pytest.mark.slow
def test_a_keyword_finds_a_dotted_id(dotted: Project) -> None:
    done = dotted.pytest("-v", "-k", "v1.2-intro and haiku-4.5")

    assert ids_in(done.stdout) == IDS[:1]
    assert outcomes_in(done.stdout) == {"passed": 1, "deselected": len(IDS) - 1}


@pytest.mark.slow
def test_workers_report_dotted_ids_as_they_are(newest: Project) -> None:
    made = newest.with_plugins("xdist.plugin")

    done = made.pytest("-v", "-n2")

    reported = [line.partition(" PASSED ")[2].strip() for line in done.stdout.splitlines()]
    assert sorted(filter(None, reported)) == sorted(IDS)


@pytest.mark.slow
def test_a_failure_is_headed_by_its_dotted_id(dotted: Project) -> None:
    suite = dotted.folder / FILE
    suite.write_text(suite.read_text("utf-8").replace("contains: p0", "contains: other"), "utf-8")

    done = dotted.pytest("-v", "-k", "v1.2-intro and haiku-4.5")

    headings = [line.strip("_ ") for line in done.stdout.splitlines() if line.startswith("___")]
    assert headings == ["v1.2-intro[haiku-4.5]"]
    assert f"FAILED {IDS[0]}" in done.stdout.replace("'", "")
