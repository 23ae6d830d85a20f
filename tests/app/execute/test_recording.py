"""What trials come to: in the run file, in the summary, and for those who look on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.app.execute.recording import RunRecorder
from harness.model.identical_variants import IdenticalVariants
from harness.model.outcome import Outcome, OutcomeLabel
from harness.model.record import OutcomeRecord
from harness.model.reply import ReplyOrigin
from harness.model.suite import Suite, Trial
from harness.reporting.progress import NoProgress
from harness.running.stopping import CostBudget, Stop
from harness.running.trial_queue import TrialQueue
from harness.source import Span
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.model.test_identical_variants import FOUND
from tests.support.replies import reply
from tests.support.run_files import HEAD
from tests.support.trials import case, trial


@dataclass
class FakeObserver:
    """Notes what it sees, and how many outcomes the run file had then."""

    path: Path
    queue: TrialQueue = field(default_factory=TrialQueue)
    seen: list[str] = field(default_factory=list)

    def started(self, trial: Trial) -> None:
        self.seen.append(f"started {trial.index}")

    def ended(self, outcome: Outcome, record: OutcomeRecord) -> None:
        with RunReader(self.path) as reader:
            self.seen.append(f"{outcome.label} {record['index']}, {len(reader)} written")


def outcome(index: int = 0, label: str = "passed", *, cost: float = 0.0) -> Outcome:
    answer = reply("hello", cost=cost, origin=ReplyOrigin.SERVICE)
    return Outcome(trial(index), OutcomeLabel(label), replies=(answer,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def writer(path: Path) -> Iterator[RunWriter]:
    with RunWriter(path) as made:
        made.begin(HEAD)
        yield made


def recorder(
    writer: RunWriter,
    *,
    suites: Sequence[Suite] = (),
    most: float | None = None,
    stops: list[Stop] | None = None,
    observer: FakeObserver | None = None,
    identical_in: Callable[[Suite], Sequence[IdenticalVariants]] = lambda _suite: (),
) -> RunRecorder:
    stop = (stops if stops is not None else []).append
    return RunRecorder(suites, writer, NoProgress(), CostBudget(most), stop, observer, identical_in)


def counts(recording: RunRecorder) -> dict[str, int]:
    return {label: number for label, number in recording.summary.total.counts.items() if number}


def test_outcomes_are_in_the_file_and_in_the_summary(writer: RunWriter, path: Path) -> None:
    recording = recorder(writer)

    recording.ended(outcome(0))
    recording.ended(outcome(1, "failed"))
    recording.finish()

    with RunReader(path) as reader:
        assert [record["outcome"] for record in reader.outcomes()] == ["passed", "failed"]
    assert counts(recording) == {"passed": 1, "failed": 1}


def test_an_observer_sees_a_trial_once_it_is_in_the_file(writer: RunWriter, path: Path) -> None:
    observer = FakeObserver(path)
    recording = recorder(writer, observer=observer)

    recording.started(trial(7))
    recording.ended(outcome(7))

    assert observer.seen == ["started 7", "passed 7, 1 written"]


def test_replies_that_cost_more_than_the_budget_stop_the_run(writer: RunWriter) -> None:
    stops: list[Stop] = []
    recording = recorder(writer, most=0.5, stops=stops)

    recording.ended(outcome(0, cost=0.4))
    assert stops == []
    recording.ended(outcome(1, cost=0.2))

    (stop,) = stops
    assert stop.why == "the replies cost 0.6000 USD, and the cost budget is 0.5"


def test_a_trial_that_ran_again_counts_with_its_newest_outcome(
    writer: RunWriter, path: Path
) -> None:
    recording = recorder(writer, observer=FakeObserver(path))

    for label in ("failed", "passed"):
        recording.ended(outcome(0, label))
    recording.finish()

    assert counts(recording) == {"passed": 1}


def test_where_the_file_is_incomplete_what_was_counted_has_to_do(
    writer: RunWriter, path: Path
) -> None:
    recording = recorder(writer, observer=FakeObserver(path))

    for label in ("failed", "passed"):
        recording.ended(outcome(0, label))
    recording.finish(is_readable=False)

    assert counts(recording) == {"failed": 1, "passed": 1}


def test_only_a_suite_with_a_file_is_added_to_the_run_file(writer: RunWriter, path: Path) -> None:
    planned = trial(0).suite
    recording = recorder(writer, suites=[planned])

    for name, file in (("later", "later.suite.yaml"), ("made", "test_prompts.py")):
        suite = Suite(name, Span(Path(file), 1, 1), ())
        made = Trial(suite, case(), trial(0).variant, 1, 1)
        recording.ended(Outcome(made, OutcomeLabel.PASSED))
    recording.ended(outcome(0))

    assert set(recording.suites) == {"test", "later", "made"}
    with RunReader(path) as reader:
        names = [suite.name for suite in reader.head.suites]
    assert names == [*(suite.name for suite in HEAD.suites), "later"]


def test_a_suite_that_is_loaded_later_brings_its_identical_variants(
    writer: RunWriter, path: Path
) -> None:
    recording = recorder(writer, identical_in=lambda _suite: [FOUND])

    suite = Suite("later", Span(Path("later.suite.yaml"), 1, 1), ())
    made = Trial(suite, case(), trial(0).variant, 1, 1)
    recording.ended(Outcome(made, OutcomeLabel.PASSED))

    with RunReader(path) as reader:
        assert reader.head.suites[-1].identical_variants == (FOUND,)
