"""Merges runs of several machines into one: the shards of a run, or runs of different suites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from harness.app.execute.run_result import RunResult
from harness.app.plan.options import RunOptions
from harness.app.plan.project import project_settings
from harness.app.report.merge_checks import check_merge
from harness.app.report.merged_run import MergedRun, merged_head
from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.run_file import MergeHead, RunHead
from harness.store.folder import RUN_FILE, find_run
from harness.store.reader import RunReader
from harness.wording import Option, Wording

Duplicates = Literal["keep-last", "keep-all"]
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _OutcomeLocation:
    """Where an outcome is, and whose it is.

    Memory holds these and not the outcomes, which have the texts of requests and replies.

    Attributes:
        run: The number of its run among those that are merged.
        index: Its place in suite order within that run.
        case: The case in a variant that it is a repeat of.
        id: The id of its trial.
    """

    run: int
    index: int
    case: CaseKey
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
    """Write the outcomes of several runs into one new run file; the runs stay unchanged.

    The order of the names does not matter.

    Args:
        names: Files, folders or ids of runs, or `latest`.
        choice: Says where runs are kept.
        target: The run file to write; by default in a new folder below the reports.
        on_duplicate: For trials that are in several runs, keep the one of the run that started
            last, or keep all as repeats; by default they are an error.
        allow_missing: Whether shards may be missing or unfinished.

    Raises:
        StoreError: A run cannot be read, the runs cannot be merged, or the file cannot be written.
    """
    reports = project_settings(choice).reports
    with ExitStack() as stack:
        readers = [stack.enter_context(RunReader(path)) for path in _files(names, reports)]
        # By time and not by name: `keep-last` is about time, and the same runs must make the same
        # file in whichever order a shell lists them.
        readers.sort(key=lambda reader: (reader.head.started, reader.head.id))
        check = check_merge(readers, allow_missing=allow_missing)
        locations = _locations(readers)
        if on_duplicate != "keep-all":
            locations = _without_duplicates(locations, readers, on_duplicate)
        # Shards run side by side, so the whole took as long as the slowest.
        endings = [reader.ending for reader in readers]
        seconds = max(0.0 if ending is None else ending.seconds for ending in endings)
        head = _head(readers, check.missing)
        path = target or reports / head.id / RUN_FILE
        outcomes = _renumbered(locations, readers)
        merged = MergedRun(head, readers, seconds, notes=check.notes)
        return merged.write(path, outcomes, reports if target is None else None)


def _files(names: Sequence[str], reports: Path) -> list[Path]:
    files = [find_run(name, reports).resolve() for name in names]
    # Resolved first: `latest` and an id, or a folder and its file, may be the same run.
    for path, number in Counter(files).items():
        if number > 1:
            raise StoreError(f"{path} is given {number} times; give each run once")
    return files


def _head(readers: Sequence[RunReader], missing: Sequence[int]) -> RunHead:
    heads = [reader.head for reader in readers]
    return replace(
        merged_head(readers),
        id=f"{heads[0].id}-merged",
        partial=any(head.partial for head in heads),
        shard=None,  # the shards together are not one; what is missing is listed
        merged=MergeHead(tuple(head.id for head in heads), tuple(missing)),
    )


def _locations(readers: Sequence[RunReader]) -> list[_OutcomeLocation]:
    """Return the outcomes of all runs in suite order, with the repeats of a case together."""
    is_sharded = readers[0].head.shard is not None
    locations = []
    for number, reader in enumerate(readers):
        for index in reader.indexes():
            record = reader.outcome(index)
            case = CaseKey(record["suite"], record["case"], record["variant"])
            locations.append(_OutcomeLocation(number, index, case, record["repeat"], record["id"]))
    # Indexes of shards are those of the whole run; indexes of other runs all begin at 0.
    locations.sort(key=lambda location: (0 if is_sharded else location.run, location.index))
    order: dict[CaseKey, int] = {}
    for location in locations:
        order.setdefault(location.case, len(order))
    return sorted(
        locations,
        key=lambda location: (order[location.case], location.repeat, location.run),
    )


def _without_duplicates(
    locations: Sequence[_OutcomeLocation],
    readers: Sequence[RunReader],
    on_duplicate: Duplicates | None,
) -> list[_OutcomeLocation]:
    kept: dict[str, _OutcomeLocation] = {}
    pairs = []
    for location in locations:
        if location.id in kept:
            pairs.append((kept[location.id], location))
        kept[location.id] = location
    if pairs and on_duplicate is None:
        listed = "\n".join(
            f"  {one.id}: {readers[one.run].path} and {readers[two.run].path}"
            for one, two in pairs[:_MOST_NAMED]
        )
        more = f"\n  … and {len(pairs) - _MOST_NAMED:,} more" if len(pairs) > _MOST_NAMED else ""
        raise StoreError(
            Wording(
                "{count} trials are in several runs:\n{listed}{more}\n"
                "keep those of the newest run with {last}, or all of them as repeats with {all}",
                count=f"{len(pairs):,}",
                listed=listed,
                more=more,
                last=Option("on_duplicate", "keep-last"),
                all=Option("on_duplicate", "keep-all"),
            )
        )
    return list(kept.values())


def _renumbered(
    locations: Sequence[_OutcomeLocation], readers: Sequence[RunReader]
) -> Iterator[OutcomeRecord]:
    """Yield the outcomes with the indexes and, where repeats were added, the repeats of one run."""
    repeats_of = Counter(location.case for location in locations)
    repeat_of: Counter[CaseKey] = Counter()
    for index, location in enumerate(locations):
        record = readers[location.run].outcome(location.index)
        record["index"] = index
        repeat_of[location.case] += 1
        # Only where there are more than were planned: where repeats are missing, as of a run that
        # was interrupted, the others keep their numbers, and with them their ids.
        if repeats_of[location.case] > record["repeats"]:
            name = record["id"].partition("#")[0]
            record["repeat"] = repeat_of[location.case]
            record["repeats"] = repeats_of[location.case]
            record["id"] = f"{name}#{record['repeat']}"
        yield record
