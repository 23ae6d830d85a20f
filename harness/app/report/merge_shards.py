"""Runs of several machines, made one: the shards of a run, or runs of different suites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness.app.execute.running import RunResult
from harness.app.plan.planning import RunOptions, project_settings
from harness.app.report.merge_workers import Merged, merged_head
from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.store.folder import RUN_FILE, find_run
from harness.store.reader import RunReader
from harness.wording import RESUME, Option, Wording

Duplicates = Literal["keep-last", "keep-all"]
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _OutcomeLocation:
    """Where an outcome stands: in which of the runs, and at which place of it."""

    run: int
    index: int


@dataclass(frozen=True, slots=True)
class _Entry:
    """An outcome of one of the runs; its unit is a case in a variant."""

    place: _OutcomeLocation
    unit: tuple[str, str, str]
    repeat: int
    id: str


def merge_runs(
    names: Sequence[str],
    choice: RunOptions,
    target: Path | None = None,
    *,
    on_duplicate: Duplicates | None = None,
    allow_missing: bool = False,
) -> RunResult:
    """Write the outcomes of several runs into one new run file; the runs are left as they are.

    The order in which they are named does not matter.

    Args:
        names: Files, folders or ids of runs, or `latest`.
        choice: Says where runs are kept.
        target: The run file to write; a new folder below the reports without it.
        on_duplicate: Of trials that are in several runs, keep that of the run that started last,
            or keep all as repeats; without it they are an error.
        allow_missing: Whether shards may be missing or unfinished.

    Raises:
        StoreError: A run cannot be read, they do not go together, or the file cannot be written.
    """
    reports = project_settings(choice).reports
    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(path)) for path in _files(names, reports)]
        readers.sort(key=lambda each: (str(each.run["started"]), str(each.run["id"])))
        _check_suites(readers)
        missing = _missing_shards(readers)
        _check_plans(readers)
        if not allow_missing:
            _check_all_there(readers, missing)
        entries = _entries(readers)
        if on_duplicate != "keep-all":
            entries = _without_duplicates(entries, readers, on_duplicate)
        seconds = max(float((reader.end or {}).get("seconds", 0.0)) for reader in readers)
        head = _head(readers, missing)
        merged = Merged(head, readers, seconds)
        path = target or reports / str(head["id"]) / RUN_FILE
        outcomes = _renumbered(entries, readers)
        return merged.write(path, outcomes, reports if target is None else None)


_SAME_IN_ALL = {"options": "what was set", "partial": "whether only some cases are wanted"}


def _files(names: Sequence[str], reports: Path) -> list[Path]:
    files = [find_run(name, reports).resolve() for name in names]
    for path, number in Counter(files).items():
        if number > 1:
            raise StoreError(f"{path} is named {number} times; name each run once")
    return files


def _head(readers: Sequence[RunReader], missing: Sequence[int]) -> dict[str, Any]:
    return {
        **merged_head(readers),
        "id": f"{readers[0].run['id']}-merged",
        "partial": any(reader.run.get("partial") for reader in readers),
        "shard": None,
        "merged": {"runs": [str(reader.run["id"]) for reader in readers], "missing": list(missing)},
    }


def _check_suites(readers: Sequence[RunReader]) -> None:
    known: dict[str, tuple[str, Path]] = {}
    for reader in readers:
        for suite in reader.run["suites"]:
            digest, first = known.setdefault(suite["name"], (suite["sha256"], reader.path))
            if digest != suite["sha256"]:
                raise StoreError(
                    f"the suite `{suite['name']}` is not the same in {first} and {reader.path};"
                    " run both with one version of it, or `harness compare` them"
                )


def _missing_shards(readers: Sequence[RunReader]) -> list[int]:
    """Return the numbers of the shards that are not there."""
    shards: list[tuple[Path, Mapping[str, int] | None]] = [
        (reader.path, reader.run.get("shard")) for reader in readers
    ]
    sizes = {None if shard is None else shard["of"] for _, shard in shards}
    if len(sizes) > 1:
        told = "; ".join(
            f"{path} is {'no shard' if shard is None else '{number}/{of}'.format(**shard)}"
            for path, shard in shards[:_MOST_NAMED]
        )
        raise StoreError(f"these are not the shards of one run: {told}")
    (size,) = sizes
    there = {shard["number"] for _, shard in shards if shard is not None}
    return [number for number in range(1, (size or 0) + 1) if number not in there]


def _check_plans(readers: Sequence[RunReader]) -> None:
    """Make sure that shards come from one plan: same options, and no trial in two of them."""
    sharded = [each for each in readers if each.run.get("shard") is not None]
    owners: dict[int, RunReader] = {}
    for reader in sharded:
        for key, words in _SAME_IN_ALL.items():
            one, two = sharded[0].run.get(key), reader.run.get(key)
            if one != two:
                raise StoreError(
                    f"these are not the shards of one run: {words} in {sharded[0].path} is"
                    f" {_told(one)}, and in {reader.path} {_told(two)}"
                )
        if sharded[0].run["shard"].get("plan") != reader.run["shard"].get("plan"):
            raise StoreError(
                f"these are not the shards of one run: {sharded[0].path} and {reader.path} were"
                " planned from other cases; give all of them the same data and selection"
            )
        for index in reader.indexes():
            owner = owners.setdefault(index, reader)
            if owner.run["shard"] != reader.run["shard"]:
                raise StoreError(
                    f"these are not the shards of one run: {owner.path} and {reader.path} both"
                    f" have the trial {index}; data or prompt files may have changed in between"
                )


def _told(value: Any) -> str:
    return " ".join(map(str, value)) or "nothing" if isinstance(value, list) else str(value)


def _check_all_there(readers: Sequence[RunReader], missing: Sequence[int]) -> None:
    if missing:
        numbers = ", ".join(map(str, missing))
        raise StoreError(
            Wording(
                "missing: shard {numbers} of {size}; name its run too, or merge without it"
                " with {allow_missing}",
                numbers=numbers,
                size=str(readers[0].run["shard"]["of"]),
                allow_missing=Option("allow_missing"),
            )
        )
    for reader in readers:
        if reader.end is None or reader.is_torn:
            raise StoreError(
                Wording(
                    "{path} did not come to its end; `{resume}` completes it, or merge what it has"
                    " with {allow_missing}",
                    path=str(reader.path),
                    resume=RESUME,
                    allow_missing=Option("allow_missing"),
                )
            )


def _entries(readers: Sequence[RunReader]) -> list[_Entry]:
    """Return the outcomes of all runs in suite order, the repeats of a unit beside each other."""
    is_sharded = readers[0].run.get("shard") is not None
    entries = []
    for number, reader in enumerate(readers):
        for index in reader.indexes():
            record = reader.outcome(index)
            unit = (record["suite"], record["case"], record["variant"])
            entries.append(
                _Entry(_OutcomeLocation(number, index), unit, record["repeat"], record["id"])
            )
    entries.sort(key=lambda each: (0 if is_sharded else each.place.run, each.place.index))
    order: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        order.setdefault(entry.unit, len(order))
    return sorted(entries, key=lambda each: (order[each.unit], each.repeat, each.place.run))


def _without_duplicates(
    entries: Sequence[_Entry], readers: Sequence[RunReader], on_duplicate: Duplicates | None
) -> list[_Entry]:
    kept: dict[str, _Entry] = {}
    twice = []
    for entry in entries:
        if entry.id in kept:
            twice.append((kept[entry.id], entry))
        kept[entry.id] = entry
    if twice and on_duplicate is None:
        named = "\n".join(
            f"  {one.id}: {readers[one.place.run].path} and {readers[two.place.run].path}"
            for one, two in twice[:_MOST_NAMED]
        )
        more = f"\n  … and {len(twice) - _MOST_NAMED:,} more" if len(twice) > _MOST_NAMED else ""
        raise StoreError(
            Wording(
                "{count} trials are in several runs:\n{named}{more}\n"
                "take those of the newest run with {last}, or all of them as repeats with {all}",
                count=f"{len(twice):,}",
                named=named,
                more=more,
                last=Option("on_duplicate", "keep-last"),
                all=Option("on_duplicate", "keep-all"),
            )
        )
    return list(kept.values())


def _renumbered(entries: Sequence[_Entry], readers: Sequence[RunReader]) -> Iterator[OutcomeRecord]:
    """Yield the outcomes with places, and where there are more of them repeats, of one run."""
    numbers = Counter(entry.unit for entry in entries)
    repeats: Counter[tuple[str, str, str]] = Counter()
    for index, entry in enumerate(entries):
        record = readers[entry.place.run].outcome(entry.place.index)
        record["index"] = index
        repeats[entry.unit] += 1
        if numbers[entry.unit] > record["repeats"]:
            name = record["id"].partition("#")[0]
            record["repeat"], record["repeats"] = repeats[entry.unit], numbers[entry.unit]
            record["id"] = f"{name}#{record['repeat']}"
        yield record
