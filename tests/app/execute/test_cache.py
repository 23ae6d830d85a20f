"""The cache of replies: what it holds of a plan, and clearing it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.app.execute.cache import cache_stats, clear_cache, explain_cache
from harness.app.plan.options import RunOptions
from harness.app.plan.planning import plan_run
from harness.errors import SettingsError
from harness.model.service import service_key
from harness.store.reply_cache import ReplyCache
from tests.support.replies import reply
from tests.support.suites import write_cases

CASES = "  - {id: a, prompt: one}\n  - {id: b, prompt: two}\n"


@dataclass(frozen=True)
class Project:
    """A project whose cache has the reply to the first of two trials."""

    suite: Path
    options: RunOptions


@pytest.fixture
def project(tmp_path: Path) -> Project:
    suite = write_cases(tmp_path, CASES)
    options = RunOptions(
        [suite], flags={"reports": str(tmp_path), "base_url": "https://api.example"}
    )
    planned = plan_run(options)
    trial = next(planned.trials())
    first = planned.renderer.prepare(trial).first_request(trial)
    with closing(ReplyCache(planned.settings.cache_file)) as cache:
        cache.keep(replace(first, service=service_key(planned.settings)), reply("hello"))
    return Project(suite, options)


def test_each_trial_says_whether_its_first_reply_is_stored(project: Project) -> None:
    first, second = explain_cache(plan_run(project.options))

    assert (first.trial, first.is_usable, first.stored is not None) == ("test::a", True, True)
    assert (second.trial, second.is_usable, second.stored) == ("test::b", False, None)
    assert first.key != second.key


def test_without_a_server_nobody_knows_what_the_cache_has_for_it(project: Project) -> None:
    nowhere = replace(project.options, flags={"reports": project.options.flags["reports"]})

    with pytest.raises(SettingsError, match="none is named"):
        list(explain_cache(plan_run(nowhere)))


def test_the_cache_of_the_project_is_counted_and_cleared(project: Project) -> None:
    path, stats = cache_stats(project.options)

    assert Path(path).is_relative_to(project.suite.parent)
    assert stats.replies == 1
    assert clear_cache(project.options, older_than=3600.0) == 0
    assert clear_cache(project.options, older_than=None) == 1
    assert cache_stats(project.options)[1].replies == 0
