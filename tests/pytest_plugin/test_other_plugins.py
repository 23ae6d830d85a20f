"""Prompt tests beside the plugins that people use with pytest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pytest_plugin.test_sessions import ALL_SIX, SIX
from tests.support.processes import latest, lines_of, outcomes_of
from tests.support.pytests import Project, junit_cases, outcomes_in, project

pytestmark = pytest.mark.slow  # sessions of pytest in processes

OLDEST = Path(__file__).parents[2] / ".pytest-oldest"  # made by scripts/test


@pytest.fixture
def six(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, SIX, seconds=0.1) as made:
        yield made


def test_workers_send_each_case_once_and_leave_one_record(six: Project) -> None:
    done = six.with_plugins("xdist.plugin").pytest("-n2", "--junitxml=out.xml")

    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 5}
    assert six.calls == ALL_SIX
    assert len(outcomes_of(latest(six.folder))) == 6
    assert lines_of(latest(six.folder))[-1]["status"] == "finished"
    assert [path.name for path in latest(six.folder).parent.iterdir()] == ["run.jsonl"]
    assert "6 trials in" in done.stdout
    assert "contains: 'nothing' does not occur in the reply" in done.stdout
    assert "rerun:    pytest test.suite.yaml::c1 " in done.stdout
    for case in junit_cases(six.folder / "out.xml").values():
        names = {item.attrib["name"] for item in case.iter("property")}
        assert {"model", "attempts", "latency_s"} <= names


def test_workers_carry_markers_variants_and_repeats(tmp_path: Path) -> None:
    cases = """\
  - {id: a, prompt: a, skip: not now, assert: [{contains: a}]}
  - {id: b, prompt: b, xfail: a known bug, assert: [{contains: zzz}]}
  - {id: c, prompt: "{{ word }}", tags: [smoke], repeat: 2, assert: [{contains: "{{ word }}"}]}
matrix: {vars: {word: [x, y]}}
"""
    with project(tmp_path, cases) as made:
        done = made.with_plugins("xdist.plugin").pytest("-n2", "-rsx")

    assert outcomes_in(done.stdout) == {"passed": 2, "skipped": 2, "xfailed": 2}
    assert made.calls == {"b": 2, "x": 2, "y": 2}


def test_workers_share_the_concurrency(tmp_path: Path) -> None:
    cases = "".join(
        f"  - {{id: c{n}, prompt: p{n}, repeat: 4, assert: [{{contains: p}}]}}\n" for n in range(6)
    )
    with project(tmp_path, cases, seconds=0.1) as made:
        made.with_plugins("xdist.plugin").pytest("-n2", "--harness-concurrency=4")

    assert sum(made.calls.values()) == 24
    assert max(made.in_flight) <= 4


def test_a_worker_that_dies_costs_no_reply_of_the_others(six: Project) -> None:
    (six.folder / "test_kill.py").write_text("import os\ndef test_kill(): os._exit(1)\n")

    done = six.with_plugins("xdist.plugin").pytest("-n2", "--dist=load")

    assert outcomes_in(done.stdout)["failed"] == 2
    assert six.calls.keys() == ALL_SIX.keys()
    records = outcomes_of(latest(six.folder))
    assert {name.partition("::")[2] for name in records} == {f"c{n}" for n in range(6)}


def test_a_missing_key_is_told_by_each_test_of_a_worker(six: Project) -> None:
    done = six.with_plugins("xdist.plugin").pytest("-n2", key={})

    assert outcomes_in(done.stdout) == {"failed": 6}
    assert done.stdout.count("no API key") >= 6
    assert "INTERNALERROR" not in done.stdout
    assert six.server.exchanges == []


def test_workers_that_cannot_write_say_so_in_their_tests(six: Project) -> None:
    (six.folder / "reports").write_text("a file")

    done = six.with_plugins("xdist.plugin").pytest("-n2")

    assert outcomes_in(done.stdout) == {"failed": 6}
    assert "cannot be created: Not a directory" in done.stdout
    assert "Traceback" not in done.stdout


def test_recording_in_several_processes_is_refused(six: Project) -> None:
    done = six.with_plugins("xdist.plugin").pytest("-n2", "--harness-record=tapes")

    assert done.returncode == 4
    assert "--harness-record needs one process" in done.stderr


def test_a_test_that_passes_when_run_again_is_counted_once(tmp_path: Path) -> None:
    cases = """\
  - {id: a, prompt: a, assert: [{contains: a}]}
  - {id: b, prompt: b, assert: [{max_latency: 300ms}]}
"""
    with project(tmp_path, cases, seconds=0.6) as made:
        done = made.with_plugins("pytest_rerunfailures").pytest("--reruns=1")

    end = lines_of(latest(tmp_path))[-1]
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 1, "rerun": 1}
    assert end["total"]["trials"] == 2
    assert "2 trials in" in done.stdout


def test_a_test_that_is_run_again_sends_a_new_request(six: Project) -> None:
    done = six.with_plugins("pytest_rerunfailures").pytest("--reruns=2")

    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 5, "rerun": 2}
    assert six.calls == {**ALL_SIX, "p1": 3}
    assert len(outcomes_of(latest(six.folder))) == 6


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_a_timeout_of_pytest_ends_a_slow_test(tmp_path: Path, method: str) -> None:
    cases = "  - {id: slow, prompt: slow, assert: [{contains: slow}]}\n"
    with project(tmp_path, cases, seconds=5) as made:  # a reply that comes would pass
        done = made.with_plugins("pytest_timeout").pytest(
            "--timeout=1", f"--timeout-method={method}"
        )

    assert done.returncode == 1
    assert "Timeout" in done.stdout + done.stderr


ALL = ("html", "rerunfailures", "timeout", "randomly", "cov", "xdist")
INSTALLED = {"COLUMNS": "100"}  # all that is, by their entry points
WITHOUT_HYPOTHESIS = ("-p", "no:hypothesispytest")  # it takes a second to start


def test_all_of_them_together(six: Project) -> None:
    six.environment = INSTALLED
    (six.folder / "test_a.py").write_text("def test_a(): pass\n")

    done = six.pytest(
        *("-n2", "--reruns=1", "--timeout=30", "--cov=.", "--html=out.html", *WITHOUT_HYPOTHESIS)
    )

    assert done.returncode == 1
    assert six.calls == {**ALL_SIX, "p1": 2}
    report = (six.folder / "out.html").read_text()
    assert "test.suite.yaml::c1" in report
    assert "does not occur in the reply" in report
    assert "sk-canary-4711" not in report + done.stdout + done.stderr


def test_in_a_random_order_each_case_is_sent_once(six: Project) -> None:
    six.environment = INSTALLED

    done = six.pytest("-v", "-p", "no:sugar", *WITHOUT_HYPOTHESIS)

    (installed,) = [line for line in done.stdout.splitlines() if line.startswith("plugins: ")]
    assert all(f" {name}-" in installed for name in ALL)
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 5}
    assert six.calls == ALL_SIX


@pytest.mark.skipif(not OLDEST.is_dir(), reason="sh scripts/test installs it")
@pytest.mark.parametrize("arguments", [[], ["-x"], ["--collect-only"], ["--setup-plan"]], ids=str)
def test_the_oldest_pytest_does_the_same(six: Project, arguments: list[str]) -> None:
    six.environment["PYTHONPATH"] = str(OLDEST)

    version = six.pytest("--version")
    done = six.pytest(*arguments)

    assert "pytest 8.0" in version.stdout
    outcomes = {(): {"failed": 1, "passed": 5}, ("-x",): {"failed": 1, "passed": 1}}
    wanted = outcomes.get(tuple(arguments))
    if wanted is None:
        assert six.calls == {}
    else:
        assert outcomes_in(done.stdout) == wanted
        assert {"p0": 1, "p1": 1}.items() <= six.calls.items() <= ALL_SIX.items()
        assert six.calls == ALL_SIX or arguments == ["-x"]
        assert "test.suite.yaml:5: contains: 'nothing' does not occur in the reply" in done.stdout


def test_the_plugin_is_found_by_its_entry_point_and_can_be_left_out(six: Project) -> None:
    six.environment = INSTALLED

    done = six.pytest("-p", "no:randomly", "-p", "no:sugar", *WITHOUT_HYPOTHESIS)
    without = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:harness", "-p", "no:hypothesispytest"],
        cwd=six.folder,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 5}
    assert without.returncode == 5


def test_the_hooks_import_nothing_but_pytest() -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import harness.pytest_plugin.hooks;"
        "print(*sorted(set(sys.modules) - before))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    ours = {"harness", "harness.pytest_plugin"}
    names = ("hooks", "keys", "options", "report_attributes")
    ours |= {f"harness.pytest_plugin.{name}" for name in names}
    assert set(done.stdout.split()) == ours


def test_ctrl_c_ends_workers_too(tmp_path: Path) -> None:
    with project(tmp_path, SIX, seconds=1) as made:
        chosen = made.with_plugins("xdist.plugin")
        process = subprocess.Popen(
            chosen.command("-n2"),
            cwd=tmp_path,
            env=chosen.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        while len(made.server.exchanges) < 5:  # two tests have their outcomes
            time.sleep(0.02)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)

    assert process.returncode == 2
    assert len(outcomes_of(latest(tmp_path))) >= 2
    assert lines_of(latest(tmp_path))[-1]["status"] == "interrupted"
