"""Runs whose variants are compared with each other, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import command, environment_with, harness, latest, outcomes_of
from tests.support.pytests import PLAIN, Project, outcomes_in
from tests.support.replies import message_bytes
from tests.support.servers import Answer, Exchange, Server, response, serving
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

# a model that is tested says its system prompt
SUITE = """\
suite: compared
request: {model: tested}
variants:
  terse: {request: {system: "yes"}}
  polite: {request: {system: "yes, please"}}
  echo: {request: {system: "yes"}}
cases:
  - id: "case-{{ n }}"
    dataset: rows.csv
    prompt: "Say {{ n }}."
    repeat: 2
    assert:
      - contains: "yes"
      - same_as: terse
  - id: best
    prompt: Say the best.
    assert:
      - contains_all: ["yes", please]
      - best_of: polite
"""
EXPECTED = {"terse": "passed", "polite": "failed", "echo": "passed"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "rows.csv").write_text("n\n" + "\n".join(map(str, range(10))) + "\n")
    (tmp_path / "harness.toml").write_text("")
    return tmp_path


def saying(
    delays: Mapping[str, float] | None = None,
    statuses: Mapping[str, str] | None = None,
    better: str = "first",
) -> Answer:
    """Answer with the system prompt, or as a judge that always finds the same text better.

    Args:
        delays: Seconds, by system prompt.
        statuses: HTTP statuses, by system prompt.
        better: What the judge says.
    """

    async def answer(exchange: Exchange, _reader: Any, writer: Any) -> None:
        body = json.loads(exchange.body)
        said = body["system"]
        await asyncio.sleep((delays or {}).get(said, 0))
        if said in (statuses or {}):
            writer.write(response(b"{}", (statuses or {})[said]))
            return
        if body["model"] != "tested":
            word = re.findall(r"<output-([0-9a-f]{16})>", json.dumps(body["messages"]))[-1]
            said = json.dumps({"id": word, "reason": "because", "better": better})
        writer.write(response(message_bytes(said, model=body["model"])))

    return answer


def labels(path: Path) -> dict[str, str]:
    return {name: outcome["outcome"] for name, outcome in outcomes_of(path).items()}


def variants_asked(server: Server) -> Counter[str]:
    return Counter(json.loads(exchange.body)["system"] for exchange in server.exchanges)


@pytest.mark.parametrize("concurrency", ["1", "3", "50"])
@pytest.mark.parametrize("slow", ["yes", "yes, please"])
def test_variants_are_compared_whichever_ends_first(
    folder: Path, concurrency: str, slow: str
) -> None:
    with serving(saying({slow: 0.02})) as server:
        options = ("--base-url", server.url, "--concurrency", concurrency)
        done = harness("run", "test.suite.yaml", *options, cwd=folder)

    outcomes = labels(latest(folder))
    assert done.returncode == 1
    assert len(server.exchanges) == len(outcomes) == 63
    of_cases = {name: label for name, label in outcomes.items() if "::case-" in name}
    assert len(of_cases) == 60
    for name, label in of_cases.items():
        assert label == EXPECTED[name.partition("[")[2].partition("]")[0]], name
    assert outcomes["compared::best[polite]"] == "passed"
    assert outcomes["compared::best[terse]"] == "failed"


def test_many_variants_wait_for_the_last_with_one_place(folder: Path) -> None:
    variants = "".join(f"  v{n:02}: {{request: {{system: 'yes'}}}}\n" for n in range(45))
    cases = "  - {id: a, prompt: Hi, assert: [{same_as: v44}]}\n"
    write_suite(
        folder, f"suite: s\nrequest: {{model: tested}}\nvariants:\n{variants}cases:\n{cases}"
    )
    with serving(saying()) as server:
        options = ("--base-url", server.url, "--concurrency", "1", "--json")
        done = harness("run", "test.suite.yaml", *options, cwd=folder)

    total = json.loads(done.stdout)["total"]
    assert (done.returncode, total["passed"], total["unjudged"]) == (0, 44, 1)


def test_the_time_of_a_trial_is_its_own_and_not_that_of_others(folder: Path) -> None:
    with serving(saying({"yes": 0.5})) as server:
        options = ("--base-url", server.url, "--only", "case-1[polite]#1")
        harness("run", "test.suite.yaml", *options, cwd=folder)

    outcomes = outcomes_of(latest(folder))
    assert outcomes["compared::case-1[polite]#1"]["timings"]["total"] < 0.4
    assert outcomes["compared::case-1[terse]#1"]["timings"]["total"] > 0.4


def test_what_a_chosen_trial_is_compared_with_runs_beside_it(folder: Path) -> None:
    with serving(saying()) as server:
        options = ("test.suite.yaml", "--base-url", server.url)
        for chosen in ("case-3[polite]#2", "case-3[terse]", "best[polite]", "best[echo]"):
            harness("run", *options, "--only", chosen, cwd=folder)
            assert set(labels(latest(folder))) == {
                "case-3[polite]#2": {
                    "compared::case-3[polite]#2", "compared::case-3[terse]#2",
                },
                "case-3[terse]": {"compared::case-3[terse]#1", "compared::case-3[terse]#2"},
                "best[polite]": {f"compared::best[{name}]" for name in EXPECTED},
                "best[echo]": {"compared::best[echo]"},
            }[chosen]  # fmt: skip
        listed = harness("list", "test.suite.yaml", "--only", "best[polite]", cwd=folder)

    assert listed.stdout.count("compared::best[") == 3


def test_a_failed_trial_that_is_run_again_is_compared_again(folder: Path) -> None:
    with serving(saying()) as server:
        options = ("run", "test.suite.yaml", "--base-url", server.url)
        harness(*options, cwd=folder)
        server.exchanges.clear()
        harness(*options, "--rerun", "failed", "--resume", "latest", cwd=folder)

    assert variants_asked(server) == {"yes, please": 20, "yes": 2}
    assert Counter(labels(latest(folder)).values()) == {"passed": 41, "failed": 22}


def test_a_variant_without_a_reply_makes_those_errors_that_are_compared_with_it(
    folder: Path,
) -> None:
    with serving(saying(statuses={"yes": "400 Bad"})) as server:
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, "--only", "case-1[polite]#1",
            cwd=folder,
        )  # fmt: skip

    verdict = outcomes_of(latest(folder))["compared::case-1[polite]#1"]["verdicts"][1]
    assert done.returncode == 3
    assert "the variant `terse` has no reply: HTTP 400" in verdict["reason"]
    assert verdict["error"] is not None


def test_shards_keep_together_what_is_compared(folder: Path) -> None:
    with serving(saying()) as server:
        for number in (1, 2, 3):
            harness(
                "run", "test.suite.yaml", "--base-url", server.url, "--shard", f"{number}/3",
                "--run-file", f"{number}.jsonl", cwd=folder,
            )  # fmt: skip
        assert len(server.exchanges) == 63
        harness("run", "test.suite.yaml", "--base-url", server.url, cwd=folder)

    merged = harness(
        "merge", "3.jsonl", "1.jsonl", "2.jsonl", "--run-file", "all.jsonl", cwd=folder
    )
    assert merged.returncode == 1, merged.stderr
    assert labels(folder / "all.jsonl") == labels(latest(folder))
    indexes = [outcome["index"] for outcome in outcomes_of(folder / "all.jsonl").values()]
    assert indexes == list(range(63))


def test_stored_replies_are_compared_again_without_a_call(folder: Path) -> None:
    with serving(saying()) as server:
        options = ("--base-url", server.url, "--record", "cassettes")
        harness("run", "test.suite.yaml", *options, cwd=folder)
    first = labels(latest(folder))

    assert harness("run", "test.suite.yaml", "--replay", "cassettes", cwd=folder).returncode == 1
    assert labels(latest(folder)) == first
    assert harness("score", "latest", cwd=folder).returncode == 1
    assert labels(latest(folder)) == first

    write_suite(folder, SUITE.replace("same_as: terse", "not_same_as: terse"))
    harness("score", "latest", cwd=folder)
    turned = {name: label for name, label in labels(latest(folder)).items() if "::case-" in name}
    assert Counter(turned.values()) == {"passed": 40, "failed": 20}


def started(folder: Path, server: Server, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("run", "test.suite.yaml", "--base-url", server.url, *options),
        cwd=folder, env=environment_with(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def kept_replies(folder: Path) -> int:
    path = latest(folder)
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith(b"\n")]
    kept = [line for line in whole if line["kind"] == "reply"]
    return len({(line["trial"], line["reply"]["key"]) for line in kept})


def wait_for(folder: Path, number: int) -> None:
    end = time.monotonic() + 20
    while kept_replies(folder) < number:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_reply_that_waits_for_others_is_not_lost_when_the_process_is_killed(
    folder: Path,
) -> None:
    delays = {"yes": 30.0}
    with serving(saying(delays)) as server:
        chosen = ("--only", "case-1", "--only", "case-2")
        with started(folder, server, *chosen) as process:
            wait_for(folder, 4)
            process.kill()
        assert kept_replies(folder) == 4

        # killed again while those wait that are known already
        asked = len(server.exchanges)
        with started(folder, server, *chosen, "--resume", "latest") as process:
            while len(server.exchanges) == asked:
                time.sleep(0.01)
            process.kill()
        assert kept_replies(folder) == 4  # carried over before anything was sent
        delays.clear()
        server.exchanges.clear()
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, *chosen, "--resume", "latest",
            cwd=folder,
        )  # fmt: skip

    assert done.returncode == 1
    assert variants_asked(server) == {"yes": 8}
    assert Counter(labels(latest(folder)).values()) == {"passed": 8, "failed": 4}


def test_a_reply_that_a_judge_reads_is_not_lost_when_the_process_is_killed(folder: Path) -> None:
    write_suite(
        folder,
        "suite: judged\nrequest: {model: tested, system: hello}\n"
        "cases: [{id: a, prompt: Hi, assert: [{judge: kind}]}]\n",
    )

    async def silent_judge(exchange: Exchange, _reader: Any, writer: Any) -> None:
        if json.loads(exchange.body)["model"] == "judge-1":
            await asyncio.sleep(30)
        writer.write(response(message_bytes("hello")))

    with serving(silent_judge) as server:
        with started(folder, server, "--judge", "judge-1") as process:
            while len(server.exchanges) < 2:
                time.sleep(0.01)
            process.kill()
        assert kept_replies(folder) == 1


def test_what_waits_for_a_trial_that_never_starts_ends_with_the_run(folder: Path) -> None:
    suite = SUITE.replace("same_as: terse", "same_as: echo")
    write_suite(folder, suite)
    (folder / "harness.toml").write_text("[prices]\ntested = {input = 1000, output = 1000}\n")
    with serving(saying({"yes, please": 0.3})) as server:
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, "--max-time", "0.1s",
            "--concurrency", "2", cwd=folder,
        )  # fmt: skip

    assert done.returncode == 4
    lost = [
        verdict
        for outcome in outcomes_of(latest(folder)).values()
        for verdict in outcome["verdicts"]
        if verdict["error"] is not None
    ]
    assert lost
    assert {outcome["reason"] for outcome in lost} == {
        "the variant `echo` was not run, because the run was stopped"
    }


def test_a_judge_compares_in_both_orders_and_is_counted(folder: Path) -> None:
    write_suite(folder, SUITE.replace("same_as: terse", "prefer: kind\n        over: terse"))
    with serving(saying(better="first")) as server:
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, "--judge", "judge-1", "--only",
            "case-1", "--json", cwd=folder,
        )  # fmt: skip

    total = json.loads(done.stdout)["total"]
    asked = [
        exchange for exchange in server.exchanges if json.loads(exchange.body)["model"] == "judge-1"
    ]
    assert (total["judge_calls"], len(asked)) == (4, 4)  # echo said the same as terse
    verdict = outcomes_of(latest(folder))["compared::case-1[polite]#1"]["verdicts"][1]
    assert (verdict["passed"], verdict["score"]) == (False, 0.5)
    assert len(verdict["asked"]) == 2


def test_flipped_cases_are_confirmed_with_what_they_are_compared_with(folder: Path) -> None:
    (folder / "harness.toml").write_text('judge = "judge-1"\n')
    write_suite(folder, SUITE.replace('"yes, please"', '"yes"'))
    with serving(saying()) as server:
        options = ("run", "test.suite.yaml", "--base-url", server.url)
        harness(*options, "--only", "case-1", "--only", "case-2", cwd=folder)
        write_suite(folder, SUITE)
        server.exchanges.clear()
        done = harness(
            *options, "--only", "case-1", "--only", "case-2", "--baseline", "latest",
            "--confirm", "6", "--json", cwd=folder,
        )  # fmt: skip

    baseline = json.loads(done.stdout)["baseline"]
    assert baseline["notes"][0].startswith(
        "confirmed: of the 2 cases that were run again 6 times, 2 fail again: "
    )
    broken = ["compared::case-1[polite]", "compared::case-2[polite]"]
    assert baseline["comparisons"][0]["broken"] == broken
    assert baseline["confirmed"]["failed_again"] == broken
    # the run itself, both cases six times, with `terse`, on both sides, and what did not flip once
    assert len(server.exchanges) == 12 + 2 * 2 * 2 * 6 + 4


@pytest.mark.parametrize(
    ("options", "counts", "calls"),
    [
        ((), {"passed": 23, "failed": 10}, 63),
        (("-k", "case-3[polite]"), {"failed": 1}, 4),
        (("-k", "case-3[terse]"), {"passed": 1}, 2),
        (("-k", "best[polite]"), {"passed": 1}, 3),
    ],
)
def test_pytest_compares_them_too(
    folder: Path, options: tuple[str, ...], counts: dict[str, int], calls: int
) -> None:
    suite = SUITE.replace(
        'contains_all: ["yes", please]', "contains: please\n        severity: warn"
    )
    write_suite(folder, suite.replace("best_of: polite", "best_of: polite\n        by: latency"))
    with serving(saying({"yes": 0.05})) as server:
        done = Project(folder, server).pytest("-q", "test.suite.yaml", *options)

    outcomes = outcomes_in(done.stdout)
    assert {count: outcomes.get(count) for count in counts} == counts, done.stdout
    assert len(server.exchanges) == calls


@pytest.mark.parametrize("distribution", ["load", "loadfile"])
def test_workers_of_xdist_each_have_what_they_compare(folder: Path, distribution: str) -> None:
    with serving(saying()) as server:
        project = Project(folder, server, {**PLAIN, "PYTEST_PLUGINS": ""}).with_plugins(
            "xdist.plugin"
        )
        options = ("-q", "test.suite.yaml", "-n", "2", "--dist", distribution, "-p", "no:randomly")
        done = project.pytest(*options)

    assert outcomes_in(done.stdout) == {"failed": 12, "passed": 21}, done.stdout
    assert len(outcomes_of(latest(folder))) == 63
    if distribution == "loadfile":
        assert len(server.exchanges) == 63


def test_a_pytest_rerun_asks_for_nothing_that_it_is_compared_with(folder: Path) -> None:
    with serving(saying()) as server:
        project = Project(folder, server).with_plugins("pytest_rerunfailures")
        done = project.pytest("-q", "test.suite.yaml", "--reruns", "1", "-k", "case-3[polite]")

    assert outcomes_in(done.stdout)["rerun"] == 1
    assert variants_asked(server) == {"yes, please": 4, "yes": 2}


CONVERSATION = """\
suite: talk
request: {model: tested}
variants: {plain: {request: {system: "yes"}}, warm: {request: {system: "no"}}}
cases:
  - id: a
    turns:
      - {prompt: first, assert: [{not_same_as: plain}]}
      - {prompt: second}
"""


def test_a_conversation_that_breaks_off_is_errored_whatever_its_turns_compared(
    folder: Path,
) -> None:
    write_suite(folder, CONVERSATION)

    async def answer(exchange: Exchange, _reader: Any, writer: Any) -> None:
        body = json.loads(exchange.body)
        is_broken = body["system"] == "no" and len(body["messages"]) > 1
        said = response(b"{}", "400 Bad") if is_broken else response(message_bytes(body["system"]))
        writer.write(said)

    with serving(answer) as server:
        done = harness("run", "test.suite.yaml", "--base-url", server.url, cwd=folder)

    outcome = outcomes_of(latest(folder))["talk::a[warm]"]
    assert done.returncode == 3
    assert (outcome["outcome"], outcome["score"]) == ("errored", None)
    assert "the conversation broke off" in outcome["verdicts"][0]["reason"]


@pytest.mark.parametrize("concurrency", ["1", "2", "8"])
def test_a_judge_that_is_retried_holds_nobody_up(folder: Path, concurrency: str) -> None:
    write_suite(folder, SUITE.replace("same_as: terse", "prefer: kind\n        over: terse"))
    judging, seen = saying(better="tie"), Counter[bytes]()

    async def answer(exchange: Exchange, reader: Any, writer: Any) -> None:
        seen[exchange.body] += 1
        if b"judge-1" in exchange.body and seen[exchange.body] == 1:
            writer.write(response(b"{}", "429 Slow", extra="retry-after: 0\r\n"))
            return
        await judging(exchange, reader, writer)

    with serving(answer) as server:
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, "--judge", "judge-1",
            "--concurrency", concurrency, "--only", "case-1", "--only", "case-2", cwd=folder,
        )  # fmt: skip

    assert done.returncode == 1
    assert len(outcomes_of(latest(folder))) == 12


def test_a_resumed_run_compares_no_reply_with_itself(folder: Path) -> None:
    (folder / "harness.toml").write_text("cache = true\n")
    write_suite(
        folder,
        "suite: same\nrequest: {model: tested, system: x}\n"
        "variants: {one: {vars: {n: 1}}, two: {vars: {n: 2}}}\n"
        "cases: [{id: a, prompt: Hi, assert: [{same_as: one}]}]\n",
    )
    number = 0

    async def answer(_exchange: Exchange, _reader: Any, writer: Any) -> None:
        nonlocal number
        number += 1
        writer.write(response(message_bytes(f"reply {number}")))

    with serving(answer) as server:
        options = ("run", "test.suite.yaml", "--base-url", server.url)
        harness(*options, "--only", "a[one]", cwd=folder)
        resumed = harness(*options, "--resume", "latest", cwd=folder)
        cached = harness(*options, cwd=folder)

    assert (resumed.returncode, cached.returncode) == (1, 1)
    assert len(server.exchanges) == 2


def test_variants_that_call_other_tools_are_not_the_same(folder: Path) -> None:
    write_suite(folder, SUITE.replace('- contains: "yes"\n      ', "", 1))

    async def answer(exchange: Exchange, _reader: Any, writer: Any) -> None:
        name = json.loads(exchange.body)["system"].replace(", ", "_")
        call = {"type": "tool_use", "id": "t", "name": name, "input": {}}
        writer.write(response(message_bytes(content=[call], stop_reason="tool_use")))

    with serving(answer) as server:
        options = ("--base-url", server.url, "--only", "case-1")
        harness("run", "test.suite.yaml", *options, cwd=folder)

    outcomes = outcomes_of(latest(folder))
    assert outcomes["compared::case-1[echo]#1"]["outcome"] == "passed"
    assert (
        "does not call the same tools"
        in outcomes["compared::case-1[polite]#1"]["verdicts"][0]["reason"]
    )
