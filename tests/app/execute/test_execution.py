"""An execution: how it ends, and what it closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.app.execute.execution import ExecutionResult, RunExecution
from harness.app.execute.recording import RunRecorder
from harness.app.execute.reply_sources import Replies
from harness.app.execute.stopping import StopSwitch
from harness.app.plan.options import Budget, Sources
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.request import Request
from harness.reporting.progress import NoProgress
from harness.running.stopping import INTERRUPTED, CostBudget, Stop
from harness.running.variant_barrier import VariantBarrier
from harness.store.writer import RunWriter
from tests.app.execute.test_running import Fixed
from tests.support.run_files import HEAD
from tests.support.suites import plan_of, write_cases

CASES = "  - {id: a, prompt: one}\n  - {id: b, prompt: two}\n  - {id: c, prompt: three}\n"
Act = Callable[[StopSwitch], None]


class Scene:
    """An execution of three trials without a service; something happens before each reply."""

    def __init__(self, folder: Path, writer: RunWriter, act: Act) -> None:
        self.asked: list[str] = []
        plan = plan_of(write_cases(folder, CASES))
        switch = StopSwitch(Budget())

        def before(request: Request) -> None:
            self.asked.append(request.trial)
            act(switch)

        replies = Replies(Sources(allow_requests=False), [Fixed(before=before)], [writer])
        self.recorder = RunRecorder(plan.suites, writer, NoProgress(), CostBudget(None), switch)
        self.execution = RunExecution(
            plan,
            plan.settings,
            None,
            replies,
            writer,
            self.recorder,
            switch,
            VariantBarrier(plan.expected_variants, forgets=True),
        )

    def run(self) -> ExecutionResult:
        return self.execution.run(NoProgress(), lambda: None)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RunWriter]:
    with RunWriter(tmp_path / "run.jsonl") as made:
        made.begin(HEAD)
        yield made


def do_nothing(_switch: StopSwitch) -> None:
    """Leave the run alone."""


def test_trials_run_one_after_the_other_to_a_complete_end(
    tmp_path: Path, writer: RunWriter
) -> None:
    scene = Scene(tmp_path, writer, do_nothing)

    result = scene.run()

    assert result == ExecutionResult(stop=None, broken=None, limits=())
    assert scene.asked == ["test::a", "test::b", "test::c"]
    assert scene.recorder.summary.total.trials == 3


@pytest.mark.parametrize("stop", [INTERRUPTED, Stop("too expensive", ExitCode.STOPPED)])
def test_a_stop_lets_the_trial_in_flight_end_and_is_the_reason(
    tmp_path: Path, writer: RunWriter, stop: Stop
) -> None:
    scene = Scene(tmp_path, writer, lambda switch: switch(stop))

    result = scene.run()

    assert result.stop == stop
    assert result.is_interrupted is (stop == INTERRUPTED)
    assert scene.asked == ["test::a"]
    assert scene.recorder.summary.total.trials == 1


def test_a_record_that_breaks_ends_the_run_and_is_no_stop(
    tmp_path: Path, writer: RunWriter
) -> None:
    def fail(_switch: StopSwitch) -> None:
        raise StoreError("the disk is full")

    result = Scene(tmp_path, writer, fail).run()

    assert (result.stop, result.broken) == (None, "the disk is full")


def test_an_interrupt_that_nothing_caught_is_kept_as_the_reason(
    tmp_path: Path, writer: RunWriter
) -> None:
    def interrupt(_switch: StopSwitch) -> None:
        raise KeyboardInterrupt

    result = Scene(tmp_path, writer, interrupt).run()

    assert result.stop == INTERRUPTED
