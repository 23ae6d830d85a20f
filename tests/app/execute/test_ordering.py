"""In which order trials reach the engine, and what is published between them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.app.execute.ordering import run_planned, run_queued
from harness.app.execute.reply_sources import Replies
from harness.app.plan.options import Sources
from harness.model.suite import Trial
from harness.running.trial_queue import TrialQueue
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.app.execute.test_reply_sources import answered_run
from tests.support.run_files import HEAD
from tests.support.suites import plan_of, write_cases
from tests.support.trials import trial

CASES = "  - {id: a, prompt: one}\n  - {id: b, prompt: two}\n"


@dataclass
class FakeEngine:
    """Notes the trials of each call, and ends some of the calls early."""

    ends: Iterator[bool] = field(default_factory=lambda: iter([True, True]))
    events: list[object] = field(default_factory=list)
    is_queued: bool = False

    async def run(self, trials: Iterable[Trial], closed: asyncio.Event | None = None) -> bool:
        self.is_queued = closed is not None
        self.events.append([trial.id for trial in trials])
        return next(self.ends)

    def look_again(self) -> None:
        self.events.append("look again")

    def abort(self) -> None:
        self.events.append("abort")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RunWriter]:
    with RunWriter(tmp_path / "new.jsonl") as made:
        made.begin(HEAD)
        yield made


def run(
    folder: Path, writer: RunWriter, engine: FakeEngine, *, is_resumed: bool, cases: str = CASES
) -> bool:
    plan = plan_of(write_cases(folder, cases), flags={"judge": "j"})

    def publish() -> None:
        engine.events.append("published")

    with answered_run(folder, plan) as previous:
        replies = Replies(Sources(run=previous if is_resumed else None))
        return asyncio.run(run_planned(engine, plan, replies, writer, publish))


def test_the_trials_of_a_new_run_are_run_in_suite_order(tmp_path: Path, writer: RunWriter) -> None:
    engine = FakeEngine()

    assert run(tmp_path, writer, engine, is_resumed=False)

    assert engine.events == [["test::a", "test::b"]]


def test_answered_trials_run_before_the_file_is_published_and_the_others_after_it(
    tmp_path: Path, writer: RunWriter
) -> None:
    engine = FakeEngine()

    assert run(tmp_path, writer, engine, is_resumed=True)

    assert engine.events == [["test::a"], "published", ["test::b"]]


def test_an_answered_trial_that_needs_a_judge_waits_and_its_reply_is_carried_over(
    tmp_path: Path, writer: RunWriter
) -> None:
    engine = FakeEngine()
    judged = CASES.replace("prompt: one", "prompt: one, assert: [{judge: It is kind.}]")

    run(tmp_path, writer, engine, is_resumed=True, cases=judged)

    assert engine.events == [[], "published", ["test::a", "test::b"]]
    with RunReader(writer.path) as reader:
        assert [line["trial"] for _, line in reader.reply_lines()] == ["test::a"]


@pytest.mark.parametrize(
    ("ends", "is_complete"),
    [([True, True], True), ([False, True], False), ([True, False], False)],
)
def test_a_run_is_complete_when_both_halves_are(
    tmp_path: Path, writer: RunWriter, ends: list[bool], is_complete: bool
) -> None:
    engine = FakeEngine(iter(ends))

    assert run(tmp_path, writer, engine, is_resumed=True) is is_complete


def test_a_queue_is_connected_to_the_engine_while_its_trials_run() -> None:
    engine, queue = FakeEngine(), TrialQueue()
    queue.add([trial(0), trial(1)])

    assert asyncio.run(run_queued(engine, queue))

    assert engine.events == [["test::case-0", "test::case-1"]]
    assert engine.is_queued
    queue.abort()  # after the run nothing is there to abort
    assert "abort" not in engine.events
