"""A session held against a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import harness
from tests.support.pytests import Project, outcomes_in, project

pytestmark = pytest.mark.slow  # sessions of pytest in processes

NUMBERS = range(12)


def broken(*numbers: int) -> str:
    """Return cases of which some do not get what they want."""
    return "".join(
        f"  - {{id: c{n}, prompt: '{'BREAK' if n in numbers else 'p'}{n}',"
        " assert: [{contains: 'you said p'}]}\n"
        for n in NUMBERS
    )


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, broken()) as made:
        assert made.pytest("-q").returncode == 0
        done = harness("baseline", "save", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        yield made


def rewrite(made: Project, text: str) -> None:
    (made.folder / "test.suite.yaml").write_text(
        f"suite: test\nrequest: {{model: m}}\ncases:\n{text}"
    )


def expect_failures(made: Project) -> None:
    """Let pytest expect failures, of which neither suite nor run file know."""
    (made.folder / "conftest.py").write_text(
        "import pytest\n\n\n"
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        if int(item.name.removeprefix('c')) < 8:\n"
        "            item.add_marker(pytest.mark.xfail)\n"
    )


def test_the_same_again_says_so_and_passes(saved: Project) -> None:
    done = saved.pytest("--harness-baseline=main")

    assert done.returncode == 0, done.stdout
    assert "UNCHANGED: this run against main: no case changed; a drop of " in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with workers"])
def test_a_regression_fails_a_session_whose_tests_are_expected_to_fail(
    saved: Project, workers: list[str]
) -> None:
    rewrite(saved, broken(*range(8)))
    expect_failures(saved)
    made = saved.with_plugins("xdist.plugin") if workers else saved

    plain = made.pytest(*workers)
    done = made.pytest("--harness-baseline=main", *workers)

    assert plain.returncode == 0, plain.stdout
    assert outcomes_in(done.stdout)["xfailed"] == 8
    assert done.returncode == 1, done.stdout
    assert "REGRESSED: this run against main" in done.stdout
    for number in range(8):
        assert f"test::c{number} passed -> failed" in done.stdout


def test_what_a_suite_expects_to_fail_is_not_compared_and_said_to_be_missing(
    saved: Project,
) -> None:
    rewrite(saved, broken(*range(8)).replace("prompt: 'BREAK", "xfail: known, prompt: 'BREAK"))

    done = saved.pytest("--harness-baseline=main")

    assert done.returncode == 0, done.stdout
    assert "NO VERDICT" in done.stdout
    assert "8 cases skipped, expected to fail or unjudged in this run" in done.stdout


def test_cases_that_did_not_run_are_told_and_nothing_else(saved: Project) -> None:
    done = saved.pytest("-k", "c1", "--harness-baseline=main")

    assert done.returncode == 0
    assert "of the baseline, 9 cases not run" in done.stdout
    assert "missing" not in done.stdout


def test_the_configuration_may_name_the_baseline(saved: Project) -> None:
    (saved.folder / "pytest.ini").write_text("[pytest]\nharness_baseline = main\n")

    assert "against main" in saved.pytest().stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with workers"])
def test_the_latest_run_is_the_one_before_the_session(saved: Project, workers: list[str]) -> None:
    (saved.folder / "pytest.ini").write_text("[pytest]\nharness_baseline = latest\n")
    rewrite(saved, broken(*range(8)))
    expect_failures(saved)
    made = saved.with_plugins("xdist.plugin") if workers else saved

    done = made.pytest(*workers)

    assert done.returncode == 1, done.stdout
    assert "REGRESSED: this run against latest" in done.stdout


def test_a_session_of_fixtures_alone_is_compared_with_what_was_before(saved: Project) -> None:
    (saved.folder / "test_it.py").write_text(
        "def test_all(harness_suite):\n    harness_suite('test.suite.yaml')\n"
    )
    rewrite(saved, broken(*range(8)))

    done = saved.pytest("test_it.py", "--harness-baseline=latest")

    assert done.returncode == 1, done.stdout
    assert "REGRESSED" in done.stdout


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with workers"])
def test_an_unknown_baseline_is_one_error_before_anything_is_sent(
    saved: Project, workers: list[str]
) -> None:
    made = saved.with_plugins("xdist.plugin") if workers else saved
    made.server.exchanges.clear()

    done = made.pytest("--harness-baseline=mian", *workers)

    assert done.returncode == 4
    assert "no baseline or run is called `mian`" in done.stderr
    assert "write `main`" in done.stderr
    assert made.server.exchanges == []
