"""Checks that runs can be merged into one: from the same suites, files, commit and options."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.model.run_file import RunHead, ShardHead
from harness.model.suite_head import SuiteHead
from harness.reporting.rerun_words import rerun_words
from harness.store.reader import RunReader
from harness.wording import RESUME, Option, Wording

_MOST_NAMED = 5
_SHORT = 10  # digits of a commit


@dataclass(frozen=True, slots=True)
class MergeCheck:
    """What is to be known of runs that can be merged.

    Attributes:
        missing: The numbers of the shards that are missing.
        notes: What a person should know.
    """

    missing: tuple[int, ...]
    notes: tuple[str, ...]


def check_merge(readers: Sequence[RunReader], *, allow_missing: bool) -> MergeCheck:
    """Make sure that runs can be merged.

    Args:
        readers: The runs, at least one.
        allow_missing: Whether shards may be missing or unfinished.

    Raises:
        StoreError: They differ in what the parts of one run have in common, or are not complete.
    """
    _check_suites(readers)
    missing = _missing_shards(readers)
    if readers[0].head.shard is not None:
        _check_commits(readers)
    _check_plans(readers)
    if not allow_missing:
        _check_all_there(readers, missing)
    return MergeCheck(tuple(missing), tuple(_notes(readers, missing)))


def _check_suites(readers: Sequence[RunReader]) -> None:
    first_of: dict[str, tuple[SuiteHead, Path]] = {}
    first_with_files: dict[str, tuple[Mapping[str, str], Path]] = {}
    for reader in readers:
        for suite in reader.head.suites:
            first, path = first_of.setdefault(suite.name, (suite, reader.path))
            # By hash and not by path: each machine has the project in a folder of its own.
            if first.sha256 != suite.sha256:
                raise StoreError(
                    f"the suite `{suite.name}` is not the same in {path} and {reader.path};"
                    " run both with one version of it, or use `harness compare`"
                )
            if suite.files is None:
                continue
            files, path = first_with_files.setdefault(suite.name, (suite.files, reader.path))
            if files != suite.files:
                raise StoreError(
                    f"files that the suite `{suite.name}` includes are not the same in {path} and"
                    f" {reader.path}: {_differences(files, path, suite.files, reader.path)};"
                    " run both with one version of them, or use `harness compare`"
                )


def _differences(
    one: Mapping[str, str], one_path: Path, two: Mapping[str, str], two_path: Path
) -> str:
    """Return which files differ, and which only one of the runs included."""
    names = [name for name in sorted({*one, *two}) if one.get(name) != two.get(name)]
    listed = []
    for name in names:
        only = two_path if name not in one else one_path if name not in two else None
        listed.append(f"`{name}`" + ("" if only is None else f" (only in {only})"))
    return _listed(listed)


def _check_commits(readers: Sequence[RunReader]) -> None:
    """Make sure that shards were run at one commit, as far as that is known."""
    at_commits = [reader for reader in readers if reader.head.git is not None]
    for reader in at_commits[1:]:
        _check_same_commit(at_commits[0], reader, lambda head: head.git)
    known = [reader for reader in at_commits if reader.head.dirty is not None]
    for reader in known[1:]:
        _check_same_commit(known[0], reader, lambda head: head.dirty)


def _check_same_commit(
    one: RunReader, two: RunReader, fact: Callable[[RunHead], str | bool | None]
) -> None:
    if fact(one.head) != fact(two.head):
        raise StoreError(
            f"these are not the shards of one run: {one.path} was run at {_commit(one.head)}, and"
            f" {two.path} at {_commit(two.head)}; run all shards at one commit"
        )


def _commit(head: RunHead) -> str:
    changes = " with uncommitted changes" if head.dirty else ""
    return "an unknown commit" if head.git is None else f"commit {head.git[:_SHORT]}{changes}"


def _missing_shards(readers: Sequence[RunReader]) -> list[int]:
    """Return the numbers of the shards that are missing."""
    shards = [(reader.path, reader.head.shard) for reader in readers]
    sizes = {None if shard is None else shard.of for _, shard in shards}
    if len(sizes) > 1:
        listed = "; ".join(
            f"{path} is {'not a shard' if shard is None else shard}"
            for path, shard in shards[:_MOST_NAMED]
        )
        raise StoreError(f"these are not the shards of one run: {listed}")
    (size,) = sizes
    numbers = {shard.number for _, shard in shards if shard is not None}
    return [number for number in range(1, (size or 0) + 1) if number not in numbers]


def _check_plans(readers: Sequence[RunReader]) -> None:
    """Make sure that shards come from one plan: same options, and no trial in two of them."""
    sharded = [(reader, reader.head.shard) for reader in readers if reader.head.shard is not None]
    owners: dict[int, tuple[RunReader, ShardHead]] = {}
    for reader, shard in sharded:
        first, first_shard = sharded[0]
        _check_same_options(first, reader)
        if first_shard.plan != shard.plan:
            raise StoreError(
                f"these are not the shards of one run: {first.path} and {reader.path} were"
                " planned from other cases; give all of them the same data and selection"
            )
        for index in reader.indexes():
            owner, owner_shard = owners.setdefault(index, (reader, shard))
            if owner_shard != shard:
                raise StoreError(
                    f"these are not the shards of one run: {owner.path} and {reader.path} both"
                    f" have the trial {index}; data or prompt files may have changed in between"
                )


def _check_same_options(one: RunReader, two: RunReader) -> None:
    heads = (one.head, two.head)
    facts = {
        "what was set": [shlex.join(rerun_words(head.options)) or "nothing" for head in heads],
        "whether only some cases are wanted": [str(head.partial) for head in heads],
    }
    for what, (first, second) in facts.items():
        if first != second:
            raise StoreError(
                f"these are not the shards of one run: {what} in {one.path} is {first}, and in"
                f" {two.path} {second}"
            )


def _check_all_there(readers: Sequence[RunReader], missing: Sequence[int]) -> None:
    if missing:
        numbers = ", ".join(map(str, missing))
        shard = readers[0].head.shard
        size = "" if shard is None else str(shard.of)
        raise StoreError(
            Wording(
                "missing: shard {numbers} of {size}; name its run too, or merge without it"
                " with {allow_missing}",
                numbers=numbers,
                size=size,
                allow_missing=Option("allow_missing"),
            )
        )
    for reader in readers:
        if reader.ending is None or reader.is_torn:
            raise StoreError(
                Wording(
                    "{path} did not come to its end; `{resume}` completes it, or merge what it has"
                    " with {allow_missing}",
                    path=str(reader.path),
                    resume=RESUME,
                    allow_missing=Option("allow_missing"),
                )
            )


def _notes(readers: Sequence[RunReader], missing: Sequence[int]) -> Iterator[str]:
    if len(readers) == 1 and not missing:
        yield "only one run was given, so the merged run is a copy of it"
    counts = Counter(suite.name for reader in readers for suite in reader.head.suites)
    unknown = [
        str(reader.path)
        for reader in readers
        if any(suite.files is None and counts[suite.name] > 1 for suite in reader.head.suites)
    ]
    if unknown:
        yield (
            "whether included files are the same could not be checked: an earlier version wrote"
            f" {_listed(unknown)}"
        )
    commits = {_commit(reader.head): reader for reader in reversed(readers)}
    if len(commits) > 1:
        runs = [f"{reader.path} at {commit}" for commit, reader in reversed(commits.items())]
        yield f"the runs are of different commits: {_listed(runs)}"


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _MOST_NAMED
    return ", ".join(words[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
