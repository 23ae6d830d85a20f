"""The replies of an earlier run, so that they are not paid for again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.model.record import OutcomeRecord, reply_of
from harness.model.reply import Reply
from harness.model.request import Request
from harness.store.reader import RunReader


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a reply is kept: its outcome's line and its turn there, counted from 0."""

    offset: int
    turn: int


_NOWHERE = _Place(-1, 0)


class RunMemory:
    """The replies of a run by the requests they answer; memory holds their places only.

    Attributes:
        complete: The request fingerprints of the trials that have all their replies.
        labels: What became of each trial, by its id.
    """

    def __init__(self, path: Path) -> None:
        self._reader = RunReader(path)
        self._places: dict[str, _Place] = {}
        self._tasks: dict[str, str] = {}
        self.complete: set[str] = set()
        self.labels: dict[str, str] = {}
        try:
            if self._reader.is_in_use:
                who = self._reader.run.get("pid", "unknown")
                raise StoreError(f"{path} is being written by another process (pid {who})")
            for offset, record in self._reader.places():
                self._learn(offset, record)
            self._tasks = {task["key"]: task["id"] for task in self._reader.tasks()}
        except BaseException:
            self._reader.close()
            raise

    @property
    def path(self) -> Path:
        """The run file."""
        return self._reader.path

    @property
    def run(self) -> Mapping[str, Any]:
        """The first line of the run file."""
        return self._reader.run

    def recall(self, request: Request) -> Reply | None:
        """Return the reply to a request, if there is one."""
        place = self._places.get(request.key)
        if place is None:
            return None
        record = self._reader.outcome_at(place.offset)
        return reply_of(_replies(record)[place.turn])

    def task(self, request: Request) -> str | None:
        """Return the id of the task that was made for a request, if there is one."""
        return self._tasks.get(request.key)

    def forget(self, trials: Collection[str]) -> None:
        """Know no replies of some trials any more, so that they are asked for again."""
        for offset, record in self._reader.places():
            if record["id"] in trials:
                fingerprint = record["fingerprints"]["request"]
                self.complete.discard(str(fingerprint))
                for reply in _replies(record):
                    if self._places.get(reply["key"], _NOWHERE).offset == offset:
                        del self._places[reply["key"]]

    def close(self) -> None:
        """Close the run file."""
        self._reader.close()

    def _learn(self, offset: int, record: OutcomeRecord) -> None:
        replies = _replies(record)
        for turn, reply in enumerate(replies):
            self._places.setdefault(reply["key"], _Place(offset, turn))
        self.labels[record["id"]] = record["outcome"]
        fingerprint = record["fingerprints"]["request"]
        if record["error"] is None and replies and fingerprint is not None:
            self.complete.add(fingerprint)


def _replies(record: OutcomeRecord) -> list[Any]:
    last = [record["reply"]] if record["reply"] is not None else []
    return [*record["earlier_replies"], *last]
