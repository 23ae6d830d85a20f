"""Where replies come from, in which order, and where they go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.app.execute.reply_sources import Replies, RunTasks, open_replies
from harness.app.plan.options import Sources
from harness.app.plan.planning import Plan
from harness.errors import ApiError, SettingsError
from harness.model.record import reply_record
from harness.model.reply import Reply
from harness.model.request import Request
from harness.scrubbing import Scrubber
from harness.store.cassette import Cassettes, CassetteWriter
from harness.store.previous_run import PreviousRun
from harness.store.reader import RunReader
from harness.store.reply_cache import ReplyCache
from harness.store.writer import RunWriter
from tests.support.clients import free_permit
from tests.support.replies import reply
from tests.support.run_files import HEAD, write_run_file
from tests.support.suites import plan_of, write_cases
from tests.support.trials import record

CASES = "  - {id: a, prompt: one}\n  - {id: b, prompt: two}\n"


@dataclass
class Fixed:
    """Has the same reply to everything."""

    text: str = "fixed"

    def recall(self, _request: Request) -> Reply | None:
        return reply(self.text)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_of(write_cases(tmp_path, CASES), flags={"reports": str(tmp_path)})


def kinds(plan: Plan, sources: Sources, **settings: Any) -> tuple[list[type], list[type]]:
    """Return the kinds of what replies are looked for in, and of what they are stored in."""
    with open_replies(sources, plan, replace(plan.settings, **settings), Scrubber()) as replies:
        return [*map(type, replies.stored)], [*map(type, replies.sinks)]


@contextmanager
def answered_run(folder: Path, plan: Plan) -> Iterator[PreviousRun]:
    """Open a run that has the reply to the first trial of a plan."""
    trial = next(plan.trials())
    prepared = plan.renderer.prepare(trial)
    outcome = record(0)
    outcome["id"] = trial.id
    answer = reply("stored", key=prepared.first_request(trial).key)
    outcome["reply"] = reply_record(answer)
    outcome["fingerprints"] = {
        "inputs": "",
        "request": prepared.request_fingerprint(trial.repeat),
        "expectations": "",
    }
    with closing(PreviousRun(write_run_file(folder / "old.jsonl", outcome))) as previous:
        yield previous


def record_cassettes(folder: Path, plan: Plan) -> None:
    with open_replies(Sources(record=folder), plan, plan.settings, Scrubber()) as replies:
        replies.sinks[0].keep(Request({"model": "m"}, trial="test::other"), reply("recorded"))
        replies.save(is_whole=True)


def test_what_belongs_to_the_run_is_looked_for_before_the_cache(tmp_path: Path, plan: Plan) -> None:
    with answered_run(tmp_path, plan) as previous:
        stored, sinks = kinds(plan, Sources(run=previous, fixed_replies=Fixed()), cache=True)

    assert (stored, sinks) == ([Fixed, PreviousRun, ReplyCache], [ReplyCache])


def test_a_replay_takes_its_replies_from_cassettes_alone(tmp_path: Path, plan: Plan) -> None:
    record_cassettes(tmp_path, plan)

    assert kinds(plan, Sources(replay=tmp_path), cache=True) == ([Cassettes], [])


def test_a_recording_is_written_beside_the_run(tmp_path: Path, plan: Plan) -> None:
    assert kinds(plan, Sources(record=tmp_path)) == ([], [CassetteWriter])


def test_recording_a_replay_is_refused(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(SettingsError, match="cannot be combined"):
        kinds(plan, Sources(record=tmp_path, replay=tmp_path))


def test_a_trial_is_complete_when_the_earlier_run_has_all_its_replies(
    tmp_path: Path, plan: Plan
) -> None:
    with answered_run(tmp_path, plan) as previous:
        replies = Replies(Sources(run=previous))
        complete = [replies.is_complete(plan, trial) for trial in plan.trials()]

    assert complete == [True, False]
    assert not any(Replies(Sources()).is_complete(plan, trial) for trial in plan.trials())


def test_replies_are_carried_over_only_while_they_answer_what_is_asked(
    tmp_path: Path, plan: Plan
) -> None:
    changed = plan_of(write_cases(tmp_path, CASES.replace("one", "other")))
    new = tmp_path / "new.jsonl"

    with RunWriter(new) as writer, answered_run(tmp_path, plan) as previous:
        writer.begin(HEAD)
        replies = Replies(Sources(run=previous))
        for trials in (changed, plan):
            for trial in trials.trials():
                replies.carry_over(trials, trial, writer)

    with RunReader(new) as reader:
        lines = [line for _, line in reader.reply_lines()]
    assert [(line["trial"], line["reply"]["text"]) for line in lines] == [("test::a", "stored")]


@pytest.mark.parametrize(
    ("is_replay", "message"),
    [(True, "no reply was recorded: "), (False, "its request has changed since, or had no reply")],
)
def test_a_missing_reply_says_how_to_get_it(
    tmp_path: Path, plan: Plan, is_replay: bool, message: str
) -> None:
    record_cassettes(tmp_path, plan)
    sources = Sources(replay=tmp_path) if is_replay else Sources(allow_requests=False)
    request = Request({"model": "m", "messages": ()}, trial="test::a")

    with open_replies(sources, plan, plan.settings, Scrubber()) as replies:
        client = replies.client(None)
        with pytest.raises(ApiError) as caught:
            asyncio.run(client.complete(request, free_permit(), lambda _attempt: None))

    assert caught.value.message.startswith(message)


def test_tasks_are_those_of_the_earlier_run_and_new_ones_are_written(tmp_path: Path) -> None:
    request = Request({"model": "m", "async": True}, trial="test::a")
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"

    with RunWriter(old) as writer:
        writer.begin(HEAD)
        tasks = RunTasks(Replies(Sources()), writer)
        assert tasks.made_before(request) is None
        tasks.made(request, "task-1")
    with closing(PreviousRun(old)) as previous, RunWriter(new) as writer:
        task = RunTasks(Replies(Sources(run=previous)), writer).made_before(request)

    assert task == "task-1"
