"""The replies that all runs of a project share, in SQLite."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.json_text import json_bytes
from harness.model.reply import Reply, ReplyOrigin, text_of
from harness.model.request import Delivery, Request
from harness.model.usage import Price, Usage, cost_of
from harness.scrubbing import Scrubber

FORMAT = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,
    trial TEXT NOT NULL,
    model TEXT NOT NULL,
    delivery TEXT NOT NULL,
    message BLOB NOT NULL,
    cost REAL,
    stored REAL NOT NULL
) WITHOUT ROWID
"""


_ALL_COLUMNS = "SELECT key, trial, model, delivery, message, cost, stored FROM replies LIMIT 0"


@dataclass(frozen=True, slots=True)
class CacheStats:
    """The content of a cache; `oldest` and `newest` are in seconds since the epoch."""

    replies: int
    bytes: int
    cost: float
    oldest: float | None
    newest: float | None


class ReplyCache:
    """Stores replies by the trials and the requests that they answer, and by who answered."""

    def __init__(
        self,
        path: Path,
        most_age: float | None = None,
        scrubber: Scrubber | None = None,
        clock: Callable[[], float] = time.time,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        import sqlite3  # runs without a cache do not wait for it

        self.path, self._most_age, self._clock = path, most_age, clock
        self._prices = prices or {}
        self._scrubber = scrubber or Scrubber()
        with self._errors_translated("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=30, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._file.close()
                raise

    def _prepare(self) -> None:
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=FULL")
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        if version > FORMAT:
            raise StoreError(f"{self.path} was written by a newer version of harness; update it")
        tables = {name for (name,) in self._file.execute("SELECT name FROM sqlite_master")}
        if tables and "replies" not in tables:
            raise StoreError(f"{self.path} is not a reply cache")
        self._file.execute(_SCHEMA)
        self._file.execute(_ALL_COLUMNS)  # fails on a table with other columns
        self._file.execute(f"PRAGMA user_version={FORMAT}")

    def recall(self, request: Request) -> Reply | None:
        """Return the reply to a request, if there is one that is not too old."""
        since = 0.0 if self._most_age is None else self._clock() - self._most_age
        row = self._row(request)
        if row is None or row[3] < since:
            return None
        try:
            message = json.loads(row[0])
            usage = Usage.of(message)
            cost = cost_of(self._prices, message, request.body, usage)
            return Reply(
                message=message,
                text=text_of(message),
                usage=usage,
                delivery=Delivery(row[1]),
                cost=cost.usd,
                is_cost_partial=cost.is_partial,
                origin=ReplyOrigin.CACHE,
                key=request.key,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problem = f"the cache {self.path} is damaged at {request.key}"
            raise StoreError(f"{problem}; `harness cache clear` empties it") from error

    def keep(self, request: Request, reply: Reply) -> None:
        """Store the reply to a request, unless it was taken from here.

        That of a simulator behind an address is not stored: another server may stand there later.
        """
        if reply.origin is ReplyOrigin.CACHE or reply.is_simulated:
            return
        values = (
            request.trial_key,
            request.trial,
            self._clean(reply.model or str(request.body.get("model"))),
            reply.delivery.value,
            self._scrubber.clean(json_bytes(reply.message)),
            reply.cost,
            self._clock(),
        )
        with self._errors_translated("written"):
            self._file.execute(
                "INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)", values
            )

    def _clean(self, text: str) -> str:
        return self._scrubber.clean(text.encode("utf-8", "replace")).decode()

    def stored_at(self, request: Request) -> float | None:
        """Return when the reply to a request was stored, in seconds since the epoch."""
        row = self._row(request)
        return None if row is None else float(row[3])

    def _row(self, request: Request) -> tuple[Any, ...] | None:
        """Return the message, delivery, cost and time of the reply to a request.

        Each trial has its own: with a temperature, two cases that ask the same are two draws.
        """
        query = "SELECT message, delivery, cost, stored FROM replies WHERE key = ?"
        with self._errors_translated("read"):
            row: tuple[Any, ...] | None = self._file.execute(query, (request.trial_key,)).fetchone()
        return row

    def stats(self) -> CacheStats:
        """Return how much it holds."""
        with self._errors_translated("read"):
            row = self._file.execute(
                "SELECT count(*), coalesce(sum(length(message)), 0), coalesce(sum(cost), 0),"
                " min(stored), max(stored) FROM replies"
            ).fetchone()
        return CacheStats(*row)

    def clear(self, older_than: float | None = None) -> int:
        """Remove all replies, or those older than some seconds, and return how many."""
        # One second more, or a reply that is stored at this very moment would stay.
        until = self._clock() + 1 if older_than is None else self._clock() - older_than
        with self._errors_translated("cleared"):
            removed = self._file.execute("DELETE FROM replies WHERE stored < ?", (until,)).rowcount
            self._file.execute("VACUUM")
        return removed

    def close(self) -> None:
        """Close the database."""
        self._file.close()

    @contextmanager
    def _errors_translated(self, what: str) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"the cache {self.path} cannot be {what}: {error}") from error
