"""Where the replies of a run come from besides the service, and where they are stored."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.app.plan.options import Sources
from harness.app.plan.planning import Plan
from harness.errors import SettingsError
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.service import server_name, service_key
from harness.model.settings import Settings
from harness.model.suite import Trial
from harness.running.caching_client import CachingClient, ReplySink, ReplySource
from harness.running.trial import CompletionClient
from harness.scrubbing import Scrubber
from harness.store.writer import RunWriter
from harness.wording import RESUME, Option, Wording

if TYPE_CHECKING:
    from harness.store.cassette import Cassettes, CassetteWriter


@dataclass(slots=True)
class Replies:
    """The opened sources of a run's replies.

    Attributes:
        sources: What they were opened from.
        stored: Where stored replies are looked for, in this order.
        sinks: Where every reply is stored, in this order.
        cassettes: What is replayed, if anything is.
        recorder: Writes cassettes, if they are recorded.
        service: The key of the service that answers, or answered.
    """

    sources: Sources
    stored: list[ReplySource] = field(default_factory=list)
    sinks: list[ReplySink] = field(default_factory=list)
    cassettes: Cassettes | None = None
    recorder: CassetteWriter | None = None
    service: str = ""

    def client(self, client: CompletionClient | None) -> CompletionClient:
        """Return a client that calls this one only for replies that are not stored."""
        return CachingClient(client, self.stored, self.sinks, self._why_missing, self.service)

    def task(self, request: Request) -> str | None:
        """Return the id of the task that an earlier run made for a request."""
        return None if self.sources.run is None else self.sources.run.task(request)

    def is_complete(self, plan: Plan, trial: Trial) -> bool:
        """Return whether an earlier run has every reply of a trial.

        The fingerprint is that of the whole conversation: later requests hold replies, so their
        keys are not known yet.
        """
        previous = self.sources.run
        if previous is None:
            return False
        fingerprint = plan.renderer.prepare(trial).request_fingerprint(trial.repeat)
        return previous.has_all(fingerprint, trial.id, trial_specific=bool(trial.case.compared))

    def carry_over(self, plan: Plan, trial: Trial, writer: RunWriter) -> None:
        """Write the replies that an earlier run has of a trial without an outcome yet."""
        previous, prepared = self.sources.run, plan.renderer.prepare(trial)
        # Replies to a conversation that begins otherwise today would never be used again.
        first = replace(prepared.first_request(trial), service=self.service)
        if previous is not None and previous.recall(first) is not None:
            for name in (trial.id, f"{trial.id}{JUDGE_SUFFIX}"):
                for reply in previous.replies_of(name):
                    writer.carry_over(name, reply)

    def save(self, *, is_whole: bool) -> Sequence[Path]:
        """Write the cassettes; those of a whole run drop cases that no longer exist."""
        return () if self.recorder is None else self.recorder.save(is_whole=is_whole)

    def _why_missing(self, request: Request) -> str:
        if self.cassettes is not None:
            folder = self.cassettes.folder
            why = self.cassettes.why_missing(request)
            record = Option("record", str(folder))
            only = Option("only", request.trial.removesuffix(JUDGE_SUFFIX))
            words = shlex.join([*record.arguments, *only.arguments])
            return f"no reply was recorded: {why}; record it: harness run … {words}"
        return f"its request has changed since, or had no reply; `{RESUME}` asks for it"


class RunTasks:
    """The ids of tasks: those that an earlier run made, and those that this run makes."""

    def __init__(self, replies: Replies, writer: RunWriter) -> None:
        self._replies, self._writer = replies, writer

    def made_before(self, request: Request) -> str | None:
        """Return the id of the task that an earlier run made for a request."""
        return self._replies.task(request)

    def made(self, request: Request, name: str) -> None:
        """Write the id of a task into the run file, before anyone waits for the task."""
        self._writer.task(request.key, name, request.trial)


@contextmanager
def open_replies(
    sources: Sources, plan: Plan, settings: Settings, scrubber: Scrubber
) -> Iterator[Replies]:
    """Open the sources of replies until the block ends.

    Raises:
        SettingsError: The options exclude each other, or an earlier run asked another server.
        StoreError: Something cannot be read or made.
    """
    if sources.replay is not None and sources.record is not None:
        problem = Wording(
            "{record} and {replay} cannot be combined",
            record=Option("record"),
            replay=Option("replay"),
        )
        raise SettingsError(problem, "record first, then replay")
    replies = Replies(sources, service=_service(sources, settings))
    suites = [suite.name for suite in plan.suites]
    # The order decides where a reply comes from: what belongs to this run wins over the cache,
    # which all runs share.
    if sources.replay is not None:
        from harness.store.cassette import Cassettes  # as below: most runs need none of these

        replies.cassettes = Cassettes(
            sources.replay, suites, settings.prices, service=replies.service
        )
        replies.stored.append(replies.cassettes)
    if sources.record is not None:
        from harness.store.cassette import CassetteWriter

        replies.recorder = CassetteWriter(
            sources.record, suites, scrubber, server=server_name(settings)
        )
        replies.sinks.append(replies.recorder)
    if sources.fixed_replies is not None:
        replies.stored.append(sources.fixed_replies)
    if sources.run is not None:
        replies.stored.append(sources.run)
    cache = None
    if settings.cache and not sources.is_offline:
        from harness.store.reply_cache import ReplyCache

        cache = ReplyCache(
            settings.cache_file, settings.cache_age, scrubber, prices=settings.prices
        )
        replies.stored.append(cache)
        replies.sinks.append(cache)
    try:
        yield replies
    finally:
        if cache is not None:
            cache.close()


def _service(sources: Sources, settings: Settings) -> str:
    """Return the key of the service whose replies are those of a run.

    Raises:
        SettingsError: The run that is continued asked another one.
    """
    now = service_key(settings)
    if sources.run is None:
        return now
    head = sources.run.head.settings
    if "service" in head:
        then = str(head["service"])
        is_other = then != now
    else:  # a run of an earlier version says only where it sent its requests
        then = ""
        is_other = head.get("base_url") not in {None, settings.base_url}
    if is_other and not sources.is_offline:
        asked, names = head.get("base_url"), settings.base_url
        what = f"asked {asked or 'nobody'}, not {names}" if asked != names else _OTHER_HEADERS
        problem = f"the run {sources.run.path} {what}, so its replies are not those of this server"
        raise SettingsError(
            problem, Wording("leave out `{resume}`, or ask as it did", resume=RESUME)
        )
    return then


_OTHER_HEADERS = "sent other `[headers]`"
