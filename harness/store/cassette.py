"""Cassettes: the replies of each suite in a text file that is fit for git."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import StoreError
from harness.json_text import json_bytes, json_value
from harness.model.reply import Reply, ReplyOrigin, text_of
from harness.model.request import Delivery, Request
from harness.model.settings import SIMULATOR
from harness.model.usage import Price, Usage, cost_of
from harness.scrubbing import Scrubber
from harness.store.atomic_file import write_atomically
from harness.store.blobs import BlobWriter

FORMAT = 1
_SUFFIX = ".jsonl"
_LONGEST_SHOWN = 60


class CassetteWriter:
    """Collects the replies of a run and writes them, sorted, when it is over.

    Times, headers and ids of the service are left out, so the same reply gives the same line.
    """

    def __init__(
        self,
        folder: Path,
        suites: Iterable[str],
        scrubber: Scrubber,
        *,
        server: str | None = None,
    ) -> None:
        self._folder, self._scrubber, self._server = folder, scrubber, server
        self._kept: set[tuple[str, int]] = set()
        self._entries: dict[str, dict[tuple[str, int], dict[str, Any]]] = {}
        for suite in suites:
            self._entries_of(suite)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the cassettes {folder} cannot be created: {error.strerror}"
            ) from error

    def keep(self, request: Request, reply: Reply) -> None:
        """Add the reply to a request; it replaces an older one."""
        message = {key: value for key, value in reply.message.items() if key != "id"}
        self._kept.add((request.trial, request.turn))
        self._entries_of(_suite_of(request))[request.trial, request.turn] = {
            "trial": request.trial,
            "turn": request.turn,
            "key": request.key,
            "service": request.service,
            "server": SIMULATOR if reply.is_simulated else self._server,
            "request": _shortened(request.body),
            "delivery": reply.delivery.value,
            "message": message,
        }

    def _entries_of(self, suite: str) -> dict[tuple[str, int], dict[str, Any]]:
        if suite not in self._entries:
            self._entries[suite] = _entries(_path(self._folder, suite), must_exist=False)
        return self._entries[suite]

    def save(self, *, is_whole: bool) -> Sequence[Path]:
        """Write the cassettes, each completely or not at all, and return those written.

        Args:
            is_whole: Whether all trials of the suites ran; then all other entries are removed.

        Raises:
            StoreError: A file cannot be written.
        """
        if is_whole:
            for suite, entries in self._entries.items():
                kept = {name: entry for name, entry in entries.items() if name in self._kept}
                self._entries[suite] = kept
        return [
            _save(_path(self._folder, suite), entries, self._scrubber)
            for suite, entries in self._entries.items()
            if entries
        ]


class Cassettes:
    """The recorded replies of suites, which are the only source of a run that replays them.

    Raises:
        StoreError: A suite has no cassette, or one is damaged.
    """

    def __init__(
        self,
        folder: Path,
        suites: Iterable[str],
        prices: Mapping[str, Price],
        *,
        service: str = "",
    ) -> None:
        self.folder, self._prices, self._service = folder, prices, service
        self._entries: dict[tuple[str, int], dict[str, Any]] = {}
        self._by_key: dict[str, dict[str, Any]] = {}
        self._suites: set[str] = set()
        self._services: set[str] = set()
        for suite in suites:
            self._open(suite, must_exist=True)

    def recall(self, request: Request) -> Reply | None:
        """Return the recorded reply to a request, if there is one."""
        if _suite_of(request) not in self._suites:  # a test asked for it while the run goes on
            self._open(_suite_of(request), must_exist=False)
        own = self._entries.get((request.trial, request.turn))
        entry = own if own is not None and self._answers(own, request) else self._other(request)
        if entry is None:
            return None
        message = entry["message"]
        usage = Usage.of(message)
        cost = cost_of(self._prices, message, request.body, usage)
        return Reply(
            message=message,
            text=text_of(message),
            usage=usage,
            delivery=Delivery(entry["delivery"]),
            cost=cost.usd,
            is_cost_partial=cost.is_partial,
            origin=ReplyOrigin.CASSETTE,
            key=request.key,
            is_simulated=entry.get("server") == SIMULATOR,
        )

    def _answers(self, entry: Mapping[str, Any], request: Request) -> bool:
        """Return whether an entry has the reply to a request, of the service that is asked."""
        recorded = entry.get("service", "")
        # Where no server is named, as in CI, and in cassettes of earlier versions, any will do.
        if self._service and recorded and recorded != self._service:
            return False
        return bool(entry["key"] == _key_of(request, recorded))

    def _other(self, request: Request) -> dict[str, Any] | None:
        """Return the entry of another trial that has the reply to a request."""
        for service in sorted(self._services):
            entry = self._by_key.get(_key_of(request, service))
            if entry is not None and self._answers(entry, request):
                return entry
        return None

    def _open(self, suite: str, *, must_exist: bool) -> None:
        entries = _entries(_path(self.folder, suite), must_exist=must_exist)
        self._suites.add(suite)
        self._entries |= entries
        self._by_key |= {entry["key"]: entry for entry in entries.values()}
        self._services |= {entry.get("service", "") for entry in entries.values()}

    def why_missing(self, request: Request) -> str:
        """Return why there is no reply to a request: what changed since it was recorded."""
        entry = self._entries.get((request.trial, request.turn))
        if entry is None:
            return "it was never recorded"
        recorded = entry.get("service", "")
        if self._service and recorded and recorded != self._service:
            return f"it was recorded from {entry.get('server')}, or with other `[headers]`"
        changes = list(_changes(entry["request"], _shortened(request.body), ""))
        if not changes:
            return "it was recorded for another repeat"
        more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
        return f"its request changed: {changes[0]}{more}"


def _key_of(request: Request, service: str) -> str:
    """Return the key of a request to a service; mostly it is the one that is asked."""
    return request.key if service == request.service else request.sent_to(service).key


def _suite_of(request: Request) -> str:
    return request.trial.partition("::")[0]


def _path(folder: Path, suite: str) -> Path:
    return folder / f"{suite}{_SUFFIX}"


def _shortened(body: Mapping[str, Any]) -> Any:
    return BlobWriter().shrink(body, {})


def _entries(path: Path, *, must_exist: bool) -> dict[tuple[str, int], dict[str, Any]]:
    if not must_exist and not path.exists():
        return {}
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        names = sorted(cassette.name for cassette in path.parent.glob(f"*{_SUFFIX}"))
        hint = f"; {path.parent} has {', '.join(names)}" if names else ""
        raise StoreError(f"the cassette {path} cannot be read: {error.strerror}{hint}") from error
    entries = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue  # an editor or a merge in git may leave a blank line
        entry = _entry(path, number, line)
        entries[entry["trial"], entry["turn"]] = entry
    return entries


def _entry(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        entry = json_value(line)
        if entry["format"] > FORMAT:
            raise StoreError(f"{path} was written by a newer version of harness; update it")
        Delivery(entry["delivery"])
        text_of(entry["message"])
        kinds = {"trial": str, "turn": int, "key": str, "request": dict, "message": dict}
        if all(isinstance(entry[name], kind) for name, kind in kinds.items()):
            return dict(entry)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        pass
    raise StoreError(f"the cassette {path} is damaged in line {number}; record it again")


def _save(
    path: Path, entries: Mapping[tuple[str, int], Mapping[str, Any]], scrubber: Scrubber
) -> Path:
    lines = [
        scrubber.clean(json_bytes({"format": FORMAT, **entries[name]}, sort_keys=True))
        for name in sorted(entries)
    ]
    write_atomically(path, (line + b"\n" for line in lines), "cassette")
    return path


def _changes(old: Any, new: Any, path: str) -> Iterator[str]:
    """Yield the path of each difference between two requests, with both values."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _changes(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _changes(before, after, f"{path}[{index}]")
    elif old != new:
        yield f"`{path}` was {_shown(old)}, is {_shown(new)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
