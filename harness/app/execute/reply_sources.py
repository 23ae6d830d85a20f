"""Where the replies of a run come from, beside the service, and where they go."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.app.plan.planning import Plan
from harness.errors import SettingsError
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.settings import Settings
from harness.model.suite import Trial
from harness.running.caching_client import CachingClient, ReplySink, ReplySource
from harness.running.trial import CompletionClient
from harness.scrubbing import Scrubber
from harness.store.cassette import Cassettes, CassetteWriter
from harness.store.previous_run import PreviousRun
from harness.store.reply_cache import ReplyCache
from harness.store.writer import RunWriter
from harness.wording import RESUME, Option, Wording


@dataclass(frozen=True, slots=True)
class Sources:
    """What else a run takes replies from, and gives them to.

    Attributes:
        run: An earlier run whose replies are not asked for again.
        previous_run_file: The run that this one follows, whether its replies are used or not.
        allow_requests: Whether the service may be asked for what is not known.
        record: Where cassettes are written.
        replay: Where cassettes are read; nothing is asked for then.
        fixed_replies: Replies that are known without any run.
    """

    run: PreviousRun | None = None
    previous_run_file: Path | None = None
    allow_requests: bool = True
    record: Path | None = None
    replay: Path | None = None
    fixed_replies: ReplySource | None = None

    @property
    def is_offline(self) -> bool:
        """Whether nothing is sent."""
        return not self.allow_requests or self.replay is not None


@dataclass(slots=True)
class Replies:
    """The sources of a run, opened."""

    sources: Sources
    known: list[ReplySource] = field(default_factory=list)
    keepers: list[ReplySink] = field(default_factory=list)
    cassettes: Cassettes | None = None
    writer: CassetteWriter | None = None

    def client(self, client: CompletionClient | None) -> CompletionClient:
        """Return a client that asks only for what is not known."""
        return CachingClient(client, self.known, self.keepers, self._why_missing)

    def task(self, request: Request) -> str | None:
        """Return the id of the task that an earlier run made for a request."""
        return None if self.sources.run is None else self.sources.run.task(request)

    def is_complete(self, plan: Plan, trial: Trial) -> bool:
        """Return whether an earlier run has every reply of a trial."""
        memory = self.sources.run
        if memory is None:
            return False
        fingerprint = plan.renderer.prepare(trial).request_fingerprint(trial.repeat)
        return memory.has_all(fingerprint, trial.id, trial_specific=bool(trial.case.compared))

    def carry_over(self, plan: Plan, trial: Trial, writer: RunWriter) -> None:
        """Write what an earlier run has of a trial that is yet to come to its outcome."""
        memory, prepared = self.sources.run, plan.renderer.prepare(trial)
        if memory is not None and memory.recall(prepared.first_request(trial)) is not None:
            for name in (trial.id, f"{trial.id}{JUDGE_SUFFIX}"):
                for reply in memory.replies_of(name):
                    writer.carry_over(name, reply)

    def save(self, *, is_whole: bool) -> Sequence[Path]:
        """Write the cassettes; those of a whole run forget the cases that are no more."""
        return () if self.writer is None else self.writer.save(is_whole=is_whole)

    def _why_missing(self, request: Request) -> str:
        if self.cassettes is not None:
            folder = self.cassettes.folder
            why = self.cassettes.why_missing(request)
            record = Option("record", str(folder))
            only = Option("only", request.trial.removesuffix(JUDGE_SUFFIX))
            words = shlex.join([*record.arguments, *only.arguments])
            return f"no reply was recorded: {why}; record it: harness run … {words}"
        return f"its request has changed since, or had no reply; `{RESUME}` asks for it"


@contextmanager
def open_replies(
    sources: Sources, plan: Plan, settings: Settings, scrubber: Scrubber
) -> Iterator[Replies]:
    """Open what a run takes replies from and gives them to.

    Raises:
        SettingsError: The options do not go together.
        StoreError: Something cannot be read or made.
    """
    if sources.replay is not None and sources.record is not None:
        problem = Wording(
            "{record} and {replay} cannot be combined",
            record=Option("record"),
            replay=Option("replay"),
        )
        raise SettingsError(problem, "record first, then replay")
    replies = Replies(sources)
    suites = [suite.name for suite in plan.suites]
    if sources.replay is not None:
        replies.cassettes = Cassettes(sources.replay, suites, settings.prices)
        replies.known.append(replies.cassettes)
    if sources.record is not None:
        replies.writer = CassetteWriter(sources.record, suites, scrubber)
        replies.keepers.append(replies.writer)
    if sources.fixed_replies is not None:
        replies.known.append(sources.fixed_replies)
    if sources.run is not None:
        replies.known.append(sources.run)
    cache = None
    if settings.cache and not sources.is_offline:
        cache = ReplyCache(settings.cache_file, settings.cache_age, scrubber)
        replies.known.append(cache)
        replies.keepers.append(cache)
    try:
        yield replies
    finally:
        if cache is not None:
            cache.close()
