"""What was answered once is not asked for again: real processes, a server that counts."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from harness.store.reader import RunReader
from tests.support.processes import (
    command,
    environment_with,
    harness,
    latest,
    lines_of,
    outcomes_of,
)
from tests.support.replies import message_bytes
from tests.support.servers import Answer, Exchange, Server, answering, response, serving
from tests.support.suites import write_cases

pytestmark = pytest.mark.slow  # the command line in processes

CASES = """\
  - {id: a, prompt: one, assert: [{contains: hello}]}
  - {id: b, prompt: two, assert: [{contains: hello}]}
  - {id: c, prompt: three, assert: [{contains: bye}]}
"""
HELLO = response(message_bytes("hello"))
KILLS = int(os.environ.get("TEST_KILLS", "12"))


def asked(server: Server) -> Counter[str]:
    return Counter(
        json.loads(exchange.body)["messages"][0]["content"] for exchange in server.exchanges
    )


def labels(folder: Path) -> dict[str, str]:
    return {
        name.partition("::")[2]: line["outcome"]
        for name, line in outcomes_of(latest(folder)).items()
    }


def test_a_run_that_is_resumed_asks_for_nothing_it_has(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)

    with serving(answering(HELLO)) as server:
        first = harness("run", path, "--base-url", server.url, cwd=tmp_path)
        again = harness("run", path, "--base-url", server.url, "--resume", "latest", cwd=tmp_path)

    assert (first.returncode, again.returncode) == (1, 1)
    assert len(server.exchanges) == 3
    assert labels(tmp_path) == {"a": "passed", "b": "passed", "c": "failed"}
    assert "3 trials used replies of an earlier run" in again.stdout
    assert {line["reply"]["origin"] for line in outcomes_of(latest(tmp_path)).values()} == {"run"}


def test_an_edited_prompt_is_asked_again_and_an_edited_assertion_is_only_judged_again(
    tmp_path: Path,
) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)
        server.exchanges.clear()
        edited = CASES.replace("prompt: two", "prompt: deux").replace(
            "contains: bye", "contains: he"
        )
        write_cases(tmp_path, edited + "  - {id: d, prompt: four}\n")

        done = harness("run", path, "--base-url", server.url, "--resume", "latest", cwd=tmp_path)

    assert done.returncode == 0
    assert asked(server) == {"deux": 1, "four": 1}
    assert labels(tmp_path) == {"a": "passed", "b": "passed", "c": "passed", "d": "unjudged"}


def test_stored_replies_are_judged_by_todays_suite_without_a_call(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, "--repeat", "2", cwd=tmp_path)
    edited = CASES.replace("contains: bye", "equals: hello").replace("prompt: one", "prompt: uno")
    write_cases(tmp_path, edited)

    done = harness("score", "latest", cwd=tmp_path, environment={})

    assert done.returncode == 3
    assert labels(tmp_path) == {
        **dict.fromkeys(("a#1", "a#2"), "errored"),
        **dict.fromkeys(("b#1", "b#2", "c#1", "c#2"), "passed"),
    }
    assert "its request has changed since" in done.stdout
    assert len(server.exchanges) == 6


def test_only_what_failed_is_run_again(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)
        server.exchanges.clear()

        alone = harness("run", path, "--base-url", server.url, "--rerun", "failed", cwd=tmp_path)

    assert alone.returncode == 1
    assert "1 trial in" in alone.stdout
    assert asked(server) == {"three": 1}


REPEATED = """\
  - {id: sure, prompt: one, repeat: 3, assert: [{contains: hello}]}
  - {id: shaky, prompt: two, repeat: 3, pass_rate: 0.6, assert: [{contains: hello}]}
"""


@pytest.mark.parametrize(("extra", "sent"), [((), {"two": 3}), (("--repeat", "5"), {"two": 5})])
def test_a_case_that_failed_is_run_again_with_all_its_repeats_of_today(
    tmp_path: Path, extra: tuple[str, ...], sent: dict[str, int]
) -> None:
    path = write_cases(tmp_path, REPEATED)
    with serving(answering_by_prompt({"two": "hello bye bye"})) as server:
        options = ("run", path, "--base-url", server.url)
        first = harness(*options, cwd=tmp_path)
        server.exchanges.clear()

        harness(*options, *extra, "--rerun", "failed", cwd=tmp_path)

    assert first.returncode == 1
    assert asked(server) == sent


def test_a_case_that_failed_is_sent_anew_in_a_run_that_keeps_the_rest(tmp_path: Path) -> None:
    path = write_cases(tmp_path, REPEATED)
    with serving(answering_by_prompt({"two": "hello bye bye"})) as server:
        options = ("run", path, "--base-url", server.url)
        harness(*options, cwd=tmp_path)
        server.exchanges.clear()
        write_cases(tmp_path, REPEATED + "  - {id: new, prompt: three}\n")

        harness(*options, "--resume", "latest", "--rerun", "failed", cwd=tmp_path)

    assert asked(server) == {"two": 3, "three": 1}
    assert len(labels(tmp_path)) == 7


def test_a_run_that_passed_by_its_pass_rate_has_nothing_to_run_again(tmp_path: Path) -> None:
    path = write_cases(tmp_path, REPEATED)
    with serving(answering_by_prompt({"two": "hello hello bye"})) as server:
        options = ("run", path, "--base-url", server.url)
        first = harness(*options, cwd=tmp_path)
        server.exchanges.clear()

        again = harness(*options, "--rerun", "failed", cwd=tmp_path)
        as_json = harness(*options, "--rerun", "errored", "--json", cwd=tmp_path)
        resumed = harness(*options, "--rerun", "failed", "--resume", "latest", cwd=tmp_path)

    assert [done.returncode for done in (first, again, as_json, resumed)] == [0, 0, 0, 0]
    assert again.stdout.startswith("nothing failed in ")
    assert again.stderr == ""
    assert json.loads(as_json.stdout)["note"].startswith("nothing errored in ")
    assert "note: nothing failed in " in resumed.stdout
    assert server.exchanges == []


def answering_by_prompt(words: dict[str, str]) -> Answer:
    """Answer a prompt with its words in turn, the last one for ever, and others with hello."""
    remaining = {prompt: text.split() for prompt, text in words.items()}

    async def answer(
        exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        texts = remaining.get(json.loads(exchange.body)["messages"][0]["content"], ["hello"])
        text = texts.pop(0) if len(texts) > 1 else texts[0]
        writer.write(response(message_bytes(text)))

    return answer


def test_all_repeats_of_a_case_that_is_flaky_are_run_again(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        """\
  - {id: sure, prompt: one, repeat: 2, assert: [{contains: hello}]}
  - {id: shaky, prompt: two, repeat: 2, assert: [{contains: hello}]}
  - {id: wrong, prompt: three, repeat: 2, assert: [{contains: bye}]}
""",
    )
    with serving(answering_by_prompt({"two": "hello bye"})) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)
        server.exchanges.clear()

        done = harness("run", path, "--base-url", server.url, "--rerun", "flaky", cwd=tmp_path)

    assert asked(server) == {"two": 2}
    assert "2 trials in" in done.stdout


def test_what_failed_is_run_again_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    options = ("--rerun", "failed", "--resume", "latest")
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)
        server.exchanges.clear()

        done = harness("run", path, "--base-url", server.url, *options, cwd=tmp_path)

    assert done.returncode == 1
    assert asked(server) == {"three": 1}
    assert len(labels(tmp_path)) == 3


def test_a_narrow_run_in_between_costs_nothing(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        options = ("run", path, "--base-url", server.url)
        harness(*options, cwd=tmp_path)
        harness(*options, "--resume", "latest", "--only", "a", cwd=tmp_path)
        done = harness(*options, "--resume", "latest", cwd=tmp_path)

    assert done.returncode == 1
    assert len(server.exchanges) == 3
    assert len(labels(tmp_path)) == 3


def test_cases_with_the_same_prompt_keep_their_own_replies(tmp_path: Path) -> None:
    path = write_cases(tmp_path, "  - {id: a, prompt: one}\n  - {id: b, prompt: one}\n")
    replies = [response(message_bytes(text)) for text in ("first", "second")]
    with serving(answering(*replies)) as server:
        options = ("run", path, "--base-url", server.url, "--concurrency", "1")
        harness(*options, cwd=tmp_path)
        harness(*options, "--resume", "latest", cwd=tmp_path)

    texts = {line["case"]: line["reply"]["text"] for line in outcomes_of(latest(tmp_path)).values()}
    assert texts == {"a": "first", "b": "second"}
    assert len(server.exchanges) == 2


def test_the_turns_of_a_conversation_that_broke_off_are_not_paid_twice(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, turns: [{prompt: one}, {prompt: two}], assert: [{contains: hello}]}\n",
    )
    broken = response(b'{"error": {"type": "invalid_request_error"}}', "400 Bad")
    with serving(answering(HELLO, broken, HELLO)) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)

        done = harness("run", path, "--base-url", server.url, "--resume", "latest", cwd=tmp_path)

    assert done.returncode == 0
    assert [len(json.loads(exchange.body)["messages"]) for exchange in server.exchanges] == [
        1,
        3,
        3,
    ]


def test_a_turn_that_was_answered_before_the_process_was_killed_is_kept(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, turns: [{prompt: one}, {prompt: two}], assert: [{contains: hello}]}\n",
    )
    is_slow = True

    async def answer(
        exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if is_slow and b"two" in exchange.body:
            await asyncio.sleep(30)
        writer.write(HELLO)

    with serving(answer) as server:
        options: list[str | Path] = ["run", path, "--base-url", server.url]
        with subprocess.Popen(
            command(*options), cwd=tmp_path, env=environment_with(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            while len(server.exchanges) < 2:
                time.sleep(0.01)
            process.kill()
        is_slow = False
        done = harness(*options, "--resume", "latest", cwd=tmp_path)

    assert done.returncode == 0
    assert [len(json.loads(exchange.body)["messages"]) for exchange in server.exchanges] == [
        1,
        3,
        3,
    ]


def test_only_what_failed_is_asked_again_of_two_cases_with_one_prompt(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: a, prompt: one, assert: [{contains: hello}]}\n"
        "  - {id: b, prompt: one, assert: [{contains: bye}]}\n",
    )
    options = ("--resume", "latest", "--rerun", "failed")
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, cwd=tmp_path)
        harness("run", path, "--base-url", server.url, *options, cwd=tmp_path)

    assert len(server.exchanges) == 3
    origins = {
        line["case"]: line["reply"]["origin"] for line in outcomes_of(latest(tmp_path)).values()
    }
    assert origins == {"a": "run", "b": "service"}


def test_a_wait_that_is_too_long_holds_nobody_else(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    refused = response(b"{}", "429 Slow", extra="retry-after: 86400\r\n")
    began = time.monotonic()

    with serving(answering(refused, HELLO)) as server:
        done = harness("run", path, "--base-url", server.url, "--concurrency", "1", cwd=tmp_path)

    assert time.monotonic() - began < 20
    assert "the service asks to wait 86400 s, and the longest wait is 300 s" in done.stdout
    assert sorted(labels(tmp_path).values()) == ["errored", "failed", "passed"]


def test_a_task_that_was_made_is_attached_to_and_not_made_again(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path, "  - {id: a, prompt: one, request: {async: true}, assert: [{contains: hello}]}\n"
    )
    pending = {"id": "task_1", "object": "task", "status": "pending"}
    ready = False

    async def answer(
        exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        result = {"status": "success", "result": json.loads(message_bytes("hello"))}
        body = {**pending, **(result if ready and exchange.method == "GET" else {})}
        writer.write(response(json.dumps(body).encode()))

    with serving(answer) as server:
        options = ("run", path, "--base-url", server.url)
        stopped = harness(*options, "--max-time", "300ms", "--grace", "100ms", cwd=tmp_path)
        limits = ("--max-time", "300ms", "--grace", "100ms")
        harness(*options, "--resume", "latest", *limits, cwd=tmp_path)
        ready = True
        done = harness(*options, "--resume", "latest", cwd=tmp_path)

    assert (stopped.returncode, done.returncode) == (4, 0)
    assert [exchange.method for exchange in server.exchanges].count("POST") == 1
    assert labels(tmp_path) == {"a": "passed"}


def test_no_reply_is_lost_however_often_the_process_is_killed(tmp_path: Path) -> None:
    number = 2000
    rows = "".join(f"{n}\n" for n in range(number))
    (tmp_path / "rows.csv").write_text(f"n\n{rows}")
    path = write_cases(
        tmp_path,
        '  - {id: "c-{{ n }}", dataset: rows.csv, prompt: "{{ n }}", assert: [equals: hello]}\n',
    )
    concurrency, draw, killed = 20, random.Random(4711), 0

    async def quick(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0.005)
        writer.write(HELLO)

    with serving(quick) as server:
        options: list[str | Path] = [
            "run",
            path,
            "--base-url",
            server.url,
            "--concurrency",
            str(concurrency),
            "-q",
        ]
        while killed < KILLS:
            resume = ["--resume", "latest"] if latest(tmp_path).exists() else []
            process = subprocess.Popen(
                command(*options, *resume),
                cwd=tmp_path,
                env=environment_with(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            before = len(server.exchanges)
            while killed % 3 and len(server.exchanges) == before and process.poll() is None:
                time.sleep(0.002)
            time.sleep(draw.random() * 3.0 / KILLS)
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            if not latest(tmp_path).exists():
                continue  # it was killed before there was a run
            with RunReader(latest(tmp_path)) as reader:
                assert sum(1 for _ in reader.outcomes()) == len(reader)
        done = harness(*options, "--resume", "latest", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(line["index"] for line in outcomes_of(latest(tmp_path)).values()) == list(
        range(number)
    )
    assert len(asked(server)) == number
    assert sum(asked(server).values()) <= number + KILLS * concurrency


def test_a_recorded_run_is_replayed_without_a_network(tmp_path: Path) -> None:
    cases = CASES.replace("contains: hello}]}", "contains: hello}, {max_latency: 5s}]}", 1)
    path = write_cases(tmp_path, cases)
    with serving(answering(HELLO)) as server:
        options = ("run", path, "--base-url", server.url, "--record", "cassettes")
        harness(*options, cwd=tmp_path)
        first = (tmp_path / "cassettes" / "test.jsonl").read_bytes()
        harness(*options, cwd=tmp_path)
    recorded = labels(tmp_path)

    done = harness("run", path, "--replay", "cassettes", cwd=tmp_path, environment={})

    assert (tmp_path / "cassettes" / "test.jsonl").read_bytes() == first
    assert (done.returncode, labels(tmp_path)) == (1, recorded)
    assert "3 trials replayed recorded replies; limits on their time are left out" in done.stdout
    assert b"canary" not in first


def test_what_is_not_in_a_cassette_says_what_changed_and_how_to_record_it(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, "--record", "cas", cwd=tmp_path)
    write_cases(tmp_path, CASES.replace("prompt: two", "prompt: deux") + "  - {id: d, prompt: x}\n")

    done = harness("run", path, "--replay", "cas", cwd=tmp_path, environment={})

    assert done.returncode == 1
    assert labels(tmp_path) == {"a": "passed", "b": "errored", "c": "failed", "d": "errored"}
    assert (
        'its request changed: `messages[0].content` was "two", is "deux"; '
        "record it: harness run … --record cas --only test::b"
    ) in done.stdout
    assert "no reply was recorded: it was never recorded" in done.stdout


def test_a_replay_opens_no_socket(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, "--record", "cas", cwd=tmp_path)
    code = (
        "import socket, sys\n"
        "def refused(*_): raise AssertionError('a socket')\n"
        "sys.addaudithook(lambda event, _: refused() if event == 'socket.connect' else None)\n"
        "from harness.cli import main\n"
        f"sys.exit(main(['run', {str(path)!r}, '--replay', 'cas', '-q']))\n"
    )

    done = subprocess.run(
        [*command()[:1], "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (1, "")


def test_replies_are_shared_by_runs_and_their_time_is_never_judged(tmp_path: Path) -> None:
    timed = "  - {id: a, prompt: one, assert: [{contains: hello}, {max_latency: 5s}]}\n"
    path = write_cases(tmp_path, timed)
    with serving(answering(HELLO)) as server:
        options = ("run", path, "--base-url", server.url, "--cache")
        first = harness(*options, cwd=tmp_path)
        second = harness(*options, cwd=tmp_path)
        (line,) = outcomes_of(latest(tmp_path)).values()
        resumed = harness(*options, "--resume", "latest", cwd=tmp_path)
        third = harness(*options[:-1], cwd=tmp_path)

    done = [first, second, resumed, third]
    assert [each.returncode for each in done] == [0, 0, 0, 0]
    assert len(server.exchanges) == 2
    assert "1 trial took replies from the cache; limits on their time are left out" in second.stdout
    text, latency = line["verdicts"]
    assert (line["outcome"], text["left_out"], latency["left_out"]) == ("passed", False, True)
    assert latency["reason"] == "the reply came from the cache, so it was not timed"


def test_the_cache_is_counted_explained_and_emptied(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        harness("run", path, "--base-url", server.url, "--cache", "--only", "a", cwd=tmp_path)

    stats = harness("cache", "stats", cwd=tmp_path)
    nowhere = harness("cache", "explain", path, cwd=tmp_path)
    named = {"HARNESS_BASE_URL": server.url}
    explained = harness("cache", "explain", path, cwd=tmp_path, environment=named)
    cleared = harness("cache", "clear", cwd=tmp_path)
    empty = harness("cache", "stats", cwd=tmp_path)

    assert ": 1 replies, " in stats.stdout
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "none is named" in nowhere.stderr
    assert "test::a  in the cache since " in explained.stdout
    assert "test::b  not in the cache" in explained.stdout
    assert cleared.stdout == "1 reply removed\n"
    assert ": 0 replies, " in empty.stdout


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.jsonl", b"", "its first line is not that of a run"),
        ("r.jsonl", b'{"kind": "other"}\n', "its first line is not that of a run"),
        ("r.jsonl", b'{"kind":"run","format":99}\n', "was written by a newer version"),
        ("r.jsonl", b'{"kind":"run","format":1}\nhello\n', "is damaged at byte 26"),
        (
            "r.jsonl",
            b'{"kind":"run","format":1}\n{"kind":"outcome","index":xx,}\n',
            "is damaged at byte 26",
        ),
        (
            "r.jsonl",
            b'{"kind":"run","format":1}\n{"kind":"outcome","index":1,"id":"a"}\n',
            "is damaged at byte 26",
        ),
        ("none.jsonl", None, "no run is called `none.jsonl`"),
    ],
)
def test_a_run_file_that_cannot_be_used_is_one_clear_error(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    path = write_cases(tmp_path, CASES)
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with serving(answering(HELLO)) as server:
        done = harness("run", path, "--base-url", server.url, "--resume", name, cwd=tmp_path)

    assert (done.returncode, server.exchanges) == (2, [])
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert content is None or (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", "is damaged in line 1"),
        (b'{"format": 99}\n', "was written by a newer version"),
        (
            b'{"format": 1, "delivery": "at_once", "trial": "test::a", "turn": 1, "key": "x",'
            b' "request": {}, "message": {"content": [5]}}\n',
            "is damaged in line 1",
        ),
        (None, "cannot be read: No such file or directory; cas has other.jsonl"),
    ],
)
def test_a_cassette_that_cannot_be_used_is_one_clear_error(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = write_cases(tmp_path, CASES)
    (tmp_path / "cas").mkdir()
    (tmp_path / "cas" / "other.jsonl").touch()
    if content is not None:
        (tmp_path / "cas" / "test.jsonl").write_bytes(content)

    done = harness("run", path, "--replay", "cas", cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_that_is_still_written_is_not_resumed(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)

    async def never(
        _exchange: Exchange, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(30)

    with serving(never) as server:
        options: list[str | Path] = ["run", path, "--base-url", server.url]
        with subprocess.Popen(
            command(*options), cwd=tmp_path, env=environment_with(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            while not server.exchanges:
                time.sleep(0.01)
            done = harness(*options, "--resume", "latest", cwd=tmp_path)
            process.kill()

    assert done.returncode == 2
    assert f"is being written by another process (pid {process.pid})" in done.stderr


def test_a_run_may_go_on_in_its_own_file(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    with serving(answering(HELLO)) as server:
        options = ("run", path, "--base-url", server.url, "--run-file", "r.jsonl")
        harness(*options, "--only", "a", cwd=tmp_path)
        done = harness(*options, "--resume", "r.jsonl", cwd=tmp_path)

    assert done.returncode == 1
    assert asked(server) == {"one": 1, "two": 1, "three": 1}
    assert len(outcomes_of(tmp_path / "r.jsonl")) == 3
    assert len(outcomes_of(tmp_path / "r.jsonl.old")) == 1
    assert lines_of(tmp_path / "r.jsonl")[-1]["kind"] == "end"
