"""`harness judge-check` against a judge that answers by a rule."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import harness, latest, lines_of
from tests.support.replies import message_bytes
from tests.support.servers import Answer, Exchange, response, serving

pytestmark = pytest.mark.slow  # the command line in processes

LABELLED = [
    ("Thank you!", True), ("Please wait.", True), ("Go away.", False), ("Please go away.", False),
    ("No.", False), ("Gladly.", True),
]  # fmt: skip


def polite(word: str = "lease|hank") -> Answer:
    """Answer as a judge that passes what holds a polite word."""

    async def answer(exchange: Exchange, _reader: Any, writer: Any) -> None:
        text = json.dumps(json.loads(exchange.body)["messages"])
        id_, output = re.findall(r"<output-([0-9a-f]{16})>\\n(.*?)\\n</output", text)[-1]
        score = 0.9 if re.search(word, output) else 0.1
        said = json.dumps({"id": id_, "reason": f"about {output}", "score": score})
        writer.write(response(message_bytes(said)))

    return answer


def write(folder: Path, lines: list[Any]) -> Path:
    path = folder / "labelled.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_judge_is_held_against_people(tmp_path: Path) -> None:
    write(tmp_path, [{"output": text, "pass": label} for text, label in LABELLED])

    with serving(polite()) as server:
        options = ("--judge", "j", "--rubric", "It is polite.", "--base-url", server.url)
        done = harness("judge-check", "labelled.jsonl", *options, "--json", cwd=tmp_path)
        shown = harness("judge-check", "labelled.jsonl", *options, cwd=tmp_path)

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert len(server.exchanges) == 12
    assert document["table"] == {"both_pass": 2, "only_judge": 1, "only_people": 1, "both_fail": 2}
    assert document["agreement"] == pytest.approx(4 / 6)
    assert document["kappa"] == pytest.approx(1 / 3)
    assert document["kappa_interval"] == pytest.approx([-0.477, 0.858], abs=1e-3)
    assert document["tpr"]["share"] == document["tnr"]["share"] == pytest.approx(2 / 3)
    assert (document["min_kappa"], document["shortfall"]) == (None, None)
    assert [output["id"] for output in document["disputed"]] == ["line-4", "line-6"]
    assert "Cohen's kappa 0.333 [-0.477, 0.858] (fair)" in shown.stdout
    assert "the judge passes 2 of the 3 outputs that people pass (TPR 67 %" in shown.stdout
    assert "line-4: people say fail; the judge gives 0.9" in shown.stdout
    record = tmp_path / document["run_file"]
    assert lines_of(record)[0]["judge"] == "j"
    assert not latest(tmp_path).exists()  # it is no run to go on with


def test_a_line_ends_at_a_line_feed_only(tmp_path: Path) -> None:
    (tmp_path / "labelled.jsonl").write_text('{"output": "Thank you\u2028all", "pass": true}\n')

    with serving(polite()) as server:
        options = ("--judge", "j", "--rubric", "r", "--base-url", server.url)
        done = harness("judge-check", "labelled.jsonl", *options, cwd=tmp_path)

    assert done.returncode == 0, done.stderr


def test_each_line_may_ask_something_else(tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            {"id": "one", "output": "Please.", "pass": True, "assert": {"judge": "x", "min": 0.5}},
            {"output": "Please.", "pass": True, "assert": {"all_of": [{"judge": "y"}]}},
        ],
    )

    with serving(polite()) as server:
        options = ("--judge", "j", "--base-url", server.url, "--min-kappa", "0.5")
        done = harness("judge-check", "labelled.jsonl", *options, cwd=tmp_path)

    assert done.returncode == 1  # with one label only there is no kappa
    assert "undefined: all labels are the same" in done.stdout
    assert "failed: kappa is undefined" in done.stdout
    assert "add outputs that people fail" in done.stdout


def test_a_gate_holds_if_the_whole_interval_reaches_it(tmp_path: Path) -> None:
    write(tmp_path, [{"output": text, "pass": "lease" in text} for text, _ in LABELLED * 5])

    with serving(polite("lease")) as server:
        options = ("--judge", "j", "--rubric", "r", "--base-url", server.url, "--json")
        low, high = (
            harness("judge-check", "labelled.jsonl", "--min-kappa", least, *options, cwd=tmp_path)
            for least in ("0.7", "0.95")
        )

    met, missed = json.loads(low.stdout), json.loads(high.stdout)
    assert (low.returncode, met["kappa"], met["shortfall"]) == (0, 1.0, None)
    assert (high.returncode, missed["exit_code"], missed["min_kappa"]) == (1, 1, 0.95)
    assert "its interval begins below that; about " in missed["shortfall"]


def test_a_judge_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, [{"output": "x", "pass": True}])

    with serving(polite()) as server:
        options = ("--rubric", "r", "--base-url", server.url)
        nobody = harness("judge-check", "labelled.jsonl", *options, cwd=tmp_path)
    gone = harness(
        "judge-check", "labelled.jsonl", "--judge", "j", *options, cwd=tmp_path,
        environment={"HARNESS_API_KEY": "k", "HARNESS_MAX_ATTEMPTS": "1"},
    )  # fmt: skip

    assert (nobody.returncode, gone.returncode) == (2, 3)
    assert "none is configured" in nobody.stderr
    assert "1 could not be judged" in gone.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("{", "labelled.jsonl:1: not JSON"),
        ("[]", "labelled.jsonl:1: not a JSON object"),
        ('\n{"output": "x"}', "labelled.jsonl:2: `output` must be a text and `pass` true or false"),
        ('{"output": 1, "pass": true}', "`output` must be a text"),
        ('{"output": "x", "pass": "yes"}', "`pass` true or false"),
        ('{"output": "x", "pass": true, "label": 1}', "unknown key `label`"),
        ('{"output": "x", "pass": true}', "there is nothing to ask the judge"),
        ('{"output": "x", "pass": true, "assert": {"jugde": "x"}}', "unknown assertion `jugde`"),
    ],
)
def test_a_file_that_is_none_is_told_before_anything_is_sent(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "labelled.jsonl").write_text(text)

    with serving(polite()) as server:
        options = ("--judge", "j", "--base-url", server.url)
        done = harness("judge-check", "labelled.jsonl", *options, cwd=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr
    assert server.exchanges == []


def test_one_that_ends_before_its_time_does_not_pass_on_what_was_judged_until_then(
    tmp_path: Path,
) -> None:
    lines = [{"output": text, "pass": label} for text, label in LABELLED[:3] * 20]
    write(tmp_path, lines)
    judge, answered = polite(), 0

    async def answer(exchange: Exchange, reader: Any, writer: Any) -> None:
        nonlocal answered
        answered += 1
        if answered > 6:
            writer.write(
                response(b'{"type":"error","error":{"type":"authentication_error"}}', "401 No")
            )
        else:
            await judge(exchange, reader, writer)

    with serving(answer) as server:
        options = ("--judge", "j", "--rubric", "r", "--min-kappa", "0.1", "--concurrency", "1")
        done = harness(
            "judge-check", "labelled.jsonl", *options, "--base-url", server.url, cwd=tmp_path
        )

    assert done.returncode not in {0, 1}, done.stdout
    assert "unfinished: " in done.stdout
    assert " of 60 outputs were judged" in done.stdout


def test_what_cannot_be_asked_is_told_at_the_lines_that_say_so(tmp_path: Path) -> None:
    right = {"output": "Hi", "pass": True, "assert": {"judge": "kind"}}
    wrong = [
        {**right, "assert": {"jugde": "kind"}},
        {**right, "assert": {"judge": "kind", "votes": 2}, "id": "case-1"},
    ]
    write(tmp_path, [right, wrong[0], right, wrong[1]])

    done = harness(
        "judge-check", "labelled.jsonl", "--judge", "j", "--base-url", "simulator", cwd=tmp_path
    )

    assert done.returncode == 2
    assert "labelled.jsonl:2:1: unknown assertion `jugde`" in done.stderr
    assert "labelled.jsonl:4:1: " in done.stderr
    assert "an odd number of votes" in done.stderr
    assert "judge-check.json" not in done.stderr
