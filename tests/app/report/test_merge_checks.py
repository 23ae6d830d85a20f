"""What runs must have in common to be merged, and what is said of those that are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.app.report.merge_checks import check_merge
from harness.errors import StoreError
from harness.store.reader import RunReader
from tests.app.report.test_merge_shards import in_suite_order, merged, write_run
from tests.support.page_runs import mixed

A, B = "a" * 64, "b" * 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def suite(name: str = "desk", files: Mapping[str, str] | None = None) -> dict[str, Any]:
    known = {} if files is None else {"files": files}
    return {"name": name, "path": "x", "sha256": A, "variants": [], "cases": 1, **known}


def two_runs(
    folder: Path, one: Mapping[str, Any], two: Mapping[str, Any], *, is_sharded: bool = True
) -> list[Path]:
    records = in_suite_order(mixed())
    heads = [dict(one), dict(two)]
    if is_sharded:
        for number, head in enumerate(heads, start=1):
            head["shard"] = {"number": number, "of": 2, "plan": "p"}
    return [
        write_run(folder / "a.jsonl", records[:9], **heads[0]),
        write_run(folder / "b.jsonl", records[9:], **heads[1]),
    ]


def with_files(*files: Mapping[str, str] | None) -> list[dict[str, Any]]:
    return [{"suites": [suite(files=of_run)]} for of_run in files]


@pytest.mark.parametrize("is_sharded", [True, False])
def test_runs_whose_included_files_differ_are_refused_with_their_names(
    tmp_path: Path, is_sharded: bool
) -> None:
    one, two = with_files(
        {"same.md": A, "system.md": A, "old.csv": A}, {"same.md": A, "system.md": B, "new.csv": A}
    )
    paths = two_runs(tmp_path, one, two, is_sharded=is_sharded)

    with pytest.raises(StoreError) as caught:
        merged(paths, tmp_path / "m" / "run.jsonl")

    assert str(caught.value) == (
        f"files that the suite `desk` includes are not the same in {paths[0]} and {paths[1]}:"
        f" `new.csv` (only in {paths[1]}), `old.csv` (only in {paths[0]}), `system.md`; run both"
        " with one version of them, or use `harness compare`"
    )
    assert not (tmp_path / "m").exists()


def test_of_many_files_that_differ_some_are_named(tmp_path: Path) -> None:
    files = [f"{number}.md" for number in range(8)]
    paths = two_runs(tmp_path, *with_files(dict.fromkeys(files, A), dict.fromkeys(files, B)))

    with pytest.raises(StoreError, match=r": `0.md`, .*`4.md` and 3 more; run both"):
        merged(paths, tmp_path / "m" / "run.jsonl")


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        (
            {"git": COMMIT},
            {"git": OTHER},
            "a.jsonl was run at commit 0123456789, and .*b.jsonl at commit ffffffffff; run all",
        ),
        (
            {"git": COMMIT, "dirty": False},
            {"git": COMMIT, "dirty": True},
            "at commit 0123456789, and .*at commit 0123456789 with uncommitted changes; run all",
        ),
    ],
)
def test_shards_of_different_commits_are_refused_with_both(
    tmp_path: Path, one: dict[str, Any], two: dict[str, Any], words: str
) -> None:
    with pytest.raises(StoreError, match=words):
        merged(two_runs(tmp_path, one, two), tmp_path / "m" / "run.jsonl")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"git": COMMIT, "dirty": True}, {"git": COMMIT, "dirty": True}),
        ({"git": COMMIT}, {"git": COMMIT, "dirty": True}),
        ({"git": None}, {"git": None}),
    ],
)
def test_shards_of_one_commit_are_merged_and_the_whole_has_it(
    tmp_path: Path, one: dict[str, Any], two: dict[str, Any]
) -> None:
    result = merged(two_runs(tmp_path, one, two), tmp_path / "m" / "run.jsonl")

    head = result.head()
    assert head.git == one["git"]
    assert head.dirty == (one.get("dirty") if one == two else None)


def test_runs_of_other_suites_may_be_of_other_commits_which_is_said(tmp_path: Path) -> None:
    paths = two_runs(
        tmp_path,
        {"suites": [suite("desk", {})], "git": COMMIT},
        {"suites": [suite("triage", {})], "git": OTHER, "dirty": True},
        is_sharded=False,
    )

    result = merged(paths, tmp_path / "m" / "run.jsonl")

    assert result.notes == (
        f"the runs are of different commits: {paths[0]} at commit 0123456789, {paths[1]} at commit"
        " ffffffffff with uncommitted changes",
    )
    assert (result.head().git, result.head().dirty) == (None, None)


def test_a_file_of_an_earlier_version_is_merged_with_a_note(tmp_path: Path) -> None:
    paths = two_runs(tmp_path, *with_files(None, {"system.md": A}))

    result = merged(paths, tmp_path / "m" / "run.jsonl")

    assert result.notes == (
        "whether included files are the same could not be checked: an earlier version wrote"
        f" {paths[0]}",
    )
    (kept,) = (each for each in result.head().suites if each.name == "desk")
    assert kept.files == {"system.md": A}


def test_a_single_run_is_copied_which_is_said(tmp_path: Path) -> None:
    path, _ = two_runs(tmp_path, *with_files(None, None), is_sharded=False)

    result = merged([path], tmp_path / "m" / "run.jsonl")

    assert result.notes == ("only one run was given, so the merged run is a copy of it",)


def test_a_single_shard_of_several_is_no_copy(tmp_path: Path) -> None:
    path, _ = two_runs(tmp_path, *with_files(None, None))

    with RunReader(path) as reader:
        check = check_merge([reader], allow_missing=True)

    assert (check.missing, check.notes) == ((2,), ())


def test_hashes_of_files_are_text(tmp_path: Path) -> None:
    path, _ = two_runs(tmp_path, *with_files({"a": A}, None))
    path.write_text(path.read_text().replace(json.dumps(A), "5"))

    with pytest.raises(StoreError, match="should be text"):
        RunReader(path)
