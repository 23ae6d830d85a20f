"""The cache of replies that all runs of a project share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from harness.app.plan.options import RunOptions
from harness.app.plan.planning import Plan
from harness.app.plan.project import project_settings
from harness.errors import SettingsError
from harness.model.service import service_key
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


def cache_stats(options: RunOptions) -> tuple[str, CacheStats]:
    """Return where the cache is and what it holds."""
    with closing(ReplyCache(project_settings(options).cache_file)) as cache:
        return str(cache.path), cache.stats()


def clear_cache(options: RunOptions, older_than: float | None) -> int:
    """Delete all replies, or those older than this many seconds; return their number."""
    with closing(ReplyCache(project_settings(options).cache_file)) as cache:
        return cache.clear(older_than)


def explain_cache(plan: Plan) -> Iterator[CacheFinding]:
    """Yield for each selected trial whether the reply to its first request is in the cache.

    Later requests of a conversation hold replies, so they are not known before it runs.

    Raises:
        SettingsError: No server is named.
    """
    settings = plan.settings
    if settings.base_url is None:
        problem = "the cache keeps replies by the server that gave them, and none is named"
        raise SettingsError(problem, "set `base_url` in harness.toml or HARNESS_BASE_URL")
    with closing(ReplyCache(settings.cache_file, settings.cache_age)) as cache:
        for trial in plan.trials():
            first = plan.renderer.prepare(trial).first_request(trial)
            request = replace(first, service=service_key(settings))
            yield CacheFinding(
                trial.id,
                request.key,
                cache.stored_at(request),
                cache.recall(request) is not None,
            )
