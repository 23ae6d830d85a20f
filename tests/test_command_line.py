"""The command line from outside: real processes, real servers on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.support.processes import KEY, harness, latest, lines_of
from tests.support.replies import message_bytes
from tests.support.servers import Exchange, answering, response, serving
from tests.support.suites import write_cases, write_suite

pytestmark = pytest.mark.slow  # the command line in processes

ROOT = Path(__file__).parent.parent
ONCE = {"HARNESS_MAX_ATTEMPTS": "1"}


ONE = "  - {id: a, prompt: Hi, assert: [{contains: hello}]}\n"


def test_a_plain_server_with_one_fixed_message_serves_every_delivery(tmp_path: Path) -> None:
    cases = (
        ONE
        + "  - {id: b, prompt: Hi, assert: [{contains: bye}]}\n"
        + "  - {id: c, prompt: Hi, request: {stream: true}, assert: [{contains: hello}]}\n"
        + "  - {id: d, prompt: Hi, request: {async: true}, assert: [{contains: hello}]}\n"
    )
    path = write_cases(tmp_path, cases)

    with serving(answering(response(message_bytes("hello")))) as server:
        done = harness("run", path, "--base-url", server.url, "--run-file", "r.jsonl", cwd=tmp_path)

    assert done.returncode == 1
    assert "4 trials" in done.stdout
    assert "3 passed, 1 failed" in done.stdout
    assert "1 trial asked for a stream and got the reply at once" in done.stdout
    outcomes = {
        outcome["case"]: outcome["outcome"] for outcome in lines_of(tmp_path / "r.jsonl")[1:-1]
    }
    assert outcomes == {"a": "passed", "b": "failed", "c": "passed", "d": "passed"}
    assert len(server.exchanges) == 4


def test_a_reply_that_is_no_json_fails_and_a_mistake_of_the_suite_beside_it_is_shown(
    tmp_path: Path,
) -> None:
    cases = """\
  - id: a
    prompt: Hi
    assert: [{is_json: true}, {that: "(output | from_json).colour == 'yellow'"}]
  - id: b
    prompt: Hi
    assert: [{that: vars.gone == output}, {contains: bye}]
  - id: c
    prompt: Hi
    assert: [{that: vars.gone == output}, {contains: hello}]
"""
    path = write_cases(tmp_path, cases)

    with serving(answering(response(message_bytes("hello")))) as server:
        options = ("run", path, "--base-url", server.url, "--run-file", "r.jsonl")
        done = harness(*options, "--junit", "r.xml", cwd=tmp_path)
        alone = harness(*options[:4], "--only", "a", cwd=tmp_path)

    outcomes = {line["case"]: line["outcome"] for line in lines_of(tmp_path / "r.jsonl")[1:-1]}
    assert outcomes == {"a": "failed", "b": "failed", "c": "errored"}
    assert (done.returncode, alone.returncode) == (1, 1)
    assert "from_json: not JSON: Expecting value: line 1 column 1" in alone.stdout
    assert "could not judge: `vars.gone == output`" in done.stdout
    a, b, c = ET.parse(tmp_path / "r.xml").getroot().iter("testcase")  # noqa: S314  # our own
    failure = b.find("failure")
    assert failure is not None
    assert failure.get("message") == "contains: 'bye' does not occur in the reply"
    assert "could not judge: `vars.gone == output`" in (failure.text or "")
    assert a.find("failure") is not None
    assert c.find("error") is not None


def test_all_mistakes_are_printed_with_a_caret_and_nothing_is_sent(tmp_path: Path) -> None:
    path = write_cases(tmp_path, "  - id: a\n    prompt: '{{ nmae }}'\n", "vars: {name: x}\n")

    with serving(answering(response(message_bytes()))) as server:
        done = harness("run", path, "--base-url", server.url, cwd=tmp_path)

    assert done.returncode == 2
    assert server.exchanges == []
    assert done.stdout == ""
    assert done.stderr == (
        f"{path}:6:17: undefined variable `nmae`\n"
        "  6 |     prompt: '{{ nmae }}'\n"
        "    |                 ^^^^\n"
        "  fix: write `name`\n\n1 problem; nothing was sent\n"
    )
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["run", "."], 2, "no `base_url` is set"),
        (["run", "gone"], 2, "`gone` does not exist"),
        (["run", ".", "--base-url", "nonsense"], 2, "invalid --base-url: 'nonsense'"),
        (["run", ".", "--concurrency", "0"], 2, "a whole number from 1 to 10000"),
        (["run", ".", "--set", "temperature=0"], 2, "invalid `--set temperature=0`"),
        (["run", ".", "--set", "request.temperature=7"], 2, "out of range"),
        (["run", ".", "-k", "("], 2, "missing word"),
        (["run", ".", "-k", "zzz", "--base-url", "simulator"], 5, "none of the 1 cases"),
        (["list", ".", "--only", "a", "--only", "zzz"], 5, "`--only` matches no trial: `zzz`"),
        (["validate", ".", "-k", "zzz"], 5, "none of the 1 cases"),
        (["run", "--nonsense"], 2, "No such option"),
        (
            ["run", ".", "--base-url", "simulator", "--junit", "t.suite.yaml"],
            2,
            "is a suite, which",
        ),
        (
            ["run", ".", "--base-url", "simulator", "--run-file", "t.suite.yaml"],
            2,
            "is not a run file",
        ),
        (["run", ".", "--base-url", "http://127.0.0.1:9"], 3, "is the server running there?"),
        (["simulate", "--port", "99999"], 2, "not in the range"),
    ],
)
def test_a_wrong_call_gets_one_clear_message(
    tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    write_cases(tmp_path, ONE).rename(tmp_path / "t.suite.yaml")

    done = harness(*arguments, cwd=tmp_path)

    assert done.returncode == status
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_missing_key_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE)

    with serving(answering(response(message_bytes()))) as server:
        done = harness("run", path, "--base-url", server.url, cwd=tmp_path, environment={})

    assert (done.returncode, server.exchanges) == (2, [])
    assert "HARNESS_API_KEY is not set" in done.stderr


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response(b"<html><title>Hi</title></html>", content_type="text/html"),
         "the server answered with text/html: Hi"),
        (response(b"<h1>Bad Gateway</h1>", "502 Bad", "text/html"), "HTTP 502 http_502: Bad Gate"),
    ],
)  # fmt: skip
def test_a_server_that_is_no_help_gets_one_clear_message(
    tmp_path: Path, answer: bytes, words: str
) -> None:
    path = write_cases(tmp_path, ONE, "repeat: 20\n")

    with serving(answering(answer)) as server:
        done = harness("run", path, "--base-url", server.url, cwd=tmp_path, environment=KEY | ONCE)

    assert done.returncode == 3
    assert done.stdout.count(words) == 1
    assert "the same for 20 trials" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_key_that_is_refused_stops_the_run_with_one_message(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE, "repeat: 500\n")
    body = b'{"error": {"type": "authentication_error", "message": "bad key"}}'

    with serving(answering(response(body, "401 No"))) as server:
        done = harness("run", path, "--base-url", server.url, cwd=tmp_path)

    assert done.returncode == 3
    assert done.stdout.count("HTTP 401 authentication_error: bad key") == 1
    assert "STOPPED: authentication failed (HTTP 401): check the API key in HARNESS_" in done.stdout
    assert '`x-api-key` needs `auth = "x-api-key"`' in done.stdout
    assert len(server.exchanges) < 30


def test_a_service_that_is_overloaded_at_first_costs_no_trial(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE, "repeat: 3\n")
    overloaded = response(b"", "529 Overloaded", extra="retry-after-ms: 50\r\n")

    with serving(answering(*[overloaded] * 4, response(message_bytes()))) as server:
        done = harness("run", path, "--base-url", server.url, cwd=tmp_path)

    lines = lines_of(latest(tmp_path))
    attempts = [
        attempt for line in lines if line["kind"] == "outcome" for attempt in line["attempts"]
    ]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(server.exchanges) == len(attempts) == 7
    assert [attempt["status"] for attempt in attempts].count(529) == 4
    assert {attempt["wait"] for attempt in attempts} == {0.0, 0.05}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--max-cost", "0.01"], "and the cost budget is 0.01"),
        (["--max-time", "300ms", "--grace", "1s"], "the time budget of 0.3 s is used up"),
    ],
)
def test_a_budget_that_is_spent_ends_the_run_in_good_order(
    tmp_path: Path, options: list[str], words: str
) -> None:
    (tmp_path / "harness.toml").write_text("[prices]\nm = {input = 10.0, output = 10.0}\n")
    path = write_cases(tmp_path, ONE, "repeat: 1000\n")

    async def slow(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0.05)
        writer.write(response(message_bytes()))

    with serving(slow) as server:
        done = harness(
            "run", path, "--base-url", server.url, "--concurrency", "2", *options, cwd=tmp_path
        )

    lines = lines_of(latest(tmp_path))
    assert done.returncode == 4
    assert f"{words}; " in done.stdout
    assert " of 1,000 trials did not end" in done.stdout
    assert (lines[-1]["status"], lines[-1]["exit_code"]) == ("stopped", 4)
    assert {line["outcome"] for line in lines if line["kind"] == "outcome"} == {"passed"}
    assert len(server.exchanges) == sum(line["kind"] == "outcome" for line in lines)


def test_a_budget_in_usd_needs_a_price(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE)

    with serving(answering(response(message_bytes()))) as server:
        done = harness("run", path, "--base-url", server.url, "--max-cost", "1", cwd=tmp_path)

    assert (done.returncode, server.exchanges) == (2, [])
    assert "there is no price for m" in done.stderr


def test_what_outlasts_the_grace_is_ended_and_leaves_no_outcome(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE, "repeat: 5\n")

    async def never(
        _exchange: Exchange, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(30)

    options = ("--max-time", "100ms", "--grace", "200ms")
    with serving(never) as server:
        done = harness("run", path, "--base-url", server.url, *options, cwd=tmp_path)

    assert done.returncode == 4
    assert "5 of 5 trials did not end" in done.stdout
    assert [line["kind"] for line in lines_of(latest(tmp_path))] == [
        "run",
        "end",
    ]


def test_the_key_is_in_no_output_even_if_the_server_sends_it_back(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, ONE + "  - {id: b, prompt: Hi, vars: {k: none}, assert: [{equals: x}]}\n"
    )
    echo = response(message_bytes("you sent sk-canary-4711"))
    refused = response(b'{"error": {"message": "bad key sk-canary-4711"}}', "401 No")

    with serving(answering(refused, echo)) as server:
        done = harness(
            "run", path, "--base-url", server.url, "--junit", "j.xml", "--concurrency", "1",
            "--set", "vars.k=sk-canary-4711", cwd=tmp_path,
        )  # fmt: skip

    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert b"you sent ***" in b"".join(files)
    assert "sk-canary-4711" not in done.stdout + done.stderr
    assert b"sk-canary-4711" not in b"".join(files)


def test_json_prints_one_document_and_nothing_else(tmp_path: Path) -> None:
    path = write_cases(tmp_path, ONE)
    broken = write_suite(tmp_path, "suite: [\n", "broken.suite.yaml")

    with serving(answering(response(message_bytes("bye")))) as server:
        failed = harness("run", path, "--base-url", server.url, "--json", cwd=tmp_path)
    invalid = harness("validate", broken, "--json", cwd=tmp_path)
    misused = harness("run", "--json", "--nonsense", cwd=tmp_path)
    listed = harness("list", path, "--json", cwd=tmp_path)

    document = json.loads(failed.stdout)
    assert (document["exit_code"], document["total"]["failed"]) == (1, 1)
    assert document["problems"][0]["id"] == "test::a"
    assert json.loads(invalid.stdout)["errors"][0]["line"] == 1
    assert json.loads(misused.stdout)["exit_code"] == 2
    assert [trial["id"] for trial in json.loads(listed.stdout)["trials"]] == ["test::a"]


SAME = """\
suite: same
request: {model: m}
matrix: {temperature: [0, 0.7]}
cases:
  - {id: a, prompt: Hi, request: {temperature: 1}, assert: [{contains: Hi}]}
"""
WARNING = "same.suite.yaml:3:10: the variants `0` and `0.7` of the case `a` send the same request"


def test_variants_that_send_the_same_request_are_warned_of_by_every_command(
    tmp_path: Path,
) -> None:
    write_suite(tmp_path, SAME, "same.suite.yaml")

    validated = harness("validate", ".", cwd=tmp_path)
    listed = harness("list", ".", cwd=tmp_path)
    as_json = harness("list", ".", "--json", cwd=tmp_path)
    run = harness("run", ".", "--base-url", "simulator", cwd=tmp_path)
    quiet = harness("run", ".", "--base-url", "simulator", "--json", cwd=tmp_path)

    assert validated.returncode == 0
    assert f"warning: {WARNING}\n  the case sets `temperature` itself" in validated.stdout
    assert validated.stdout.endswith("1 suite, 1 case, 2 trials: 1 warning\n")
    assert f"warning: {WARNING}" in listed.stderr
    assert "warning" not in listed.stdout
    assert len(json.loads(as_json.stdout)["warnings"]) == 1
    assert f"warning: {WARNING}" in run.stderr
    assert "note: 1 pair of variants sent the same request" in run.stdout
    assert (quiet.stderr, len(json.loads(quiet.stdout)["identical_variants"])) == ("", 1)
    schema = json.loads((ROOT / "schemas" / "run.schema.json").read_text())
    head = lines_of(latest(tmp_path))[0]
    assert head["suites"][0]["identical_variants"]
    jsonschema.Draft202012Validator(schema).validate(head)


def test_strictly_a_warning_is_an_error(tmp_path: Path) -> None:
    write_suite(tmp_path, SAME, "same.suite.yaml")

    done = harness("validate", ".", "--strict", cwd=tmp_path)
    as_json = harness("validate", ".", "--strict", "--json", cwd=tmp_path)
    chosen = harness("validate", ".", "--strict", "-k", "0.7", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{WARNING}: the case sets `temperature` itself" in done.stderr
    assert "1 problem; nothing was sent" in done.stderr
    assert json.loads(as_json.stdout)["errors"][0]["column"] == 10
    assert (chosen.returncode, chosen.stderr) == (0, "")


def test_strictly_what_a_run_would_need_is_an_error_that_validate_only_notes(
    tmp_path: Path,
) -> None:
    judged = (
        "suite: kind\nrequest: {model: m}\ncases:\n  - {id: a, prompt: Hi, assert: [{judge: x}]}\n"
    )
    write_suite(tmp_path, judged, "kind.suite.yaml")
    problem = "kind.suite.yaml:4:35: this assertion needs a judge model, but none is configured"

    noted = harness("validate", ".", cwd=tmp_path)
    done = harness("validate", ".", "--strict", cwd=tmp_path)
    answered = harness("validate", ".", "--strict", "--judge", "m", cwd=tmp_path)

    assert (noted.returncode, noted.stderr) == (0, "")
    assert f"note: {problem}" in noted.stdout
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert "--judge" in done.stderr
    assert (answered.returncode, answered.stderr) == (0, "")


def test_a_run_file_is_what_the_published_schema_says(tmp_path: Path) -> None:
    done = harness("run", ROOT / "suites", "--run-file", tmp_path / "run.jsonl", cwd=ROOT)

    assert done.returncode == 1
    schema = json.loads((ROOT / "schemas" / "run.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = lines_of(tmp_path / "run.jsonl")
    for line in lines:
        validator.validate(line)
    assert [lines[0]["kind"], lines[-1]["kind"]] == ["run", "end"]
    assert lines[0]["simulated"] is True
    assert lines[0]["settings"]["base_url"] == "simulator"
    assert "no model was asked" in done.stdout


def test_a_new_run_is_the_latest_one(tmp_path: Path) -> None:
    write_cases(tmp_path, ONE)

    harness("run", ".", "--base-url", "simulator", cwd=tmp_path)
    harness("run", ".", "--base-url", "simulator", cwd=tmp_path)

    reports = tmp_path / "reports"
    runs = sorted(
        path.name for path in reports.iterdir() if path.is_dir() and not path.is_symlink()
    )
    assert len(runs) == 2
    listed = (reports / "index.html").read_text()
    assert all(run in listed for run in runs)
    assert (tmp_path / "reports" / "latest").resolve().name == runs[-1]


class Slow:
    """Answers the first few requests at once and the others after a while."""

    def __init__(self, quick: int, seconds: float) -> None:
        self.quick, self.seconds = quick, seconds

    async def __call__(
        self, _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.quick -= 1
        if self.quick < 0:
            await asyncio.sleep(self.seconds)
        writer.write(response(message_bytes("hello")))
        await writer.drain()


def interrupted(
    folder: Path, seconds: float, *signals: signal.Signals
) -> tuple[int, str, list[dict[str, Any]]]:
    path = write_cases(folder, ONE, "repeat: 1000\n")
    with serving(Slow(5, seconds)) as server:
        command = [
            sys.executable, "-m", "harness", "run", str(path), "--base-url", server.url,
            "--concurrency", "2", "--run-file", "run.jsonl",
        ]  # fmt: skip
        with subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            while len(server.exchanges) < 6:
                time.sleep(0.01)
            time.sleep(0.1)
            for number in signals:
                process.send_signal(number)
                time.sleep(0.1)
            # a run that went on with its trials would take minutes
            output, _ = process.communicate(timeout=30)
    return process.returncode, output, lines_of(folder / "run.jsonl")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_waits_for_the_trials_in_flight(
    tmp_path: Path, which: signal.Signals
) -> None:
    status, output, lines = interrupted(tmp_path, 1.0, which)

    assert status == 130
    assert "Traceback" not in output
    assert "waiting up to 10 s for 2 trials in flight; Ctrl-C again ends at once" in output
    assert "of 1,000 trials did not end" in output
    outcomes = [line for line in lines if line["kind"] == "outcome"]
    assert 7 <= len(outcomes) <= 9
    assert {outcome["outcome"] for outcome in outcomes} == {"passed"}
    assert (lines[-1]["kind"], lines[-1]["status"]) == ("end", "interrupted")


def test_the_second_interrupt_ends_at_once_and_keeps_what_there_is(tmp_path: Path) -> None:
    status, output, lines = interrupted(tmp_path, 300.0, signal.SIGINT, signal.SIGINT)

    assert status == 130
    assert "Traceback" not in output
    assert len([line for line in lines if line["kind"] == "outcome"]) == 5
    assert lines[-1]["status"] == "interrupted"


def test_every_command_has_help_with_examples() -> None:
    for command in ("run", "validate", "list", "simulate", "schema"):
        done = harness(command, "--help", cwd=ROOT)

        assert done.returncode == 0
        assert "Examples:" in done.stdout
        assert f"harness {command}" in done.stdout


def test_the_simulator_as_a_server_answers_as_the_built_in_one_does(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "harness", "simulate", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as simulator:
        assert simulator.stdout is not None
        url = simulator.stdout.readline().partition("listening on ")[2].partition(",")[0]
        try:
            done = harness(
                "run", "suites", "--base-url", url, "--run-file", tmp_path / "r.jsonl",
                "--concurrency", "20", cwd=ROOT,
            )  # fmt: skip
        finally:
            simulator.send_signal(signal.SIGINT)

    outcomes = [line["outcome"] for line in lines_of(tmp_path / "r.jsonl")[1:] if "outcome" in line]
    assert done.returncode == 1
    assert {outcome: outcomes.count(outcome) for outcome in set(outcomes)} == {
        "passed": 141,
        "failed": 5,
        "errored": 3,
        "skipped": 1,
    }


METRICS = """\
suite: spam
request: {model: m}
metrics:
  share: {value: said.mean, min: 0.9}
cases:
  - {id: a, prompt: hello, assert: [{contains: simulator, metric: said}]}
  - id: b
    prompt: hello
    assert: [{contains: nothing, metric: said, severity: warn}, {contains: s}]
"""


def test_a_metric_below_its_limit_fails_the_run_and_is_told_everywhere(tmp_path: Path) -> None:
    write_suite(tmp_path, METRICS)

    options = ("run", ".", "--base-url", "simulator", "--quiet", "--markdown", "m.md")
    done = harness(*options, "--html", "r.html", cwd=tmp_path)

    assert done.returncode == 1
    assert "METRIC spam: share 0.500 (at least 0.9)" in done.stdout
    assert "✗ spam: share 0.500" in (tmp_path / "m.md").read_text()
    assert '"name":"share"' in (tmp_path / "r.html").read_text()
    (end,) = [line for line in lines_of(latest(tmp_path)) if line["kind"] == "end"]
    assert end["computed"][0]["passed"] is False
    assert end["metrics"][0]["mean"] == 0.5


def test_a_metric_over_a_name_that_nothing_collects_is_told_at_its_place(tmp_path: Path) -> None:
    write_suite(tmp_path, METRICS.replace("said.mean", "siad.mean"))

    done = harness("validate", ".", cwd=tmp_path)

    assert done.returncode == 2
    assert "test.suite.yaml:4:18: undefined variable `siad`\n" in done.stderr
    assert "fix: write `said`" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("min: 0.9", "min: 0.9, max: 0.1", "test.suite.yaml:4:34: `min` is larger than `max`"),
        ("share:", "said:", "test.suite.yaml:4:3: the metric `said` is also collected"),
        ("metric: said, s", 'metric: "a\\nb", s', ":9:42: invalid `metric`: `a\\nb`"),
        ("share:", "twice: share * 2\n  share:", ":4:10: undefined variable `share`"),
    ],
)
def test_a_metric_that_cannot_work_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    write_suite(tmp_path, METRICS.replace(old, new))

    done = harness("validate", ".", cwd=tmp_path)

    assert done.returncode == 2
    assert problem in done.stderr


def test_metrics_are_computed_from_those_before_them(tmp_path: Path) -> None:
    more = "  rest: 1 - share\n  both: {value: rest + share, min: 1, max: 1}\ncases:"
    write_suite(tmp_path, METRICS.replace("min: 0.9", "min: 0.1").replace("cases:", more))

    done = harness("run", ".", "--base-url", "simulator", cwd=tmp_path)

    (end,) = [line for line in lines_of(latest(tmp_path)) if line["kind"] == "end"]
    assert done.returncode == 0, done.stderr
    assert [metric["value"] for metric in end["computed"]] == [0.5, 0.5, 1.0]


@pytest.mark.parametrize("value", ["said.mean * 10 ** 400", "(said.mean ~ 'x')", "said.n / 0"])
def test_a_metric_that_is_no_number_is_an_error_of_the_run(tmp_path: Path, value: str) -> None:
    write_suite(tmp_path, METRICS.replace("said.mean", f'"{value}"'))

    done = harness("run", ".", "--base-url", "simulator", cwd=tmp_path)

    assert done.returncode == 3
    assert "METRIC spam: share cannot be computed" in done.stdout


def test_a_metric_that_is_no_expression_is_told_at_its_place(tmp_path: Path) -> None:
    write_suite(tmp_path, METRICS.replace("said.mean", "said. * 2"))

    done = harness("validate", ".", cwd=tmp_path)

    assert done.returncode == 2
    assert "test.suite.yaml:4:" in done.stderr
    assert "not an expression" in done.stderr


def test_a_metric_below_its_limit_fails_a_run_that_is_no_worse_than_its_baseline(
    tmp_path: Path,
) -> None:
    write_suite(tmp_path, METRICS.replace("value: said.mean, min: 0.9", "value: said.mean"))
    assert harness("run", ".", "--base-url", "simulator", cwd=tmp_path).returncode == 0
    write_suite(tmp_path, METRICS)

    done = harness("run", ".", "--base-url", "simulator", "--baseline", "latest", cwd=tmp_path)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "METRIC spam: share 0.500 (at least 0.9)" in done.stdout


def test_limits_of_metrics_are_for_whole_suites_and_a_merge_of_shards_holds_them(
    tmp_path: Path,
) -> None:
    write_suite(tmp_path, METRICS)

    parts = [
        harness("run", ".", *options, "--base-url", "simulator", "--run-file", name, cwd=tmp_path)
        for name, *options in (
            ("1.jsonl", "--shard", "1/2"),
            ("2.jsonl", "--shard", "2/2"),
            ("b.jsonl", "--only", "b"),
        )
    ]
    whole = harness("merge", "1.jsonl", "2.jsonl", "--run-file", "whole.jsonl", cwd=tmp_path)

    assert [part.returncode for part in parts] == [0, 0, 0]
    assert whole.returncode == 1
    assert "METRIC spam: share 0.500 (at least 0.9)" in whole.stdout


def test_a_metric_below_its_limit_is_a_failure_in_junit(tmp_path: Path) -> None:
    write_suite(tmp_path, METRICS)

    harness("run", ".", "--base-url", "simulator", "--junit", "j.xml", cwd=tmp_path)

    root = ET.parse(tmp_path / "j.xml").getroot()  # noqa: S314  # our own file
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "0")
    (failure,) = root.iter("failure")
    assert failure.get("message") == "spam: share 0.500 (at least 0.9)"


def test_a_metric_below_its_limit_fails_a_session_of_pytest(tmp_path: Path) -> None:
    write_suite(tmp_path, METRICS)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--harness-base-url", "simulator"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert "METRIC spam: share 0.500 (at least 0.9)" in done.stdout


@pytest.mark.parametrize("options", [[], ["--json"], ["--quiet"]], ids=["text", "json", "quiet"])
def test_a_full_device_behind_standard_output_is_an_error_and_the_record_stays(
    tmp_path: Path, options: list[str]
) -> None:
    path = write_cases(tmp_path, ONE)
    record = tmp_path / "run.jsonl"
    command = [sys.executable, "-m", "harness", "run", str(path), "--base-url", "simulator"]

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--run-file", str(record), *options],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert '"kind":"end"' in record.read_text()
