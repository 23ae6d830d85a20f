"""The replies of a previous run, so that they are not paid for again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord, ReplyRecord, reply_of
from harness.model.reply import Reply
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.run_file import RunHead
from harness.store.reader import RunReader

_MOST_PREVIOUS = 100


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


@dataclass(frozen=True, slots=True)
class _Forgotten:
    """Trials whose replies, and those of their judges, are not to be used again.

    Attributes:
        trials: Their ids.
        cases: Names of cases in a variant, all of whose repeats are forgotten.
    """

    trials: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        trial = name.removesuffix(JUDGE_SUFFIX)
        return trial in self.trials or trial.partition("#")[0] in self.cases


class PreviousRun:
    """The replies of a run by the requests they answer; memory holds their locations only.

    A run of some of the trials also has the replies of the run before it, so that a narrow run in
    between does not make the others be paid for again.

    Attributes:
        labels: What became of each trial of the run, by its id.
    """

    def __init__(self, path: Path) -> None:
        """Open a run file, and those of the runs before it that it needs.

        Raises:
            StoreError: It cannot be read or is damaged, or a process still writes to it.
        """
        self._readers: list[RunReader] = []
        self._locations: dict[str, _ReplyLocation] = {}
        self._own_locations: dict[tuple[str, str], _ReplyLocation] = {}
        self._tasks: dict[str, tuple[str, str]] = {}
        self._complete: dict[str, str] = {}
        self._complete_own: set[tuple[str, str]] = set()
        self._forgotten = _Forgotten()
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
    def head(self) -> RunHead:
        """The first line of the run file."""
        return self._readers[0].head

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the run files: that lines of them were left out."""
        return tuple(note for reader in self._readers for note in reader.notes)

    def has_all(self, fingerprint: str, trial: str, *, trial_specific: bool = False) -> bool:
        """Return whether it has every reply to a trial with this request fingerprint.

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
        own = self._own_locations.get((request.key, request.trial))
        location = own if request.trial_specific else own or self._locations.get(request.key)
        if location is None:
            return None
        return reply_of(_record_at(location))

    def replies_of(self, trial: str) -> Iterator[ReplyRecord]:
        """Yield all replies of a trial."""
        for key in self._keys_by_trial.get(trial, ()):
            yield _record_at(self._own_locations[key, trial])

    @cached_property
    def _keys_by_trial(self) -> Mapping[str, Sequence[str]]:
        keys: dict[str, list[str]] = {}
        for key, trial in self._own_locations:
            keys.setdefault(trial, []).append(key)
        return keys

    def task(self, request: Request) -> str | None:
        """Return the id of the task that was made for a request, if there is one."""
        task = self._tasks.get(request.key)
        return None if task is None else task[0]

    def forget(self, trials: Collection[str] = (), cases: Iterable[CaseKey] = ()) -> None:
        """Forget all replies of some trials, so that the service and their judges are asked again.

        They do not get another trial's reply to the same request either; that trial keeps it.

        Args:
            trials: Their ids.
            cases: Cases that are forgotten whole, also repeats that the run did not get to.
        """
        forgotten = _Forgotten(
            self._forgotten.trials | set(trials), self._forgotten.cases | set(map(str, cases))
        )
        self._forgotten = forgotten
        keys = {key for key, trial in self._own_locations if trial in forgotten}
        self._locations = {
            key: location for key, location in self._locations.items() if key not in keys
        }
        self._own_locations = {
            name: location
            for name, location in self._own_locations.items()
            if name[1] not in forgotten
        }
        self._complete = {
            fingerprint: trial
            for fingerprint, trial in self._complete.items()
            if trial not in forgotten
        }
        self._complete_own = {name for name in self._complete_own if name[1] not in forgotten}
        self._tasks = {key: task for key, task in self._tasks.items() if task[1] not in forgotten}

    def close(self) -> None:
        """Close the run files."""
        for reader in self._readers:
            reader.close()

    def _open(self, path: Path) -> None:
        reader = RunReader(path)
        self._readers.append(reader)
        if reader.is_in_use:
            who = reader.head.pid or "unknown"
            raise StoreError(f"{path} is being written by another process (pid {who})")
        self._add_outcomes(reader, has_labels=len(self._readers) == 1)
        self._add_replies(reader)
        self._add_tasks(reader)
        previous = reader.head.previous_run_file
        if reader.head.partial and previous and len(self._readers) < _MOST_PREVIOUS:
            with suppress(StoreError):  # it may have been removed
                self._open(Path(previous))

    def _add_outcomes(self, reader: RunReader, *, has_labels: bool) -> None:
        for offset, record in reader.outcome_lines():
            with _damage_named(reader, offset):
                self._add_outcome(reader, offset, record)
                if has_labels:
                    self.labels[record["id"]] = record["outcome"]

    def _add_replies(self, reader: RunReader) -> None:
        """Add replies of trials that did not end, as in a run that was killed."""
        for offset, line in reader.reply_lines():
            location = _ReplyLocation(reader, offset, 0, is_alone=True)
            with _damage_named(reader, offset):
                self._add(line["reply"], line["trial"], location)

    def _add_tasks(self, reader: RunReader) -> None:
        for task in reader.task_lines():
            # Earlier versions wrote tasks without their trial; such a task is made again.
            if {"key", "id", "trial"} <= set(task):
                self._tasks.setdefault(task["key"], (task["id"], task["trial"]))

    def _add_outcome(self, reader: RunReader, offset: int, record: OutcomeRecord) -> None:
        replies, trial = _replies(record), record["id"]
        for turn, reply in enumerate(replies):
            reply_of(reply)  # what is damaged is found before anything is sent
            self._add(reply, trial, _ReplyLocation(reader, offset, turn))
        fingerprint = record["fingerprints"]["request"]
        if record["error"] is None and replies and fingerprint is not None:
            self._complete.setdefault(fingerprint, trial)
            self._complete_own.add((fingerprint, trial))

    def _add(self, reply: Mapping[str, Any], trial: str, location: _ReplyLocation) -> None:
        # The first one stays: readers are opened from the newest run to the oldest.
        self._locations.setdefault(reply["key"], location)
        self._own_locations.setdefault((reply["key"], trial), location)


@contextmanager
def _damage_named(reader: RunReader, offset: int) -> Iterator[None]:
    """Say where a line is that lacks something, or has something of another type."""
    try:
        yield
    except KeyError as error:
        raise reader.damaged(offset, f"`{error.args[0]}` is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise reader.damaged(offset, "it holds something else than a trial") from error


def _record_at(location: _ReplyLocation) -> ReplyRecord:
    if location.is_alone:
        return cast("ReplyRecord", location.reader.line_at(location.offset)["reply"])
    record = location.reader.outcome_at(location.offset)
    return cast("ReplyRecord", _replies(record)[location.turn])


def _replies(record: OutcomeRecord) -> list[Any]:
    last = [record["reply"]] if record["reply"] is not None else []
    return [*record["earlier_replies"], *last]
