"""Runs with a judge, in processes of their own, against the simulator as a server that counts."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.store.reader import RunReader
from tests.support.processes import harness, latest, lines_of, outcomes_of
from tests.support.replies import message_bytes
from tests.support.servers import Answer, Exchange, Server, response, serving
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: judged
request: {model: tested}
cases:
  - id: "case-{{ n }}"
    dataset: rows.csv
    prompt: "Say {{ n }}."
    assert:
      - contains: said
      - judge: It is kind.
        votes: 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "rows.csv").write_text("n\n1\n2\n3\n4\n")
    return tmp_path


def judging(score: float) -> Answer:
    """Answer as a tested model that repeats what it is told, and as a judge that gives a score."""

    async def answer(exchange: Exchange, _reader: Any, writer: Any) -> None:
        body = json.loads(exchange.body)
        text = json.dumps(body["messages"])
        if body["model"] == "tested":
            said = f"said {re.findall(r'Say (.)', text)[0]}"
        else:
            word = re.findall(r"<output-([0-9a-f]{16})>", text)[-1]
            said = json.dumps({"id": word, "reason": "because", "score": score})
        writer.write(response(message_bytes(said, model=body["model"])))

    return answer


def models(server: Server) -> list[str]:
    return [json.loads(exchange.body)["model"] for exchange in server.exchanges]


def test_a_judge_is_asked_apart_from_the_model_that_is_tested(folder: Path) -> None:
    with serving(judging(0.9)) as server:
        done = harness(
            "run", "test.suite.yaml", "--base-url", server.url, "--judge", "judge-1", "--json",
            cwd=folder,
        )  # fmt: skip

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert sorted(models(server)) == ["judge-1"] * 12 + ["tested"] * 4
    total = document["total"]
    assert (total["trials"], total["judge_calls"], total["output_tokens"]) == (4, 12, 12)
    lines = lines_of(latest(folder))
    assert lines[0]["judge"] == "judge-1"
    verdict = outcomes_of(latest(folder))["judged::case-1"]["verdicts"][1]
    assert [call["model"] for call in verdict["asked"]] == ["judge-1"] * 3
    assert "said 1" in json.dumps(verdict["asked"][0]["messages"])


def test_without_a_judge_nothing_is_sent(folder: Path) -> None:
    with serving(judging(1)) as server:
        done = harness("run", "test.suite.yaml", "--base-url", server.url, cwd=folder)

    assert done.returncode == 2
    assert (
        "test.suite.yaml:9:9: this assertion needs a judge model, but none is configured"
        in done.stderr
    )
    assert "--judge MODEL" in done.stderr
    assert server.exchanges == []
    assert (
        "note: test.suite.yaml:9:9: this assertion needs a judge model, but none is configured"
        in (harness("validate", ".", cwd=folder).stdout)
    )


def test_listing_needs_no_judge_and_counts_its_calls(folder: Path) -> None:
    done = harness("list", "test.suite.yaml", cwd=folder)

    assert done.returncode == 0
    assert "of the judge" in done.stdout


def test_a_bound_of_cost_needs_the_judges_price_too(folder: Path) -> None:
    (folder / "harness.toml").write_text("[prices]\ntested = {input = 1, output = 1}\n")
    with serving(judging(1)) as server:
        options = ("--base-url", server.url, "--judge", "judge-1", "--max-cost", "1")
        done = harness("run", "test.suite.yaml", *options, cwd=folder)

    assert done.returncode == 2
    assert "there is no price for judge-1" in done.stderr
    assert server.exchanges == []


def test_what_the_judge_said_is_not_asked_for_again(folder: Path) -> None:
    with serving(judging(0.9)) as server:
        options = ("--base-url", server.url, "--judge", "judge-1")
        harness("run", "test.suite.yaml", *options, cwd=folder)
        server.exchanges.clear()

        (folder / "harness.toml").write_text('judge = "judge-1"\n')
        scored = harness("score", "latest", cwd=folder)
        resumed = harness("run", "test.suite.yaml", *options, "--resume", "latest", cwd=folder)
        assert (scored.returncode, resumed.returncode, models(server)) == (0, 0, [])

        suite = (folder / "test.suite.yaml").read_text().replace("It is kind.", "It is brief.")
        (folder / "test.suite.yaml").write_text(suite)
        harness("run", "test.suite.yaml", *options, "--resume", "latest", cwd=folder)
        assert models(server) == ["judge-1"] * 12


def test_recorded_answers_of_a_judge_are_replayed(folder: Path) -> None:
    with serving(judging(0.9)) as server:
        options = ("--judge", "judge-1", "--base-url", server.url)
        harness("run", "test.suite.yaml", *options, "--record", "tapes", cwd=folder)

    replayed = harness(
        "run", "test.suite.yaml", "--judge", "judge-1", "--replay", "tapes", cwd=folder
    )

    assert replayed.returncode == 0
    assert "12 calls of the judge" in replayed.stdout


def test_repeats_share_no_answer_of_a_judge(folder: Path) -> None:
    write_suite(folder, SUITE.replace("prompt:", "repeat: 2\n    prompt:"))
    options = ("test.suite.yaml", "--judge", "judge-1", "--cache", "--base-url")
    with serving(judging(1)) as server:
        harness("run", *options, server.url, cwd=folder)
        first = models(server)
        server.exchanges.clear()
        harness("run", *options, server.url, cwd=folder)

    assert sorted(first) == ["judge-1"] * 24 + ["tested"] * 8
    assert models(server) == []


def test_what_a_judge_decided_can_be_run_again_and_scored_without_naming_it_anew(
    folder: Path,
) -> None:
    with serving(judging(0)) as server:
        options = ("--judge", "judge-1", "--base-url", server.url)
        done = harness("run", "test.suite.yaml", *options, cwd=folder)
    scored = harness("score", "latest", cwd=folder)

    assert f"--base-url {server.url} --judge judge-1" in done.stdout
    assert scored.returncode == 1, scored.stderr


def test_long_texts_that_judges_are_shown_are_kept_once(folder: Path) -> None:
    context = "Page 7731. " + "The lamp costs 40 EUR. " * 500
    write_suite(
        folder,
        SUITE.replace("judge: It is kind.", f"faithful_to: {json.dumps(context)}"),
    )
    with serving(judging(1)) as server:
        options = ("--base-url", server.url, "--judge", "judge-1")
        done = harness("run", "test.suite.yaml", *options, cwd=folder)
    rescored = harness("score", "latest", "test.suite.yaml", "--judge", "judge-1", cwd=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    written = latest(folder).read_text()
    assert written.count("Page 7731.") == 4  # once for each reply that it was shown with
    assert rescored.returncode == 0, rescored.stdout + rescored.stderr
    with RunReader(latest(folder)) as reader:
        asked = reader.outcome(0)["verdicts"][1]["asked"]
    assert all(context.strip() in str(call["messages"]) for call in asked)
    schema = json.loads((Path(__file__).parents[1] / "schemas" / "run.schema.json").read_text())
    for line in lines_of(latest(folder)):
        jsonschema.validate(line, schema)


def test_a_judge_that_made_no_sense_is_asked_anew_when_its_trial_is_run_again(folder: Path) -> None:
    options = ("test.suite.yaml", "--judge", "judge-1", "--base-url")
    answers = [judging(2)]  # a score out of range is no grade

    async def answer(*exchange: Any) -> None:
        await answers[-1](*exchange)

    with serving(answer) as server:
        first = harness("run", *options, server.url, "--json", cwd=folder)
        server.exchanges.clear()
        answers.append(judging(1))
        again = harness(
            "run", *options, server.url, "--resume", "latest", "--rerun", "errored", cwd=folder
        )

    assert first.returncode == 3
    total = json.loads(first.stdout)["total"]
    assert total["judge_calls"] == 24  # two tries of each of three votes on four replies
    assert again.returncode == 0, again.stdout + again.stderr
    assert sorted(models(server)) == ["judge-1"] * 12 + ["tested"] * 4


def test_a_service_that_refuses_the_judge_makes_errors_and_keeps_the_replies(folder: Path) -> None:
    tested = judging(1)

    async def answer(exchange: Exchange, reader: Any, writer: Any) -> None:
        if json.loads(exchange.body)["model"] == "tested":
            await tested(exchange, reader, writer)
        else:
            error = b'{"error": {"type": "not_found_error", "message": "no such model"}}'
            writer.write(response(error, "404 Not Found"))

    with serving(answer) as server:
        options = ("--base-url", server.url, "--judge", "judge-1")
        done = harness("run", "test.suite.yaml", *options, cwd=folder)

    assert done.returncode == 3
    assert "the judge: it did not answer: HTTP 404 not_found_error: no such model" in done.stdout
    outcome = outcomes_of(latest(folder))["judged::case-1"]
    assert outcome["outcome"] == "errored"
    assert outcome["reply"]["message"]["content"][0]["text"] == "said 1"
    assert outcome["verdicts"][0]["passed"]


def test_a_run_that_is_cut_short_counts_what_came_to_trials_that_did_not_end(folder: Path) -> None:
    answer = judging(0.9)

    async def never_judging(exchange: Exchange, reader: Any, writer: Any) -> None:
        if json.loads(exchange.body)["model"] != "tested":
            await asyncio.sleep(30)
        await answer(exchange, reader, writer)

    options = ("--judge", "j", "--max-time", "1s", "--grace", "100ms")
    with serving(never_judging) as server:
        done = harness("run", "test.suite.yaml", "--base-url", server.url, *options, cwd=folder)
    again = harness("report", "latest", "--format", "markdown", "-o", "-", cwd=folder)

    asked = sum(model != "tested" for model in models(server))
    ending = lines_of(latest(folder))[-1]
    assert done.returncode == 4
    assert ending["unfinished"] == {
        "replies": 4, "judge_calls": 0, "requests": asked, "input_tokens": 48,
        "output_tokens": 12, "cost": 0.0, "unreported": 0,
    }  # fmt: skip
    for said in (done.stdout, again.stdout):
        assert "of trials that did not end: 4 replies, 48 + 12 tokens" in said
        assert f"{asked} requests without a reply, perhaps billed" in said


def test_a_budget_counts_replies_whose_judges_have_not_answered(folder: Path) -> None:
    (folder / "rows.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(100)))
    (folder / "harness.toml").write_text(
        "[prices.tested]\ninput = 10_000\noutput = 10_000\n[prices.j]\ninput = 0\noutput = 0\n"
    )
    answer = judging(0.9)

    async def slowly_judging(exchange: Exchange, reader: Any, writer: Any) -> None:
        await asyncio.sleep(0.02 if json.loads(exchange.body)["model"] == "tested" else 1)
        await answer(exchange, reader, writer)

    options = ("--judge", "j", "--max-cost", "0.6", "--concurrency", "2")  # 0.15 USD a reply
    with serving(slowly_judging) as server:
        done = harness("run", "test.suite.yaml", "--base-url", server.url, *options, cwd=folder)

    assert done.returncode == 4
    assert "STOPPED: the replies cost 0.6000 USD, and the cost budget is 0.6" in done.stdout
    assert models(server).count("tested") <= 6


def test_runs_with_other_judges_are_not_compared(folder: Path) -> None:
    with serving(judging(0.9)) as server:
        for judge in ("judge-1", "judge-2"):
            options = ("--base-url", server.url, "--judge", judge, "--run-file", judge)
            harness("run", "test.suite.yaml", *options, cwd=folder)

    done = harness("compare", "judge-1", "judge-2", cwd=folder)

    assert "different judges: judge-1 and judge-2" in done.stdout + done.stderr


def test_a_suite_may_bring_its_judge_along(folder: Path) -> None:
    judge = "judge: {model: own-judge, prompt: {file: judge.md}}\ncases:"
    write_suite(folder, SUITE.replace("cases:", judge))
    (folder / "judge.md").write_text("{{ task }} Answer with {{ word }} and\n{{ keys }}")

    with serving(judging(0.9)) as server:
        done = harness("run", "test.suite.yaml", "--base-url", server.url, cwd=folder)

    assert done.returncode == 0
    assert set(models(server)) == {"tested", "own-judge"}
    assert lines_of(latest(folder))[0]["judge"] == "own-judge"


@pytest.mark.parametrize(
    ("judge", "position", "words"),
    [
        ("{modle: x}", "3:9", "unknown key `modle`"),
        ("{prompt: '{{ taks }}'}", "3:21", "undefined variable `taks`"),
        ("{prompt: {file: gone.md}}", "3:24", "file not found: `gone.md`"),
        ("{temperature: 2}", "3:22", "out of range"),
    ],
)
def test_a_wrong_judge_of_a_suite_is_told_at_its_place(
    folder: Path, judge: str, position: str, words: str
) -> None:
    write_suite(folder, SUITE.replace("cases:", f"judge: {judge}\ncases:"))

    done = harness("validate", "test.suite.yaml", cwd=folder)

    assert done.returncode == 2
    assert f"test.suite.yaml:{position}: " in done.stderr
    assert words in done.stderr
