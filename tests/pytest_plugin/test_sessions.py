"""What a session sends and reports, in processes of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.processes import latest, lines_of, outcomes_of
from tests.support.pytests import Project, junit_cases, outcomes_in, project

pytestmark = pytest.mark.slow  # sessions of pytest in processes

SIX = "".join(
    f"  - {{id: c{n}, prompt: p{n}, assert: [{{contains: {word}}}]}}\n"
    for n, word in enumerate(["p0", "nothing", "p2", "p3", "p4", "p5"])
)
ALL_SIX = {f"p{n}": 1 for n in range(6)}

SAME = """\
  - {id: same, prompt: p1, request: {temperature: 1}, assert: [{contains: p1}]}
  - {id: other, prompt: p2, assert: [{contains: p2}]}
matrix: {temperature: [0, 0.7]}
"""


@pytest.fixture
def six(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path, SIX, seconds=0.2) as made:
        yield made


def test_all_tests_are_sent_at_once_and_reported_in_the_order_of_the_file(six: Project) -> None:
    done = six.pytest("-v")

    lines = [line.split()[:2] for line in done.stdout.splitlines() if "test.suite.yaml::" in line]
    assert lines[:6] == [
        [f"test.suite.yaml::c{n}", "FAILED" if n == 1 else "PASSED"] for n in range(6)
    ]
    assert done.returncode == 1
    assert six.calls == ALL_SIX
    assert max(six.in_flight) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ["--collect-only"],
        ["--setup-only"],
        ["--setup-plan"],
        ["nowhere.suite.yaml"],
        ["test.suite.yaml::unknown"],
        ["-k", "nothing_like_it"],
    ],
    ids=" ".join,
)
def test_nothing_is_sent_where_nothing_is_run(six: Project, arguments: list[str]) -> None:
    six.pytest(*arguments)

    assert six.server.exchanges == []
    assert not (six.folder / "reports").exists()


def test_ids_are_listed_without_a_key(six: Project) -> None:
    done = six.pytest("--collect-only", "-q", key={})

    assert done.stdout.splitlines()[:6] == [f"test.suite.yaml::c{n}" for n in range(6)]


def test_a_missing_key_is_one_error_before_the_first_call(six: Project) -> None:
    done = six.pytest(key={})

    assert done.returncode == 4
    assert done.stderr.count("no API key") == 1
    assert "FAILED" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        (["test.suite.yaml::c2"], {"p2": 1}),
        (["-k", "c2 or c4"], {"p2": 1, "p4": 1}),
        (["--deselect", "test.suite.yaml::c1"], {k: 1 for k in ALL_SIX if k != "p1"}),
    ],
)
def test_only_what_is_selected_is_sent(
    six: Project, arguments: list[str], sent: dict[str, int]
) -> None:
    six.pytest(*arguments)

    assert six.calls == sent


def test_the_last_failures_are_sent_again_alone(six: Project) -> None:
    six.pytest("--cache-clear")
    six.server.exchanges.clear()

    six.pytest("--lf")

    assert six.calls == {"p1": 1}


def test_a_session_goes_on_step_by_step_where_it_failed(six: Project) -> None:
    six.pytest("--cache-clear", "--sw", "--harness-concurrency=2")
    six.server.exchanges.clear()

    done = six.pytest("--sw", "--harness-concurrency=2")

    assert "p0" not in six.calls
    assert outcomes_in(done.stdout)["failed"] == 1


def test_after_the_first_failure_no_more_than_a_window_was_sent_in_vain(tmp_path: Path) -> None:
    cases = SIX + "".join(
        f"  - {{id: more{n}, prompt: more {n}, assert: [{{contains: more}}]}}\n" for n in range(50)
    )
    with project(tmp_path, cases, seconds=0.05) as made:
        done = made.pytest("-x", "--harness-concurrency=3")

        assert outcomes_in(done.stdout) == {"failed": 1, "passed": 1}
        assert 2 <= sum(made.calls.values()) <= 2 + 3


def test_what_is_skipped_is_not_sent_and_what_may_fail_is(tmp_path: Path) -> None:
    cases = """\
  - {id: a, prompt: a, skip: not now, assert: [{contains: a}]}
  - {id: b, prompt: b, xfail: a known bug, assert: [{contains: zzz}]}
  - {id: c, prompt: c, xfail: mended, assert: [{contains: c}]}
"""
    with project(tmp_path, cases) as made:
        done = made.pytest("-rsxX")

    assert made.calls == {"b": 1, "c": 1}
    assert outcomes_in(done.stdout) == {"skipped": 1, "xfailed": 1, "xpassed": 1}
    assert "not now" in done.stdout
    assert "a known bug" in done.stdout


def test_cases_that_a_suite_skips_are_on_record_as_in_a_run_without_pytest(
    tmp_path: Path,
) -> None:
    cases = """\
  - {id: a, prompt: a, assert: [{contains: a}]}
  - {id: b, prompt: b, skip: not now, repeat: 2, assert: [{contains: b}]}
"""
    with project(tmp_path, cases) as made:
        made.pytest()

        outcomes = outcomes_of(latest(made.folder))
        assert {name: record["outcome"] for name, record in outcomes.items()} == {
            "test::a": "passed",
            "test::b#1": "skipped",
            "test::b#2": "skipped",
        }
    assert made.calls == {"a": 1}


def test_a_marker_of_pytest_that_skips_keeps_a_test_from_being_sent(six: Project) -> None:
    (six.folder / "conftest.py").write_text(
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[0].add_marker(pytest.mark.skip(reason='x'))\n"
        "    items[1].add_marker(pytest.mark.xfail(run=False))\n"
    )

    six.pytest()

    assert six.calls == {f"p{n}": 1 for n in range(2, 6)}


def test_tags_are_markers_even_where_markers_are_strict(tmp_path: Path) -> None:
    cases = """\
  - {id: a, prompt: a, tags: [smoke, slow-one], assert: [{contains: a}]}
  - {id: b, prompt: b, tags: [skip], assert: [{contains: b}]}
"""
    with project(tmp_path, cases) as made:
        chosen = made.pytest("--strict-markers", "-m", "smoke")
        done = made.pytest("--strict-markers", "-m", "harness")

    assert outcomes_in(chosen.stdout) == {"passed": 1, "deselected": 1}
    assert outcomes_in(done.stdout) == {"passed": 2}


def test_repeats_are_judged_together_by_the_pass_rate(tmp_path: Path) -> None:
    cases = """\
  - {id: a, prompt: a, repeat: 4, pass_rate: 0.5, assert: [{contains: a}]}
  - {id: b, prompt: b, repeat: 3, assert: [{contains: zzz}]}
"""
    with project(tmp_path, cases) as made:
        done = made.pytest()

    assert made.calls == {"a": 4, "b": 3}
    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 1}
    assert "0 of 3 repeats passed" in done.stdout


def test_a_failure_names_its_line_what_was_expected_and_how_to_run_it_again(six: Project) -> None:
    done = six.pytest("-o", "console_output_style=classic")

    expected = [
        "  test.suite.yaml:5:36: contains: 'nothing' does not occur in the reply",
        "  expected: nothing",
        "  actual:   you said p1",
        f"  rerun:    pytest test.suite.yaml::c1 --harness-base-url={six.server.url}",
        "FAILED test.suite.yaml::c1 - contains: 'nothing' does not occur in the reply",
    ]
    for line in expected:
        assert line in done.stdout.splitlines()
    assert f"{six.folder}/test.suite.yaml:5: contains: 'nothing'" in done.stdout
    assert "Traceback" not in done.stdout
    assert ".py" not in done.stdout.partition("FAILURES")[2]


def test_code_of_the_project_runs_where_an_option_allows_it(tmp_path: Path) -> None:
    cases = "  - {id: a, prompt: a, assert: [{python: 'checks.py:fine'}]}\n"
    (tmp_path / "checks.py").write_text("def fine(output): return 'said' in output\n")
    with project(tmp_path, cases) as made:
        refused = made.pytest()
        allowed = made.pytest("--harness-allow-code")

    assert refused.returncode == 4
    assert "use --harness-allow-code, or set `allow_code = true`" in refused.stderr
    assert len(made.server.exchanges) == 1
    assert outcomes_in(allowed.stdout) == {"passed": 1}


@pytest.mark.parametrize("plugins", [[], ["xdist.plugin"]], ids=["alone", "with workers"])
def test_only_tests_that_run_ask_for_a_judge_or_for_code(
    tmp_path: Path, plugins: list[str]
) -> None:
    cases = """\
  - {id: plain, prompt: a, assert: [{contains: a}]}
  - {id: judged, prompt: b, assert: [{judge: kind}]}
  - {id: coded, prompt: c, assert: [{python: 'checks.py:fine'}]}
  - {id: skipped, prompt: d, skip: not now, assert: [{judge: kind}]}
"""
    (tmp_path / "checks.py").write_text("def fine(output): return True\n")
    workers = ["-n2"] if plugins else []
    with project(tmp_path, cases) as made:
        session = made.with_plugins(*plugins)
        plain = session.pytest("-k", "plain or skipped", *workers)
        whole = session.pytest(*workers)

    assert plain.returncode == 0
    assert outcomes_in(plain.stdout).items() >= {"passed": 1, "skipped": 1}.items()
    assert "INTERNALERROR" not in whole.stdout + whole.stderr
    if workers:  # a worker cannot end the session: each of its tests says what it needs
        assert outcomes_in(whole.stdout) == {"passed": 1, "failed": 2, "skipped": 1}
        assert "needs a judge model, but none is configured" in whole.stdout
        assert "would run code of the project, which is not allowed" in whole.stdout
    else:
        assert whole.returncode == 4
        assert "which is not allowed" in whole.stderr


def test_a_judge_may_be_named_on_the_command_line(tmp_path: Path) -> None:
    cases = "  - {id: a, prompt: a, assert: [{judge: kind}]}\n"
    with project(tmp_path, cases) as made:
        nobody = made.pytest()
        asked = made.pytest("--harness-judge=j")

    assert "set `judge` in the settings, or --harness-judge MODEL" in nobody.stderr
    assert "the judge: its answer is not a grade" in asked.stdout
    assert "--harness-judge=j" in asked.stdout.partition("rerun:")[2].splitlines()[0]
    assert {json.loads(exchange.body)["model"] for exchange in made.server.exchanges} == {"m", "j"}


def test_one_line_for_each_failure_has_the_place_and_the_reason(six: Project) -> None:
    done = six.pytest("--tb=line", "--show-capture=no")

    failures = done.stdout.partition("FAILURES")[2].partition("prompt tests")[0]
    assert len([line for line in failures.splitlines() if line.strip(" =-")]) == 1
    assert f"{six.folder}/test.suite.yaml:5: contains: 'nothing' does not occur" in done.stdout


def test_an_error_of_the_service_is_told_with_its_attempts(six: Project) -> None:
    six.server.exchanges.clear()
    broken = Project(six.folder, type(six.server)("http://127.0.0.1:9"))
    (six.folder / "harness.toml").write_text("max_attempts = 1\n")

    done = broken.pytest("test.suite.yaml::c0", "--tb=short")

    assert outcomes_in(done.stdout) == {"failed": 1}
    assert "cannot connect to http://127.0.0.1:9" in done.stdout
    assert "create: no status" in done.stdout


def test_times_are_those_of_the_service_and_properties_are_plain(six: Project) -> None:
    six.pytest("--junitxml=out.xml", "-o", "junit_duration_report=call", "--durations=5")

    cases = junit_cases(six.folder / "out.xml")
    assert set(cases) == {f"c{n}" for n in range(6)}
    for case in cases.values():
        assert 0.2 <= float(case.attrib["time"]) < 1.5
        properties = {item.attrib["name"]: item.attrib["value"] for item in case.iter("property")}
        assert properties["attempts"] == "1"
        assert properties["output_tokens"].isdigit()
        assert {"model", "variant", "latency_s", "input_tokens"} <= set(properties)
    (failure,) = cases["c1"].iter("failure")
    assert failure.attrib["message"] == "contains: 'nothing' does not occur in the reply"


def test_broken_suites_are_short_errors_at_their_places_among_good_ones(six: Project) -> None:
    broken = "suite: bad\nrequest: {model: m}\ncases:\n"
    broken += "".join(f"  - {{id: x{n}, promt: a}}\n" for n in range(9))
    (six.folder / "bad.suite.yaml").write_text(broken)

    done = six.pytest()

    assert done.returncode == 2
    assert six.server.exchanges == []
    error = done.stdout.partition("ERROR collecting")[2].partition("short test summary")[0]
    assert "bad.suite.yaml:4:" in error
    assert "harness validate" in error
    assert len([line for line in error.splitlines()[1:] if line.strip(" =")]) <= 10
    assert "Traceback" not in error
    assert six.pytest("--continue-on-collection-errors").returncode == 1
    assert six.calls == ALL_SIX


def test_two_suites_of_one_name_are_an_error(six: Project) -> None:
    suite = (six.folder / "test.suite.yaml").read_text()
    (six.folder / "two.suite.yaml").write_text(suite)

    done = six.pytest("--collect-only")

    assert "a second suite is called `test`" in done.stdout


def test_a_record_is_kept_that_the_commands_can_read(six: Project) -> None:
    done = six.pytest()

    path = latest(six.folder)
    assert {name: line["outcome"] for name, line in outcomes_of(path).items()} == {
        f"test::c{n}": "failed" if n == 1 else "passed" for n in range(6)
    }
    assert lines_of(path)[-1]["status"] == "finished"
    assert f"record: {path.resolve().relative_to(six.folder.resolve())}" in done.stdout
    assert "6 trials in" in done.stdout


def test_an_interrupted_session_ends_soon_and_keeps_what_it_has(tmp_path: Path) -> None:
    quick = "".join(
        f"  - {{id: q{n}, prompt: q{n}, assert: [{{contains: q}}]}}\n" for n in range(9)
    )
    with project(tmp_path, quick, seconds=0.4) as made:
        process = subprocess.Popen(
            made.command("--harness-concurrency=1"),
            cwd=tmp_path,
            env=made.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while len(made.server.exchanges) < 3:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "KeyboardInterrupt" in output
    assert "given up" in output
    assert len(outcomes_of(latest(tmp_path))) >= 2
    assert lines_of(latest(tmp_path))[-1]["status"] == "interrupted"


def test_what_other_threads_print_is_captured_and_the_run_prints_nothing(six: Project) -> None:
    (six.folder / "conftest.py").write_text(
        "import logging\nlogging.basicConfig(level=logging.INFO)\n"
    )

    done = six.pytest("-s", "-q")

    assert ".F...." in done.stdout
    assert done.stderr == ""


def test_recorded_replies_are_replayed_without_a_call(six: Project) -> None:
    six.pytest("--harness-record=tapes")
    six.server.exchanges.clear()

    done = six.pytest("--harness-replay=tapes", key={})

    assert outcomes_in(done.stdout) == {"failed": 1, "passed": 5}
    assert six.server.exchanges == []


def test_the_key_is_in_no_output_even_if_the_server_sends_it_back(tmp_path: Path) -> None:
    cases = "  - {id: a, prompt: sk-canary-4711, assert: [{contains: zzz}]}\n"
    with project(tmp_path, cases) as made:
        done = made.pytest("-rA", "-vv", "-l", "--junitxml=out.xml")

    assert "you said ***" in done.stdout
    assert "sk-canary-4711" not in done.stdout.replace("prompt: sk-canary-4711", "")
    assert "sk-canary-4711" not in (tmp_path / "out.xml").read_text().replace(
        "prompt: sk-canary-4711", ""
    )


@pytest.mark.parametrize("arguments", [["--lf"], ["--ff", "-x"], ["--sw"]], ids=" ".join)
def test_failures_of_variants_are_found_again(tmp_path: Path, arguments: list[str]) -> None:
    cases = """\
  - {id: a, prompt: "a {{ word }}", assert: [{contains: x}]}
  - {id: b, prompt: "b {{ word }}", assert: [{contains: b}]}
matrix: {vars: {word: [x, y]}}
"""
    with project(tmp_path, cases) as made:
        made.pytest("--cache-clear", *(["--sw"] if "--sw" in arguments else []))
        made.server.exchanges.clear()
        made.pytest(*arguments, "--harness-concurrency=1")

    assert next(iter(made.calls)) == "a y"


def test_a_tag_that_is_a_marker_of_another_plugin_is_no_marker(tmp_path: Path) -> None:
    cases = "  - {id: a, prompt: a, tags: [timeout, flaky, fine], assert: [{contains: a}]}\n"
    with project(tmp_path, cases) as made:
        chosen = made.with_plugins("pytest_timeout", "pytest_rerunfailures")
        done = chosen.pytest("-m", "fine and not timeout and not flaky")

    assert outcomes_in(done.stdout) == {"passed": 1}


def test_a_link_to_a_suite_is_not_run_twice(six: Project) -> None:
    (six.folder / "zlink.suite.yaml").symlink_to(six.folder / "test.suite.yaml")

    six.pytest()

    assert six.calls == ALL_SIX


def test_what_cannot_begin_is_one_error(six: Project) -> None:
    nowhere = six.pytest("--harness-replay=nowhere")
    no_file = six.pytest("--harness-run-file=test.suite.yaml")
    no_repeat = six.pytest("--harness-repeat=0")

    assert nowhere.returncode == no_file.returncode == 4
    assert nowhere.stderr.count("the cassette nowhere/test.jsonl cannot be read") == 1
    assert "test.suite.yaml is not a run file" in no_file.stderr
    assert "FAILED" not in nowhere.stdout + no_file.stdout
    assert no_repeat.returncode == 2
    assert "invalid `--harness-repeat 0`" in no_repeat.stdout
    assert six.server.exchanges == []


def test_the_command_to_run_again_works_where_pytest_was_started(six: Project) -> None:
    (six.folder / "other").mkdir()
    elsewhere = replace(six, folder=six.folder / "other")

    done = elsewhere.pytest("../test.suite.yaml::c1", "--rootdir=..")

    assert "rerun:    pytest ../test.suite.yaml::c1 " in done.stdout


def test_an_expected_failure_does_not_hide_a_run_that_never_was(tmp_path: Path) -> None:
    cases = "  - {id: b, prompt: b, xfail: a known bug, assert: [{contains: zzz}]}\n"
    with project(tmp_path, cases) as made:
        (tmp_path / "file").write_text("")

        done = made.pytest("--harness-run-file=file/run.jsonl")

    assert done.returncode == 4
    assert "the run file file/run.jsonl cannot be created" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_budget_needs_prices_and_ends_the_session_when_it_is_spent(six: Project) -> None:
    unpriced = six.pytest("--harness-max-cost=1")
    (six.folder / "harness.toml").write_text("prices = {m = {input = 1000.0, output = 1000.0}}\n")
    spent = six.pytest("--harness-max-cost=0.00001", "--harness-concurrency=1")

    assert unpriced.returncode == 4
    assert "there is no price for m" in unpriced.stderr
    assert spent.returncode == 1
    assert "the run was stopped: the replies cost" in spent.stdout
    assert sum(six.calls.values()) == 1


def test_paths_in_the_configuration_start_where_it_stands(six: Project) -> None:
    (six.folder / "pytest.ini").write_text("[pytest]\nharness_reports = kept/runs\n")
    (six.folder / "sub").mkdir()
    (six.folder / "test.suite.yaml").rename(six.folder / "sub" / "test.suite.yaml")

    six.pytest("-c", "pytest.ini", "sub")

    assert (six.folder / "kept" / "runs" / "latest" / "run.jsonl").is_file()


def test_the_command_line_wins_over_the_environment_and_that_over_the_configuration(
    six: Project,
) -> None:
    (six.folder / "pytest.ini").write_text(
        "[pytest]\nharness_model = from-ini\nharness_repeat = 2\n"
        "harness_base_url = http://127.0.0.1:9\n"
    )

    six.pytest("test.suite.yaml::c0")
    models = [json.loads(exchange.body)["model"] for exchange in six.server.exchanges]
    six.server.exchanges.clear()
    six.pytest("test.suite.yaml::c0", "--harness-model=m2", "--harness-repeat=1")

    assert models == ["from-ini", "from-ini"]
    assert [json.loads(exchange.body)["model"] for exchange in six.server.exchanges] == ["m2"]


def test_a_wrong_setting_is_told_with_its_fix(six: Project) -> None:
    (six.folder / "two.suite.yaml").write_text((six.folder / "test.suite.yaml").read_text())
    done = six.pytest("--harness-concurrency=many")

    assert done.returncode == 2
    assert "invalid --harness-concurrency: 'many'" in done.stdout
    assert done.stdout.count(": 'many'") == 1
    assert "Traceback" not in done.stdout
    assert six.server.exchanges == []


def test_a_project_without_suites_sees_nothing_of_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n")
    with project(tmp_path, SIX) as made:
        (tmp_path / "test.suite.yaml").unlink()
        done = made.pytest()

    assert "harness:" not in done.stdout
    assert "prompt tests" not in done.stdout
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(("arguments", "is_warned"), [((), True), (("-k", "other or 0.7"), False)])
def test_variants_that_send_the_same_request_are_told_before_and_after(
    tmp_path: Path, arguments: tuple[str, ...], *, is_warned: bool
) -> None:
    with project(tmp_path, SAME) as made:
        done = made.pytest(*arguments)

    header, _, summary = done.stdout.partition("- prompt tests -")
    warning = "warning: test.suite.yaml:6:10: the variants `0` and `0.7` of the case `same` send"
    assert (warning in header) is is_warned
    assert ("note: 1 pair of variants sent the same request" in summary) is is_warned


def test_workers_tell_of_variants_that_send_the_same_request_once(tmp_path: Path) -> None:
    with project(tmp_path, SAME) as made:
        done = made.with_plugins("xdist").pytest("-n", "2")

    assert done.stdout.count("1 pair of variants sent the same request") == 1


UNJUDGED = "  - {id: a, prompt: a}\n  - {id: b, prompt: b}\n"
WHY = "error: no prompt test was judged, so the session fails"


@pytest.mark.parametrize("plugins", [[], ["xdist.plugin"]], ids=["alone", "with workers"])
@pytest.mark.parametrize(
    ("cases", "outcomes"),
    [
        (UNJUDGED, {"passed": 3}),
        (UNJUDGED.replace("}", ", skip: not now}"), {"passed": 1, "skipped": 2}),
    ],
    ids=["nothing decides", "all are skipped"],
)
def test_a_session_in_which_nothing_was_judged_fails_and_says_why(
    tmp_path: Path, plugins: list[str], cases: str, outcomes: dict[str, int]
) -> None:
    (tmp_path / "test_plain.py").write_text("def test_plain(): pass\n")
    with project(tmp_path, cases) as made:
        done = made.with_plugins(*plugins).pytest(*(["-n2"] if plugins else []))

    assert done.returncode == 1
    assert outcomes_in(done.stdout).items() >= outcomes.items()
    assert "UNJUDGED: nothing was judged" in done.stdout
    assert WHY in done.stdout
    assert lines_of(latest(tmp_path))[-1]["exit_code"] == 5


@pytest.mark.parametrize("skipped", ["", ", skip: not now"])
def test_a_session_does_not_fail_for_some_tests_that_judge_nothing_or_are_skipped(
    tmp_path: Path, skipped: str
) -> None:
    cases = UNJUDGED.replace("}", f"{skipped}}}") + SIX[: SIX.index("\n") + 1]
    with project(tmp_path, cases) as made:
        done = made.pytest()

    assert done.returncode == 0
    assert WHY not in done.stdout
    assert "UNJUDGED" not in done.stdout


def test_what_test_functions_ask_for_they_judge_themselves(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "def test_own(assert_prompt):\n    assert assert_prompt('hi', model='m').replies[0].text\n"
    )
    with project(tmp_path, UNJUDGED) as made:
        alone = made.pytest("test_own.py")
        together = made.pytest()

    assert (alone.returncode, together.returncode) == (0, 1)
    assert WHY not in alone.stdout
