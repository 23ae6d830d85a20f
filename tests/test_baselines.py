"""`harness run --baseline` and `harness baseline`, in processes, against the simulator."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import command, environment_with, harness, latest, outcomes_of
from tests.support.replies import message_bytes
from tests.support.servers import Exchange, response, serving
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: cities
request: {model: m, temperature: 1.0}
repeat: 5
pass_rate: 0.6
variants:
  plain: {}
  polite: {vars: {please: "please, "}}
vars: {please: ""}
cases:
  - id: case-{{ n }}
    dataset: numbers.csv
    prompt: "{{ please }}number {{ n }}"
    assert: [{contains: "yes"}]
"""
GOOD = """\
rules:
  - text: "number [0-9]+$"
    replies: ["yes", "yes indeed", "yes!", "oh yes"]
"""
NOISY = """\
rules:
  - text: "number [0-9]+$"
    replies: ["yes", "yes indeed", "yes!", "oh yes", "yes", "yes", "yes", "no"]
"""
PLANTED = """\
rules:
  - text: "please, number [1-4]$"
    replies: ["no"]
""" + GOOD.removeprefix("rules:\n")
CASES = [f'  - {{id: c{n}, prompt: "p{n}", assert: [{{contains: "yes"}}]}}' for n in range(4)]
BROKEN = [f"cities::case-{n}[polite]" for n in range(1, 5)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "numbers.csv").write_text("n\n" + "\n".join(map(str, range(1, 21))) + "\n")
    (tmp_path / "harness.toml").write_text(
        'base_url = "simulator"\nsimulator_rules = "rules.yaml"\n'
        "prices = {m = {input = 1.0, output = 5.0}}\n"
    )
    rules(tmp_path, GOOD)
    return tmp_path


def rules(folder: Path, text: str, seed: int = 1) -> None:
    (folder / "rules.yaml").write_text(f"seed: {seed}\n{text}")


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return harness("run", "test.suite.yaml", *options, cwd=folder)


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


def saved(folder: Path, *options: str) -> Path:
    assert run(folder, "-q").returncode in (0, 1)
    done = harness("baseline", "save", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "baselines" / "main.baseline.jsonl"


def record_of(folder: Path, rerun: str) -> Path:
    return folder / "reports" / "latest" / f"confirm-{rerun}.jsonl"


def test_a_regression_planted_in_one_variant_is_told_by_exactly_its_cases(folder: Path) -> None:
    saved(folder)
    rules(folder, PLANTED)

    done = run(folder, "--baseline", "main", "--fail-on", "regression", "--json")

    assert done.returncode == 1
    comparisons = {
        comparison["scope"]: comparison for comparison in document(done)["baseline"]["comparisons"]
    }
    assert list(comparisons) == [None, "plain", "polite"]
    assert comparisons[None]["verdict"] == "regressed"
    assert comparisons["polite"]["verdict"] == "regressed"
    assert comparisons["polite"]["broken"] == BROKEN
    assert comparisons["plain"]["verdict"] == "inconclusive"
    assert comparisons["plain"]["broken"] == []


@pytest.mark.parametrize("seed", range(2, 5))
def test_noise_alone_is_no_regression(folder: Path, seed: int) -> None:
    rules(folder, NOISY)
    saved(folder)
    rules(folder, NOISY, seed)

    done = run(folder, "--baseline", "main", "--fail-on", "regression")

    assert done.returncode == 0, done.stdout
    assert "REGRESSED" not in done.stdout


@pytest.mark.parametrize("fails_on", ["broken", "regression"])
def test_known_failures_fail_a_run_by_default_only(folder: Path, fails_on: str) -> None:
    rules(folder, PLANTED)
    saved(folder)

    strict = run(folder, "--baseline", "main")
    lenient = run(folder, "--baseline", "main", "--fail-on", fails_on, "--junit", "junit.xml")

    assert (strict.returncode, lenient.returncode) == (1, 0)
    junit = (folder / "junit.xml").read_text()
    assert 'failures="0" errors="0" skipped="4"' in junit
    excuse = f"does not fail the run (fail on {fails_on}, baseline main): "
    assert junit.count(f'<skipped type="known failure" message="{excuse}') == 4
    assert "FAILED cities::case-1" in strict.stdout
    assert "4 cases failed before, too: cities::case-1[polite]" in strict.stdout
    assert "FAILED cities::case-1" not in lenient.stdout
    hidden = "4 failing cases are not shown: by themselves they fail no run"
    assert f"{hidden} (--fail-on {fails_on})" in lenient.stdout
    assert "known failures, not counted: 4 cases (cities::case-1[polite]" in lenient.stdout


@pytest.mark.parametrize(("fails_on", "status"), [("broken", 1), ("regression", 0)])
def test_a_failing_case_that_the_baseline_does_not_know_is_told(
    folder: Path, fails_on: str, status: int
) -> None:
    saved(folder)
    (folder / "numbers.csv").write_text("n\n" + "\n".join(map(str, range(1, 22))) + "\n")
    rules(folder, GOOD.replace("[0-9]+$", "(1?[0-9]|20)$"))

    done = run(folder, "--baseline", "main", "--fail-on", fails_on)

    assert done.returncode == status
    assert "REGRESSED" not in done.stdout
    assert "cities::case-21" in done.stdout
    assert "new, not compared: cities::case-21[plain], cities::case-21[polite]" in done.stdout


def test_one_broken_case_fails_the_gate_on_broken_cases(folder: Path) -> None:
    saved(folder)
    rules(folder, PLANTED.replace("[1-4]$", "1$"))

    lenient = run(folder, "-q", "--baseline", "main", "--fail-on", "regression", "--repeat", "1")
    strict = run(folder, "-q", "--baseline", "main", "--fail-on", "broken", "--repeat", "1")

    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert "FAILED (--fail-on broken): 1 case broke: cities::case-1[polite]" in strict.stdout
    assert "broken, not counted because only a regression fails this run: 1 case" in lenient.stdout


def test_a_run_that_only_fixes_a_case_has_nothing_to_confirm(folder: Path) -> None:
    rules(folder, PLANTED.replace("[1-4]$", "1$"))
    saved(folder)
    rules(folder, GOOD)

    done = run(folder, "--baseline", "main", "--fail-on", "broken", "--confirm", "5")

    assert done.returncode == 0, done.stdout
    assert "nothing is confirmed" not in done.stdout


def test_a_suite_whose_file_is_gone_is_missing_and_one_that_was_not_named_is_not(
    folder: Path,
) -> None:
    other = folder / "other.suite.yaml"
    other.write_text(SUITE.replace("suite: cities", "suite: towns"))
    assert harness("run", ".", "-q", cwd=folder).returncode == 0
    assert harness("baseline", "save", cwd=folder).returncode == 0

    named = harness("run", "test.suite.yaml", "--baseline", "main", cwd=folder)
    other.unlink()
    gone = harness("run", ".", "--baseline", "main", "--require-conclusive", cwd=folder)

    assert "of the baseline, 40 cases not selected" in named.stdout
    assert "not comparable: 20 cases missing in this run: towns::case-1" in gone.stdout
    assert gone.returncode == 4


def test_an_unchanged_run_says_so_without_a_warning(folder: Path) -> None:
    saved(folder)
    actions = {"GITHUB_ACTIONS": "true"}

    done = harness("run", "test.suite.yaml", "--baseline", "main", cwd=folder, environment=actions)

    assert done.returncode == 0
    assert "UNCHANGED: this run against main: no case changed; a drop of " in done.stdout
    assert "::warning" not in done.stdout


def test_what_is_inconclusive_passes_with_a_warning_and_may_be_made_strict(folder: Path) -> None:
    options = ("--only", "case-1", "--baseline", "main", "--repeat", "1")
    saved(folder)

    lenient = run(folder, *options)
    strict = run(folder, *options, "--require-conclusive")

    assert (lenient.returncode, strict.returncode) == (0, 4)
    assert "no case changed; 1 case is too few to find a drop" in lenient.stdout
    assert "of the baseline, 38 cases not selected" in lenient.stdout


def test_an_edited_assertion_gives_no_verdict_and_failures_count_then(folder: Path) -> None:
    rules(folder, PLANTED)
    saved(folder)
    write_suite(folder, SUITE.replace('contains: "yes"', 'contains: "ye"'))

    done = run(folder, "--baseline", "main", "--fail-on", "regression")
    strict = run(folder, "--baseline", "main", "--require-conclusive", "--set", "vars.please=")

    assert done.returncode == 1
    assert "NO VERDICT: this run against main" in done.stdout
    assert "with other assertions" in done.stdout
    assert strict.returncode == 4


def test_flipped_cases_are_run_again_on_both_sides_and_only_that_is_judged(folder: Path) -> None:
    saved(folder, "--with-replies")
    rules(folder, PLANTED.replace("please, number", "kindly, number"))
    write_suite(folder, SUITE.replace('"please, "', '"kindly, "'))

    done = run(folder, "--baseline", "main", "--confirm", "6", "--fail-on", "regression", "--json")

    baseline = document(done)["baseline"]
    assert done.returncode == 1
    assert baseline["comparisons"][0]["verdict"] == "regressed"
    confirmed = baseline["confirmed"]
    assert confirmed["times"] == 6
    assert confirmed["failed_again"] == BROKEN
    assert confirmed["old_request_fails"] == []
    assert confirmed["comparison"]["verdict"] == "regressed"
    assert (confirmed["comparison"]["old"]["trials"]) == 24
    assert baseline["notes"][0].startswith(
        "confirmed: of the 4 cases that were run again 6 times, 4"
    )
    sent = requests_of(record_of(folder, "old"))
    assert sent == {f"please, number {n}" for n in range(1, 5)}


def requests_of(path: Path) -> set[str]:
    lines = map(json.loads, path.read_text().splitlines())
    outcomes = [line for line in lines if line["kind"] == "outcome"]
    return {outcome["request"]["messages"][0]["content"] for outcome in outcomes}


def test_a_service_that_changed_is_told_apart_from_a_prompt_that_did(folder: Path) -> None:
    assert run(folder, "-q").returncode == 0
    rules(folder, PLANTED)

    done = run(folder, "--baseline", "latest", "--confirm", "5", "--fail-on", "regression")

    assert done.returncode == 1, done.stdout
    assert "0 of 20 fresh trials passed with today's request and 0 of 20 with" in done.stdout
    assert (
        "the baseline's own request fails now too, so the prompt is not to blame: cities::case-1"
        in (done.stdout)
    )


def test_what_regressed_without_flipping_stays_so_after_a_rerun_of_what_did(folder: Path) -> None:
    write_suite(folder, SUITE.replace("pass_rate: 0.6", "pass_rate: 0.2"))
    flaky = 'replies: ["yes", "no", "no", "no"]'
    saved(folder, "--with-replies")
    rules(
        folder,
        f'rules:\n  - text: "please, number"\n    {flaky}\n'
        f'  - text: "^number 1$"\n    replies: ["no"]\n{GOOD.removeprefix("rules:")}',
    )

    done = run(folder, "--baseline", "main", "--confirm", "5", "--fail-on", "regression")

    assert done.returncode == 1, done.stdout
    assert "FAILED (--fail-on regression): variant polite regressed" in done.stdout
    assert "confirmed: of the " in done.stdout


def test_what_was_not_rerun_is_judged_by_what_it_showed(folder: Path) -> None:
    path = saved(folder, "--with-replies")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines[2:]:
        line.pop("sent", None)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rules(folder, PLANTED.replace("[1-4]$", "[0-9]+$"))

    done = run(folder, "--baseline", "main", "--confirm", "5", "--fail-on", "regression")

    assert done.returncode == 1
    assert "only today's request was asked again" in done.stdout
    assert "the baseline does not hold what was sent" in done.stdout


def test_a_rerun_never_takes_known_replies(folder: Path) -> None:
    saved(folder, "--with-replies")
    rules(folder, PLANTED)

    run(folder, "--baseline", "main", "--confirm", "5", "--cache")

    for name in ("old", "new"):
        path = record_of(folder, name)
        replies = [json.loads(line)["reply"] for line in path.read_text().splitlines()[1:-1]]
        assert {reply["origin"] for reply in replies} == {"service"}


def test_a_replay_is_never_confirmed(folder: Path) -> None:
    saved(folder, "--with-replies")

    done = run(folder, "--baseline", "main", "--confirm", "5", "--replay", "nowhere")

    assert done.returncode == 2
    assert "--confirm runs cases again, but --replay sends nothing" in done.stderr


def test_a_case_that_passes_when_it_is_run_again_does_not_fail_the_gate(folder: Path) -> None:
    saved(folder, "--with-replies")
    replies = '["no", "yes", "yes", "yes", "yes", "yes", "yes", "yes"]'
    once = f'rules:\n  - text: "^number 3$"\n    replies: {replies}\n'
    rules(folder, once + GOOD.removeprefix("rules:\n"), seed=12)
    options = ("-q", "--baseline", "main", "--fail-on", "broken", "--repeat", "1")

    strict = run(folder, *options)
    confirmed = run(folder, *options, "--confirm", "5")

    assert strict.returncode == 1, "the seed has to let the first trial fail"
    assert confirmed.returncode == 0, confirmed.stdout
    assert "of the 1 case that was run again 5 times, none fails again" in confirmed.stdout
    assert "this run against main: pass rate" in confirmed.stdout
    assert "failed and passed again, not counted: 1 case" in confirmed.stdout


def test_the_simulator_answers_a_rerun_with_fresh_replies(folder: Path) -> None:
    coin = 'rules:\n  - {text: "number", replies: ["yes", "no"]}\n'
    rules(folder, coin)
    saved(folder, "--with-replies")
    rules(folder, coin, seed=2)

    run(folder, "--baseline", "main", "--repeat", "1", "--confirm", "1")

    texts = [
        {name: outcome["reply"]["text"] for name, outcome in outcomes_of(path).items()}
        for path in (latest(folder), *(record_of(folder, name) for name in ("new", "old")))
    ]
    first, new, old = ([of_run[name] for name in texts[1]] for of_run in texts)
    # the request is unchanged, so equal draws would be equal replies
    assert len(new) > 9
    assert first != new != old != first


def test_a_budget_that_ends_in_the_rerun_is_the_exit_status(folder: Path) -> None:
    saved(folder, "--with-replies")
    cost = json.loads(run(folder, "--json", "--repeat", "1").stdout)["total"]["cost"]
    rules(folder, PLANTED.replace("[1-4]$", "1$"))
    options = ["--baseline", "main", "--fail-on", "regression", "--confirm", "9"]
    options += ["--concurrency", "1", "--repeat", "1"]

    done = run(folder, *options, "--max-cost", f"{cost + 1e-6:.7f}")

    assert done.returncode == 4, done.stdout
    assert "nothing is confirmed:" in done.stdout


@dataclass
class SlowService:
    """Answers with the same text after some time."""

    text: str
    seconds: float = 0.0

    async def __call__(
        self, _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(self.seconds)
        writer.write(response(message_bytes(self.text)))


@pytest.mark.parametrize("sent", [4, 12], ids=["the first run", "the first rerun"])
def test_an_interrupted_run_is_not_followed_by_reruns_though_all_its_trials_end(
    tmp_path: Path, sent: int
) -> None:
    write_suite(tmp_path, "\n".join(["suite: s", "request: {model: m}", "cases:", *CASES, ""]))
    service = SlowService("yes")
    with serving(service) as server:
        (tmp_path / "harness.toml").write_text(f'base_url = "{server.url}"\n')
        saved(tmp_path, "--with-replies")
        server.exchanges.clear()
        service.text, service.seconds = "no", 2.0
        gate = ["--baseline", "main", "--fail-on", "broken", "--confirm", "2"]
        with subprocess.Popen(
            command("run", "test.suite.yaml", *gate, "--concurrency", "20"),
            cwd=tmp_path,
            env=environment_with(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            while len(server.exchanges) < sent and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=30)

    assert process.returncode == 130, output
    assert len(server.exchanges) == sent
    assert "note: nothing is confirmed: interrupted" in output
    assert "Traceback" not in output


def test_a_gate_that_can_never_fail_says_so(folder: Path) -> None:
    saved(folder, "--name", "main")
    run(folder, "-q", "--only", "case-1", "--repeat", "1")
    harness("baseline", "save", "--name", "tiny", cwd=folder)

    done = run(
        folder, "--only", "case-1", "--repeat", "1", "--baseline", "tiny", "--fail-on", "regression"
    )

    assert "can never show a regression" in done.stdout


def test_what_a_baseline_says_of_itself_gives_no_command(folder: Path) -> None:
    path = saved(folder)
    head, *cases = path.read_text().splitlines()
    changed = {**json.loads(head), "run": "x\n::error::injected", "started": "\x1b[31m"}
    path.write_text("\n".join([json.dumps(changed), *cases]) + "\n")

    done = run(folder, "--baseline", "main", "-q")

    assert "\n::error" not in done.stdout
    assert "\x1b" not in done.stdout


def test_a_baseline_without_requests_says_why_nothing_is_confirmed(folder: Path) -> None:
    saved(folder)
    rules(folder, PLANTED)

    done = run(folder, "--baseline", "main", "--confirm", "5", "--fail-on", "regression")

    assert done.returncode == 1
    assert "of the 4 cases that were run again 5 times, 4 fail again" in done.stdout
    assert "of 4 cases only today's request was asked again" in done.stdout
    assert "save it with its replies, or name a run" in done.stdout


def test_a_baseline_file_is_small_sorted_and_without_what_changes_by_itself(folder: Path) -> None:
    rules(folder, 'rules:\n  - {text: number, replies: ["yes indeed"]}\n')
    path = saved(folder)
    first = path.read_text().splitlines()[1:]
    rules(folder, 'rules:\n  - {text: number, replies: ["oh yes"]}\n')  # the same verdicts
    again = saved(folder)

    assert again.read_text().splitlines()[1:] == first
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["kind"] == "baseline"
    names = [(line["suite"], line["case"], line["variant"]) for line in lines[1:]]
    assert names == sorted(names)
    assert len(names) == 40
    assert again.stat().st_size < 40 * 600
    text = path.read_text()
    assert "latenc" not in text
    assert "indeed" not in text
    assert all(line["identical"] for line in lines[1:])


def test_a_baseline_that_changes_tells_what_changed(folder: Path) -> None:
    saved(folder)
    rules(folder, PLANTED)
    run(folder, "-q")

    done = harness("baseline", "save", cwd=folder)

    assert "40 cases, 36 passed, 4 failed" in done.stdout
    assert "cities::case-1[polite]: passed -> failed" in done.stdout


def test_git_keeps_baselines_too(folder: Path) -> None:
    saved(folder)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "baselines"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True, capture_output=True)
    (folder / "baselines" / "main.baseline.jsonl").unlink()

    shown = harness("baseline", "show", "git:HEAD", cwd=folder)
    named = harness(
        "baseline", "show", "git:HEAD:baselines/main.baseline.jsonl", "--json", cwd=folder
    )
    compared = run(folder, "-q", "--baseline", "git:HEAD")
    wrong = run(folder, "--baseline", "git:nowhere")

    assert "cities [polite]: 20 cases, 20 passed" in shown.stdout
    assert json.loads(named.stdout)["groups"][0]["passed"] == 20
    assert compared.returncode == 0
    assert wrong.returncode == 2
    assert "git has no such baseline" in wrong.stderr


@pytest.mark.parametrize("name", ["latest", "git:HEAD", "a b", "a\nb", "x" * 300, "../x", ".x", ""])
def test_a_name_that_could_mean_something_else_is_refused(folder: Path, name: str) -> None:
    run(folder, "-q")

    done = harness("baseline", "save", "--name", name, cwd=folder)

    assert done.returncode == 2
    assert "is not a valid name of a baseline" in done.stderr
    assert not (folder / "baselines").exists()


def test_a_damaged_baseline_is_told_and_the_others_are_listed(folder: Path) -> None:
    saved(folder)
    (folder / "baselines" / "a.baseline.jsonl").write_text("broken\n")

    done = harness("baseline", "list", cwd=folder)

    assert done.returncode == 2
    assert "a.baseline.jsonl is not a baseline" in done.stderr
    assert "main.baseline.jsonl: 40 cases" in done.stdout


def test_quiet_tells_why_there_is_no_verdict(folder: Path) -> None:
    saved(folder)
    text = SUITE.replace("  - id: case-{{ n }}", "  - id: case-{{ n }}\n    skip: later")
    write_suite(folder, text)

    done = run(folder, "--baseline", "main", "-q")

    assert (
        "not comparable: 20 cases skipped, expected to fail or unjudged in this run" in done.stdout
    )


def test_baselines_are_listed_and_their_absence_is_no_error(folder: Path) -> None:
    empty = harness("baseline", "list", cwd=folder)
    saved(folder)
    full = harness("baseline", "list", cwd=folder)

    assert empty.stdout.startswith("no baselines yet")
    assert "main.baseline.jsonl: 40 cases" in full.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--baseline", "nothing"], "no baseline or run is called `nothing`"),
        (["--baseline", "other.jsonl"], "have no case in common"),
        (["--baseline", "damaged.jsonl"], "damaged.jsonl:2 is not a case of a baseline"),
        (["--baseline", "newer.jsonl"], "newer version"),
        (["--baseline", "sent.jsonl"], "what was sent for x::y is damaged"),
        (["--baseline", "empty.jsonl"], "no trial that was judged"),
        (["--baseline", "blank"], "the baseline baselines/blank.baseline.jsonl is empty"),
        (["--baseline", "baselines/blank.baseline.jsonl"], "blank.baseline.jsonl is empty"),
        (["--baseline", "spoilt"], "baselines/spoilt.baseline.jsonl is not a baseline: its first"),
        (["--fail-on", "regression"], "needs a baseline"),
        (["--confirm", "3"], "needs a baseline"),
        (["--require-conclusive"], "needs a baseline"),
    ],
)
def test_a_wrong_baseline_is_one_clear_error_before_anything_is_sent(
    folder: Path, arguments: list[str], words: str
) -> None:
    head = '{"kind":"baseline","format":1}\n'
    case = (
        '{"suite":"x","case":"y","variant":"default","passed":1,"trials":1,"errored":0,'
        '"pass_rate":1,"scores":[],"rules":[],"settings":[],"inputs":[],"expectations":[],'
        '"requests":[],"replies":[],"models":[]}\n'
    )
    (folder / "other.jsonl").write_text(head + case)
    (folder / "damaged.jsonl").write_text(head + '{"suite": 3}\n')
    (folder / "sent.jsonl").write_text(head + case.replace("{", '{"sent":{"turns":3},', 1))
    (folder / "newer.jsonl").write_text(head.replace("1", "99"))
    (folder / "empty.jsonl").write_text(head)
    (folder / "baselines").mkdir()
    (folder / "baselines" / "blank.baseline.jsonl").touch()
    (folder / "baselines" / "spoilt.baseline.jsonl").write_text("<<<<<<< HEAD\n" + head)

    done = run(folder, *arguments)

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "reports").exists()


def test_what_did_not_come_to_its_end_is_no_baseline(folder: Path) -> None:
    run(folder, "-q", "--max-cost", "0.00001")

    done = harness("baseline", "save", cwd=folder)

    assert done.returncode == 2
    assert "did not come to its end" in done.stderr
    assert not (folder / "baselines").exists()


def test_a_stopped_run_is_not_compared(folder: Path) -> None:
    saved(folder)

    done = run(folder, "--baseline", "main", "--max-cost", "0.00001")

    assert done.returncode == 4
    assert "not compared: the run did not come to its end" in done.stdout


def test_other_files_are_never_replaced_by_a_baseline(folder: Path) -> None:
    run(folder, "-q")

    done = harness("baseline", "save", "-o", "test.suite.yaml", cwd=folder)

    assert done.returncode == 2
    assert "is not a baseline; choose another --output" in done.stderr
    assert (folder / "test.suite.yaml").read_text() == SUITE


def test_stored_replies_may_be_judged_and_held_against_a_baseline(folder: Path) -> None:
    saved(folder)

    done = harness("score", "latest", "--baseline", "main", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "against main" in done.stdout


def test_the_job_summary_has_the_verdict_first_and_the_comparison(folder: Path) -> None:
    saved(folder)
    rules(folder, PLANTED)

    run(folder, "-q", "--baseline", "main", "--markdown", "summary.md")

    text = (folder / "summary.md").read_text()
    assert text.startswith("## FAILED\n")
    assert "### REGRESSED: this run against main" in text
    assert "cities::case-1\\[polite\\]" in text
    assert len(text.encode()) <= 60_000


def test_annotations_are_printed_where_a_workflow_runs(folder: Path) -> None:
    rules(folder, PLANTED)
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder.parent)}

    done = harness("run", "test.suite.yaml", cwd=folder, environment=actions)
    as_json = harness("run", "test.suite.yaml", "--json", cwd=folder, environment=actions)

    commands = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    location = f"file={folder.name}/test.suite.yaml,line=13"
    assert commands[0].startswith(
        f"::error {location},title=failed%3A cities%3A%3Acase-1[polite] (5"
    )
    assert len(commands) == 4
    assert json.loads(as_json.stdout)["exit_code"] == 1
    assert as_json.stderr.count("::error ") == 4
    assert "::error" not in run(folder).stdout
