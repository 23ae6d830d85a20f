"""A run in a thread whose trials are asked for one by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import app
from harness.errors import RunEndedError, SettingsError
from harness.model.suite import Trial
from harness.store.reader import RunReader
from tests.support.replies import message_bytes
from tests.support.servers import Server, answering, response, serving
from tests.support.suites import write_cases

CASES = """\
  - {id: a, prompt: one, assert: [{contains: hello}]}
  - {id: b, prompt: two, assert: [{contains: bye}]}
"""


class Scene:
    """A live run of two trials against a server."""

    def __init__(self, folder: Path, server: Server, budget: app.Budget | None = None) -> None:
        flags = {"base_url": server.url, "reports": str(folder / "reports")}
        environment = {"HARNESS_API_KEY": "sk-1234567"}
        book = app.SuiteBook(
            app.RunOptions([write_cases(folder, CASES)], flags=flags, environment=environment)
        )
        suite = book.load(folder / "test.suite.yaml")
        self.trials = [
            Trial(suite, case, suite.variants[0], 1, 1, index)
            for index, case in enumerate(suite.cases)
        ]
        self.path = folder / "run.jsonl"
        self.live = app.BackgroundRun(
            book.plan(is_interactive=True),
            app.OutputOptions(self.path),
            budget or app.Budget(),
            app.Sources(),
        )


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(answering(response(message_bytes("hello")))) as made:
        yield made


def test_outcomes_are_handed_over_and_kept(tmp_path: Path, server: Server) -> None:
    scene = Scene(tmp_path, server)
    scene.live.start()
    scene.live.ask(scene.trials)

    labels = [scene.live.outcome(trial).outcome.label for trial in scene.trials]

    assert labels == ["passed", "failed"]
    assert scene.live.waiting() == 0
    assert scene.live.close(5)
    assert scene.live.result is not None
    assert scene.live.result.summary.total.trials == 2
    with RunReader(scene.path) as reader:
        assert len(reader) == 2


def test_a_trial_is_asked_for_once_however_often_it_is_asked_ahead(
    tmp_path: Path, server: Server
) -> None:
    scene = Scene(tmp_path, server)
    scene.live.start()
    for _ in range(5):
        scene.live.ask(scene.trials)
    scene.live.outcome(scene.trials[0])
    scene.live.outcome(scene.trials[1])

    assert len(server.exchanges) == 2
    scene.live.outcome(scene.trials[1])  # its outcome was taken, so this is a new request
    assert len(server.exchanges) == 3
    assert scene.live.close(5)
    assert scene.live.result is not None
    assert scene.live.result.summary.total.counts["failed"] == 1


def test_a_trial_that_is_asked_for_too_late_is_told_why(tmp_path: Path, server: Server) -> None:
    scene = Scene(tmp_path, server)
    scene.live.start()
    assert scene.live.close(5)

    with pytest.raises(RunEndedError, match="the run has ended"):
        scene.live.outcome(scene.trials[0])


def test_a_run_that_cannot_begin_tells_everybody_why(tmp_path: Path, server: Server) -> None:
    (tmp_path / "run.jsonl").mkdir()
    scene = Scene(tmp_path, server)
    scene.live.start()

    for trial in scene.trials:
        with pytest.raises(RunEndedError, match="exists and is not a file"):
            scene.live.outcome(trial)


def test_who_was_interrupted_waits_for_the_same_outcome(tmp_path: Path) -> None:
    with serving(answering(response(message_bytes("hello")))) as server:
        scene = Scene(tmp_path, server)
        scene.live.ask(scene.trials[:1])  # nothing runs yet
        waiting = threading.Thread(target=lambda: scene.live.outcome(scene.trials[0]), daemon=True)
        waiting.start()

        assert scene.live.waiting() == 1
        scene.live.start()
        waiting.join(5)
        assert not waiting.is_alive()
        assert scene.live.close(5)

    assert len(server.exchanges) == 1


def test_a_model_without_a_price_is_refused_when_the_cost_is_bounded(
    tmp_path: Path, server: Server
) -> None:
    scene = Scene(tmp_path, server, app.Budget(cost=1.0))
    scene.live.start()

    with pytest.raises(SettingsError, match="there is no price for m"):
        scene.live.ask(scene.trials)

    assert server.exchanges == []
    assert scene.live.close(5)
