"""The replies of an earlier run, so that they are not paid for again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from harness.errors import StoreError
from harness.model.record import OutcomeRecord, ReplyRecord, reply_of
from harness.model.reply import Reply
from harness.model.request import JUDGE_SUFFIX, Request
from harness.store.reader import RunReader

_MOST_EARLIER = 100


@dataclass(frozen=True, slots=True)
class _ReplyLocation:
    """Where a reply is kept: in which file, its line, and which of the line's replies it is.

    Attributes:
        is_alone: Whether the line holds this reply alone, and no outcome.
    """

    reader: RunReader
    offset: int
    turn: int
    is_alone: bool = False


class PreviousRun:
    """The replies of a run by the requests they answer; memory holds their places only.

    A run of a part of the trials knows what the run before it knew, so that a narrow run in between
    does not make the others be paid for again.

    Attributes:
        labels: What became of each trial of the run, by its id.
    """

    def __init__(self, path: Path) -> None:
        self._readers: list[RunReader] = []
        self._places: dict[str, _ReplyLocation] = {}
        self._places_of_trials: dict[tuple[str, str], _ReplyLocation] = {}
        self._tasks: dict[str, tuple[str, str]] = {}
        self._complete: dict[str, str] = {}
        self._complete_own: set[tuple[str, str]] = set()
        self._forgotten: set[str] = set()
        self.labels: dict[str, str] = {}
        try:
            self._open(path)
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> Path:
        """The run file."""
        return self._readers[0].path

    @property
    def run(self) -> Mapping[str, Any]:
        """The first line of the run file."""
        return self._readers[0].run

    def has_all(self, fingerprint: str, trial: str, *, trial_specific: bool = False) -> bool:
        """Return whether every reply to a trial with this request fingerprint is known.

        Args:
            fingerprint: The trial's.
            trial: Its id.
            trial_specific: Whether the replies to another trial will not do.
        """
        if trial_specific:
            return (fingerprint, trial) in self._complete_own
        return fingerprint in self._complete and trial not in self._forgotten

    def recall(self, request: Request) -> Reply | None:
        """Return the reply to a request, if there is one; rather the trial's own than another's."""
        own = self._places_of_trials.get((request.key, request.trial))
        place = own if request.trial_specific else own or self._places.get(request.key)
        if place is None:
            return None
        return reply_of(_record_at(place))

    def replies_of(self, trial: str) -> Iterator[ReplyRecord]:
        """Yield all replies of a trial."""
        for key in self._keys_by_trial.get(trial, ()):
            yield _record_at(self._places_of_trials[key, trial])

    @cached_property
    def _keys_by_trial(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for key, trial in self._places_of_trials:
            found.setdefault(trial, []).append(key)
        return found

    def task(self, request: Request) -> str | None:
        """Return the id of the task that was made for a request, if there is one."""
        found = self._tasks.get(request.key)
        return None if found is None else found[0]

    def forget(self, trials: Collection[str]) -> None:
        """Know nothing of some trials any more, so that they and their judges are asked again."""
        trials = {*trials, *(f"{trial}{JUDGE_SUFFIX}" for trial in trials)}
        self._forgotten |= trials
        places = {key for key, trial in self._places_of_trials if trial in trials}
        self._places = {k: place for k, place in self._places.items() if k not in places}
        self._places_of_trials = {
            name: place for name, place in self._places_of_trials.items() if name[1] not in trials
        }
        self._complete = {k: trial for k, trial in self._complete.items() if trial not in trials}
        self._complete_own = {each for each in self._complete_own if each[1] not in trials}
        self._tasks = {k: task for k, task in self._tasks.items() if task[1] not in trials}

    def close(self) -> None:
        """Close the run files."""
        for reader in self._readers:
            reader.close()

    def _open(self, path: Path) -> None:
        reader = RunReader(path)
        self._readers.append(reader)
        if reader.is_in_use:
            who = reader.run.get("pid", "unknown")
            raise StoreError(f"{path} is being written by another process (pid {who})")
        is_first = len(self._readers) == 1
        for offset, record in reader.places():
            try:
                self._learn(reader, offset, record)
                if is_first:
                    self.labels[record["id"]] = record["outcome"]
            except (AttributeError, KeyError, TypeError) as error:
                raise reader.damaged(offset) from error
        for offset, line in reader.turns():
            try:
                self._place(
                    line["reply"], line["trial"], _ReplyLocation(reader, offset, 0, is_alone=True)
                )
            except (KeyError, TypeError) as error:
                raise reader.damaged(offset) from error
        for task in reader.tasks():
            if {"key", "id", "trial"} <= set(task):
                self._tasks.setdefault(task["key"], (task["id"], task["trial"]))
        earlier = reader.run.get("earlier")
        if reader.run.get("partial") and earlier and len(self._readers) < _MOST_EARLIER:
            with suppress(StoreError):  # it may have been removed
                self._open(Path(earlier))

    def _learn(self, reader: RunReader, offset: int, record: OutcomeRecord) -> None:
        replies, trial = _replies(record), record["id"]
        for turn, reply in enumerate(replies):
            reply_of(reply)  # what is damaged is found before anything is sent
            self._place(reply, trial, _ReplyLocation(reader, offset, turn))
        fingerprint = record["fingerprints"]["request"]
        if record["error"] is None and replies and fingerprint is not None:
            self._complete.setdefault(fingerprint, trial)
            self._complete_own.add((fingerprint, trial))

    def _place(self, reply: Mapping[str, Any], trial: str, place: _ReplyLocation) -> None:
        self._places.setdefault(reply["key"], place)
        self._places_of_trials.setdefault((reply["key"], trial), place)


def _record_at(place: _ReplyLocation) -> ReplyRecord:
    if place.is_alone:
        return cast("ReplyRecord", place.reader.line_at(place.offset)["reply"])
    record = place.reader.outcome_at(place.offset)
    return cast("ReplyRecord", _replies(record)[place.turn])


def _replies(record: OutcomeRecord) -> list[Any]:
    last = [record["reply"]] if record["reply"] is not None else []
    return [*record["earlier_replies"], *last]
