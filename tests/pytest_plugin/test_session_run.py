from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness import app
from harness.model.suite import Trial
from harness.pytest_plugin.session_run import SessionRun
from harness.wording import Vocabulary
from tests.support.trials import trial


@dataclass
class FakeRun:
    """A run in the background that answers at once."""

    pending: int = 0
    ends: bool = True
    starts: int = 0
    asked: list[int] = field(default_factory=list)
    closed: list[tuple[float, bool]] = field(default_factory=list)
    result: app.RunResult | None = None

    def start(self) -> None:
        self.starts += 1

    def ask(self, trials: Iterable[Trial], beside: Iterable[Trial] = ()) -> None:
        self.asked += [one.index for one in (*trials, *beside)]

    def outcome(self, one: Trial) -> Any:
        return SimpleNamespace(outcome=SimpleNamespace(seconds=0.5), index=one.index)

    def waiting(self) -> int:
        return self.pending

    def close(self, seconds: float, *, at_once: bool = False) -> bool:
        self.closed.append((seconds, at_once))
        return self.ends

    def why_ended(self, vocabulary: Vocabulary) -> str:
        del vocabulary
        return "the key was refused"


def session_run(fake: FakeRun) -> SessionRun:
    return SessionRun(lambda: cast("app.BackgroundRun", fake))


def test_a_run_begins_when_something_is_asked_for_and_only_once() -> None:
    fake = FakeRun()
    run = session_run(fake)
    begun_before = run.has_begun

    run.ask([trial(0)], [trial(1)])
    run.ask([trial(2)], [])

    assert (begun_before, run.has_begun) == (False, True)
    assert (fake.starts, fake.asked) == (1, [0, 1, 2])


def test_a_run_that_cannot_be_opened_has_not_begun() -> None:
    def refuse() -> app.BackgroundRun:
        raise ValueError("no key")

    run = SessionRun(refuse)

    with pytest.raises(ValueError, match="no key"):
        run.begin()

    assert not run.has_begun


def test_the_seconds_of_the_service_add_up_over_tests() -> None:
    run = session_run(FakeRun())

    run.outcomes([trial(0), trial(1)])
    run.outcomes([trial(2)])

    assert run.service_seconds == 1.5


@pytest.mark.parametrize(
    ("pending", "is_interrupted", "gives_up"),
    [(0, False, False), (3, False, True), (0, True, True)],
)
def test_a_run_is_given_up_if_it_is_interrupted_or_wanted_by_no_test(
    pending: int, is_interrupted: bool, gives_up: bool
) -> None:
    fake = FakeRun(pending)
    run = session_run(fake)
    run.begin()

    run.end(is_interrupted=is_interrupted)

    ((seconds, at_once),) = fake.closed
    assert (run.cancelled, at_once) == (pending, gives_up)
    assert (seconds < 5) == gives_up


def test_a_run_that_never_began_has_nothing_to_end() -> None:
    fake = FakeRun()

    session_run(fake).end(is_interrupted=True)

    assert fake.closed == []


@pytest.mark.parametrize(
    ("ends", "why"), [(True, "the key was refused"), (False, "the run did not end in time")]
)
def test_a_run_without_a_result_says_why(ends: bool, why: str) -> None:
    run = session_run(FakeRun(ends=ends))
    run.begin()

    run.end(is_interrupted=False)

    assert run.result is None
    assert run.why_ended() == why
