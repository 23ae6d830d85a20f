"""The cache of replies that all runs of a project share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from harness.app.plan.planning import Plan, RunOptions, project_settings
from harness.store.reply_cache import CacheStats, ReplyCache


@dataclass(frozen=True, slots=True)
class CacheFinding:
    """Whether the first request of a trial is in the cache.

    Attributes:
        stored: When it was stored, in seconds since the epoch; None if it is not there.
        is_usable: Whether it is young enough to be used.
    """

    trial: str
    key: str
    stored: float | None
    is_usable: bool


def cache_stats(choice: RunOptions) -> tuple[str, CacheStats]:
    """Return where the cache is and what it holds."""
    with closing(ReplyCache(project_settings(choice).cache_file)) as cache:
        return str(cache.path), cache.stats()


def clear_cache(choice: RunOptions, older_than: float | None) -> int:
    """Forget all replies, or those older than so many seconds; return how many."""
    with closing(ReplyCache(project_settings(choice).cache_file)) as cache:
        return cache.clear(older_than)


def explain_cache(plan: Plan) -> Iterator[CacheFinding]:
    """Yield for each selected trial whether its first reply would come from the cache."""
    settings = plan.settings
    with closing(ReplyCache(settings.cache_file, settings.cache_age)) as cache:
        for trial in plan.trials():
            request = plan.renderer.prepare(trial).first_request(trial)
            yield CacheFinding(
                trial.id,
                request.key,
                cache.stored_at(request),
                cache.recall(request) is not None,
            )
