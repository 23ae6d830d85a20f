"""Runs from a plan to a record: what is written, when, and what an end means."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.app.execute.run_result import RunResult
from harness.app.execute.running import run, scrubber_for
from harness.app.plan.options import Budget, OutputOptions, Sources
from harness.errors import NothingSelectedError, SettingsError, StoreError
from harness.exit_code import ExitCode
from harness.model.reply import Reply
from harness.model.request import Request
from harness.model.settings import Secret, Settings
from harness.store.previous_run import PreviousRun
from harness.store.reader import RunReader
from tests.support.replies import reply
from tests.support.suites import plan_of, write_cases

CASES = """\
  - {id: a, prompt: one, assert: [{contains: hello}]}
  - {id: b, prompt: two, assert: [{contains: hello}]}
"""


@dataclass
class Fixed:
    """Replies to everything, and calls back first."""

    text: str = "hello"
    before: Callable[[Request], object] = bool

    def recall(self, request: Request) -> Reply | None:
        self.before(request)
        return reply(self.text, key=request.key)


class Project:
    """A project with two cases, whose replies are fixed unless the run says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.suite, self.reports = write_cases(folder, CASES), folder / "reports"
        self.run_file = folder / "run.jsonl"

    def run(
        self,
        sources: Sources | None = None,
        *,
        run_file: Path | None = None,
        budget: Budget | None = None,
        **options: Any,
    ) -> RunResult:
        plan = plan_of(self.suite, flags={"reports": str(self.reports)}, **options)
        sources = sources or Sources(allow_requests=False, fixed_replies=Fixed())
        return run(plan, OutputOptions(run_file), budget, sources)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_run_leaves_its_record_below_the_reports_as_the_latest(project: Project) -> None:
    result = project.run()

    assert result.exit_code is ExitCode.PASSED
    assert (result.planned, result.stopped, result.broken) == (2, None, None)
    assert (project.reports / "latest").resolve() == result.run_file.parent.resolve()
    with RunReader(result.run_file) as reader:
        assert [record["id"] for record in reader.outcomes()] == ["test::a", "test::b"]
        assert reader.ending is not None
        assert reader.ending.planned == 2


def test_a_run_file_of_its_own_is_not_the_latest_run(project: Project) -> None:
    result = project.run(run_file=project.run_file)

    assert result.run_file == project.run_file
    assert not (project.reports / "latest").exists()


def test_an_older_run_file_in_its_place_is_set_aside(project: Project) -> None:
    project.run(run_file=project.run_file)
    older = project.run_file.read_bytes()

    result = project.run(run_file=project.run_file)

    assert result.set_aside is not None
    assert result.set_aside.read_bytes() == older


def test_a_resumed_run_is_hidden_until_it_has_every_reply_of_the_old_one(project: Project) -> None:
    old = project.run(run_file=project.run_file, only=["a"]).run_file
    new = old.with_name("new.jsonl")
    visible: dict[str, bool] = {}

    def look(request: Request) -> None:
        visible[request.trial] = new.exists()

    with closing(PreviousRun(old)) as previous:
        sources = Sources(previous, allow_requests=False, fixed_replies=Fixed(before=look))
        project.run(sources, run_file=new)

    assert visible == {"test::a": False, "test::b": True}


@pytest.mark.parametrize(
    ("text", "exit_code"), [("hello", ExitCode.PASSED), ("bye", ExitCode.FAILED)]
)
def test_the_exit_status_is_that_of_the_trials(
    project: Project, text: str, exit_code: ExitCode
) -> None:
    sources = Sources(allow_requests=False, fixed_replies=Fixed(text))

    assert project.run(sources).exit_code is exit_code


def test_replies_that_are_missing_offline_make_trials_errored(project: Project) -> None:
    result = project.run(Sources(allow_requests=False))

    assert result.exit_code is ExitCode.ERRORED
    assert result.summary.total.counts["errored"] == 2


def test_a_run_file_that_cannot_be_written_any_more_breaks_the_run(project: Project) -> None:
    def fail(request: Request) -> None:
        if request.trial == "test::b":
            raise StoreError("the disk is full")

    sources = Sources(allow_requests=False, fixed_replies=Fixed(before=fail))
    result = project.run(sources)

    assert (result.exit_code, result.broken) == (ExitCode.ERRORED, "the disk is full")
    with RunReader(result.run_file) as reader:
        assert [record["id"] for record in reader.outcomes()] == ["test::a"]
        assert reader.ending is None


@pytest.mark.parametrize(
    ("options", "budget", "error"),
    [
        ({"keyword": "zzz"}, Budget(), NothingSelectedError),
        ({}, Budget(cost=1.0), SettingsError),  # the model has no price
    ],
)
def test_what_is_wrong_with_the_options_is_found_before_a_file_is_made(
    project: Project, options: dict[str, Any], budget: Budget, error: type[Exception]
) -> None:
    with pytest.raises(error):
        project.run(run_file=project.run_file, budget=budget, **options)

    assert not project.run_file.exists()


def test_without_a_service_nothing_is_run(project: Project) -> None:
    with pytest.raises(SettingsError):
        project.run(Sources(), run_file=project.run_file)

    assert not project.run_file.exists()


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (Settings(base_url="http://api", api_key=Secret("sk-secret-1")), b"key: ***"),
        (Settings(base_url="simulator", api_key=Secret("sk-secret-1")), b"key: sk-secret-1"),
        (Settings(base_url="http://api"), b"key: sk-secret-1"),
    ],
)
def test_the_key_is_taken_out_unless_it_is_for_the_simulator(
    settings: Settings, text: bytes
) -> None:
    assert scrubber_for(settings).clean(b"key: sk-secret-1") == text
