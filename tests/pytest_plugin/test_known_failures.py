"""Sessions that the failures of their baseline do not fail."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.pytest_plugin.test_other_plugins import OLDEST
from tests.support.processes import harness
from tests.support.pytests import Project, junit_cases, outcomes_in, project, said

pytestmark = pytest.mark.slow  # sessions of pytest in processes

CASES = "".join(
    f"  - {{id: c{n}, prompt: p{n}, assert: [{{contains: 'you said p'}}]}}\n" for n in range(10)
)
ALWAYS = 1_000_000
BROKEN = ("--harness-baseline=main", "--harness-fail-on=broken")
CONFIRMED = (*BROKEN, "--harness-confirm=3")
WORKERS = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with workers"])


@dataclass
class Service:
    """Says what was asked, but for some prompts, which it refuses so many times."""

    failing: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: str) -> str:
        if self.failing[asked] <= 0:
            return said(asked)
        self.failing[asked] -= 1
        return "no"


@pytest.fixture
def service() -> Service:
    return Service(Counter(p3=ALWAYS))


@pytest.fixture
def saved(tmp_path: Path, service: Service) -> Iterator[Project]:
    """Yield a project with a baseline of ten cases, of which `c3` fails."""
    with project(tmp_path, CASES, reply=service) as made:
        assert made.pytest("-q").returncode == 1
        done = harness("baseline", "save", "--with-replies", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        made.server.exchanges.clear()
        yield made


def with_workers(saved: Project, workers: list[str]) -> Project:
    return saved.with_plugins("xdist.plugin") if workers else saved


@WORKERS
def test_a_known_failure_is_expected_and_fails_no_session(
    saved: Project, workers: list[str]
) -> None:
    done = with_workers(saved, workers).pytest(*BROKEN, "-rx", "--junitxml=out.xml", *workers)

    assert done.returncode == 0, done.stdout
    assert outcomes_in(done.stdout) == {"passed": 9, "xfailed": 1}
    reason = "known failure (also failed in baseline main)"
    assert f"XFAIL test.suite.yaml::c3 - {reason}" in done.stdout
    (skipped,) = junit_cases(saved.folder / "out.xml")["c3"].iter("skipped")
    assert skipped.attrib["message"] == reason


def test_every_failed_test_fails_a_session_by_default(saved: Project) -> None:
    done = saved.pytest("--harness-baseline=main")

    assert (done.returncode, outcomes_in(done.stdout)["failed"]) == (1, 1)


@WORKERS
def test_what_broke_and_what_is_new_fails_as_ever(
    saved: Project, service: Service, workers: list[str]
) -> None:
    service.failing["p1"] = service.failing["p10"] = ALWAYS
    suite = saved.folder / "test.suite.yaml"
    suite.write_text(
        suite.read_text() + "  - {id: c10, prompt: p10, assert: [{contains: 'you said p'}]}\n"
    )

    done = with_workers(saved, workers).pytest(*BROKEN, *workers)

    assert done.returncode == 1
    assert outcomes_in(done.stdout) == {"failed": 2, "passed": 8, "xfailed": 1}
    assert "FAILED (--harness-fail-on broken): 1 case broke: test::c1" in done.stdout


def test_a_case_with_other_assertions_is_new_and_the_others_stay_known(saved: Project) -> None:
    suite = saved.folder / "test.suite.yaml"
    suite.write_text(
        suite.read_text().replace(
            "id: c0, prompt: p0, assert: [{contains: 'you said p",
            "id: c0, prompt: p0, assert: [{contains: 'nothing",
        )
    )

    done = saved.pytest(*BROKEN)

    assert done.returncode == 1
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 8, "xfailed": 1}
    assert "FAILED test.suite.yaml::c0" in done.stdout


@WORKERS
def test_only_a_regression_fails_a_session_if_that_is_wanted(
    saved: Project, service: Service, workers: list[str]
) -> None:
    options = ("--harness-baseline=main", "--harness-fail-on=regression", "-rx", *workers)
    made = with_workers(saved, workers)
    service.failing["p1"] = 1

    one = made.pytest(*options)
    service.failing.update({f"p{n}": ALWAYS for n in range(10)})
    all_of_them = made.pytest(*options, "--harness-repeat=5")

    assert one.returncode == 0, one.stdout
    assert "XFAIL test.suite.yaml::c1 - broke; only a regression fails this session" in one.stdout
    assert all_of_them.returncode == 1, all_of_them.stdout
    assert outcomes_in(all_of_them.stdout) == {"failed": 1, "xfailed": 10}  # the gate
    assert "REGRESSED" in all_of_them.stdout


@WORKERS
def test_what_broke_is_asked_again_and_fails_if_it_fails_again(
    saved: Project, service: Service, workers: list[str]
) -> None:
    service.failing["p1"] = ALWAYS

    done = with_workers(saved, workers).pytest(*CONFIRMED, "-rf", "--junitxml=out.xml", *workers)

    assert done.returncode == 1, done.stdout
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 8, "xfailed": 1}
    assert "asked again 3 times: 0 passed" in done.stdout
    assert "FAILED test.suite.yaml::c1 - contains: 'you said p'" in done.stdout
    assert saved.calls["p1"] == 1 + 3 + 3  # with today's request and with that of the baseline
    assert list(junit_cases(saved.folder / "out.xml")["c1"].iter("failure"))


@WORKERS
def test_what_broke_is_asked_again_and_expected_to_fail_if_it_passes(
    saved: Project, service: Service, workers: list[str]
) -> None:
    service.failing["p1"] = 1

    done = with_workers(saved, workers).pytest(*CONFIRMED, "-rx", *workers)

    assert done.returncode == 0, done.stdout
    assert outcomes_in(done.stdout) == {"passed": 8, "xfailed": 2}
    reason = "broke; asked again 3 times at the end of the session"
    assert f"XFAIL test.suite.yaml::c1 - {reason}" in done.stdout
    assert "failed and passed again, not counted: 1 case (test::c1)" in done.stdout


def test_last_failed_runs_what_failed_again_and_no_known_failure(
    saved: Project, service: Service
) -> None:
    service.failing["p1"] = ALWAYS
    saved.pytest(*CONFIRMED, "--cache-clear")
    service.failing["p1"] = 0

    done = saved.pytest("--lf")

    assert outcomes_in(done.stdout) == {"passed": 1}


def test_a_known_failure_stops_no_session_at_its_first_failure(saved: Project) -> None:
    done = saved.pytest(*BROKEN, "-x")

    assert (done.returncode, outcomes_in(done.stdout)) == (0, {"passed": 9, "xfailed": 1})


@WORKERS
def test_what_broke_fails_if_the_session_ends_before_it_is_asked_again(
    saved: Project, service: Service, workers: list[str]
) -> None:
    service.failing["p1"] = ALWAYS
    (saved.folder / "test_it.py").write_text(
        "import time\n\n\ndef test_it():\n    time.sleep(3)\n    assert False\n"
    )
    arguments = (*CONFIRMED, "-x", "-rfx", "test.suite.yaml", "test_it.py")

    done = with_workers(saved, workers).pytest(*arguments, *workers)

    assert done.returncode in {1, 2}  # pytest-xdist takes -x for an interruption
    assert saved.calls["p1"] == 1
    assert "FAILED test.suite.yaml::c1" in done.stdout
    assert "XFAIL test.suite.yaml::c3 - known failure" in done.stdout
    assert outcomes_in(done.stdout) == {"failed": 2, "passed": 8, "xfailed": 1}


def test_cases_that_were_removed_count_in_a_whole_session_and_in_no_selection(
    saved: Project,
) -> None:
    suite = saved.folder / "test.suite.yaml"
    lines = suite.read_text().splitlines(keepends=True)
    suite.write_text("".join(line for line in lines if "c8" not in line and "c9" not in line))

    whole = saved.pytest(*BROKEN)
    part = saved.pytest(*BROKEN, "-k", "c0 or c1 or c2")

    assert "not comparable: 2 cases missing in this run: test::c8, test::c9" in whole.stdout
    assert "missing" not in part.stdout
    assert "of the baseline, 7 cases not run" in part.stdout


def test_a_baseline_of_a_whole_session_is_not_called_a_part(saved: Project) -> None:
    saved.pytest()
    whole = harness("baseline", "save", "--name", "whole", cwd=saved.folder)
    saved.pytest("-k", "c1")
    part = harness("baseline", "save", "--name", "part", cwd=saved.folder)

    assert "only a part" not in whole.stdout
    assert "only a part of the suites was selected" in part.stdout


def test_rerunfailures_reruns_what_broke_and_no_known_failure(
    saved: Project, service: Service
) -> None:
    service.failing["p1"] = 1
    made = saved.with_plugins("pytest_rerunfailures")

    done = made.pytest(*BROKEN, "--reruns=2")

    assert done.returncode == 0, done.stdout
    assert outcomes_in(done.stdout) == {"passed": 9, "xfailed": 1, "rerun": 1}


def test_a_failure_that_a_marker_expects_is_left_to_pytest(
    saved: Project, service: Service
) -> None:
    service.failing["p1"] = ALWAYS
    (saved.folder / "conftest.py").write_text(
        "import pytest\n\n\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[1].add_marker(pytest.mark.xfail(reason='ours'))\n"
    )

    done = saved.pytest(*BROKEN, "-rx")

    assert done.returncode == 0, done.stdout
    assert "XFAIL test.suite.yaml::c1 - ours" in done.stdout


def test_runxfail_shows_known_failures(saved: Project) -> None:
    done = saved.pytest(*BROKEN, "--runxfail")

    assert (done.returncode, outcomes_in(done.stdout)["failed"]) == (1, 1)


@pytest.mark.skipif(not OLDEST.is_dir(), reason="sh scripts/test installs it")
def test_the_oldest_pytest_does_the_same(saved: Project, service: Service) -> None:
    saved.environment["PYTHONPATH"] = str(OLDEST)
    service.failing.update(p1=ALWAYS, p2=1)

    done = saved.pytest(*CONFIRMED)

    assert done.returncode == 1, done.stdout
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 7, "xfailed": 2}


def test_with_many_plugins_each_test_counts_once(saved: Project, service: Service) -> None:
    service.failing.update(p1=ALWAYS, p2=1)
    names = ("pytest_metadata.plugin", "pytest_html.plugin", "pytest_timeout", "pytest_cov.plugin")
    made = saved.with_plugins(*names, "pytest_rerunfailures")

    done = made.pytest(*CONFIRMED, "--html=out.html", "--reruns=1", "--timeout=60")

    assert done.returncode == 1, done.stdout
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 7, "xfailed": 2}
    assert "asked again 3 times: 0 passed" in (saved.folder / "out.html").read_text()


def test_what_only_a_test_in_python_asks_is_for_that_test_to_say(
    saved: Project, service: Service
) -> None:
    service.failing["p1"] = ALWAYS
    (saved.folder / "test_it.py").write_text(
        "def test_it(harness_suite):\n    harness_suite('test.suite.yaml')\n"
    )

    done = saved.pytest(*BROKEN, "test_it.py")

    assert done.returncode == 0, done.stdout


def test_a_suite_that_changed_during_the_session_is_not_asked_again(
    saved: Project, service: Service
) -> None:
    service.failing["p1"] = ALWAYS
    (saved.folder / "test_it.py").write_text(
        "from pathlib import Path\n\n\n"
        "def test_it():\n"
        "    with Path('test.suite.yaml').open('a') as suite:\n"
        "        suite.write('# changed\\n')\n"
    )

    done = saved.pytest(*CONFIRMED, "test.suite.yaml", "test_it.py")

    assert done.returncode == 1
    assert "note: nothing was asked again: test.suite.yaml has changed" in done.stdout
    assert "FAILED test.suite.yaml::c1" in done.stdout


def test_ctrl_c_while_cases_are_asked_again_ends_the_session(
    tmp_path: Path, service: Service
) -> None:
    with project(tmp_path, CASES, reply=service, seconds=0.2) as made:
        made.pytest("-q")
        assert harness("baseline", "save", cwd=tmp_path).returncode == 0
        service.failing["p1"] = ALWAYS
        made.server.exchanges.clear()
        command = made.command(*CONFIRMED, "--harness-concurrency=1")
        with subprocess.Popen(
            command, cwd=tmp_path, env=made.variables(), stdout=subprocess.PIPE, text=True
        ) as session:
            while made.calls["p1"] < 2 and session.poll() is None:
                time.sleep(0.01)
            session.send_signal(signal.SIGINT)
            output, _ = session.communicate(timeout=30)

    assert session.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "KeyboardInterrupt" in output
    assert "INCONCLUSIVE: this run against main" in output


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--harness-fail-on=broken"], "--harness-fail-on needs a baseline"),
        (["--harness-baseline=main", "--harness-fail-on=brken"], "'brken' is none of"),
        ([*CONFIRMED, "--harness-replay=tapes"], "--harness-replay sends nothing"),
    ],
)
def test_wrong_options_are_errors_before_anything_is_sent(
    saved: Project, options: list[str], problem: str
) -> None:
    done = saved.pytest(*options)

    assert done.returncode == 4
    assert problem in done.stderr
    assert saved.server.exchanges == []


def test_the_configuration_may_hold_the_rules(saved: Project, service: Service) -> None:
    service.failing["p1"] = 1
    (saved.folder / "pytest.ini").write_text(
        "[pytest]\nharness_fail_on = broken\nharness_confirm = 3\nharness_margin = 2\n"
    )

    without = saved.pytest()
    service.failing["p1"] = 1
    done = saved.pytest("--harness-baseline=main")

    assert (without.returncode, done.returncode) == (1, 0), done.stdout
    assert outcomes_in(done.stdout) == {"passed": 8, "xfailed": 2}


@WORKERS
def test_a_regression_that_no_test_shows_is_a_failing_test_of_the_junit_report(
    saved: Project, service: Service, workers: list[str]
) -> None:
    service.failing.update({f"p{number}": ALWAYS for number in range(10)})
    options = ("--harness-baseline=main", "--harness-fail-on=regression", "--junitxml=out.xml")

    done = with_workers(saved, workers).pytest(*options, *workers)

    assert done.returncode == 1
    assert outcomes_in(done.stdout) == {"failed": 1, "xfailed": 10}
    (failure,) = junit_cases(saved.folder / "out.xml")["gate"].iter("failure")
    assert "REGRESSED" in str(failure.text)
    assert "it regressed" in str(failure.text)
