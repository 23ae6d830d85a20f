"""Shards and other runs made one."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.app.execute.run_metadata import run_end
from harness.app.execute.run_result import RunResult
from harness.app.plan.options import RunOptions
from harness.app.report.files import write_html, write_table
from harness.app.report.merge_shards import merge_runs
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.loading.selection import Shard
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.reporting.case_results import key_of
from harness.reporting.summary import warnings_of_run
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.model.test_identical_variants import FOUND
from tests.support.page_runs import mixed
from tests.support.trials import summed

OF = 7


def write_run(path: Path, records: Sequence[OutcomeRecord], **head: Any) -> Path:
    run = {
        "id": head.pop("id", path.stem),
        "harness": "0.1.0",
        "started": "2026-11-01T10:15:00.000+00:00",
        "command": ["harness", "run"],
        "simulated": False,
        "partial": False,
        "shard": None,
        "suites": [
            {"name": name, "path": f"{name}.suite.yaml", "sha256": "a" * 64, "variants": ["haiku"],
             "cases": 40} for name in ("desk", "triage")
        ],
        "settings": {},
        **head,
    }  # fmt: skip
    with RunWriter(path) as writer:
        writer.begin(RunHead.from_data(run))
        for record in records:
            writer.append(record)
        summary = summed(*records)
        writer.end(run_end(summary, summary.status().exit_code, None, 12.5, len(records)))
    return path


def in_suite_order(records: Sequence[OutcomeRecord]) -> list[OutcomeRecord]:
    """Return records as the suites would order them: all repeats of a case side by side."""
    ordered = sorted(
        records, key=lambda record: (record["suite"], record["case"], record["variant"])
    )
    for index, record in enumerate(ordered):
        record["index"] = index
    return ordered


def shards(folder: Path, records: Sequence[OutcomeRecord]) -> list[Path]:
    numbers: dict[CaseKey, int] = {}
    for record in records:
        numbers.setdefault(key_of(record), len(numbers))
    paths = []
    for number in range(1, OF + 1):
        shard = Shard(number, OF)
        ours = [record for record in records if shard.contains(numbers[key_of(record)])]
        random.Random(number).shuffle(ours)  # as they happened to end
        head = {"shard": {"number": number, "of": OF}}
        paths.append(write_run(folder / f"shard-{number}.jsonl", ours, **head))
    return paths


def merged(
    paths: Sequence[Path], target: Path, on_duplicate: Any = None, *, allow_missing: bool = False
) -> RunResult:
    names = [str(path) for path in paths]
    return merge_runs(
        names, RunOptions(()), target, on_duplicate=on_duplicate, allow_missing=allow_missing
    )


def test_shards_merged_in_any_order_make_the_same_page_and_the_table_of_the_whole_run(
    tmp_path: Path,
) -> None:
    records = in_suite_order(mixed())
    whole = write_run(tmp_path / "whole.jsonl", records)
    paths = shards(tmp_path, records)
    pages = set()

    for attempt in range(5):
        random.Random(attempt).shuffle(paths)
        result = merged(paths, tmp_path / str(attempt) / "run.jsonl")
        write_html(result.run_file, tmp_path / "page.html")
        pages.add((tmp_path / "page.html").read_bytes())

    assert len(pages) == 1
    for path, name in ((whole, "one.jsonl"), (result.run_file, "other.jsonl")):
        write_table(path, tmp_path / name, "jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    assert result.exit_code is ExitCode.FAILED
    assert result.seconds == 12.5


def test_a_missing_shard_is_an_error_that_names_it(tmp_path: Path) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))

    with pytest.raises(StoreError, match="missing: shard 2, 5 of 7"):
        merged([paths[0], paths[2], paths[3], *paths[5:]], tmp_path / "m" / "run.jsonl")

    assert not (tmp_path / "m").exists()


def test_a_missing_shard_that_is_allowed_is_said_in_every_report(tmp_path: Path) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))

    result = merged(paths[1:], tmp_path / "m" / "run.jsonl", allow_missing=True)

    assert list(warnings_of_run(result.head())) == ["not everything was merged: shard 1 is missing"]
    write_html(result.run_file, tmp_path / "page.html")
    assert "shard 1 is missing" in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("cut", [2, 400])
def test_a_shard_that_did_not_come_to_its_end_is_named(tmp_path: Path, cut: int) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))
    paths[3].write_bytes(paths[3].read_bytes()[:-cut])

    with pytest.raises(StoreError, match=r"shard-4.jsonl did not come to its end"):
        merged(paths, tmp_path / "m" / "run.jsonl")

    result = merged(paths, tmp_path / "m" / "run.jsonl", allow_missing=True)
    assert result.exit_code is ExitCode.INTERRUPTED


def test_shards_that_an_editor_or_another_program_saved_are_merged(tmp_path: Path) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))
    paths[3].write_bytes(paths[3].read_bytes()[:-1])
    lines = [json.loads(line) for line in paths[4].read_bytes().splitlines()]
    paths[4].write_text("\r\n".join(json.dumps(line, sort_keys=True) for line in lines))

    result = merged(paths, tmp_path / "m" / "run.jsonl")

    assert result.summary.total.trials == len(mixed())
    assert result.stopped is None


def test_options_that_an_earlier_version_wrote_as_words_are_the_same_options(
    tmp_path: Path,
) -> None:
    records = in_suite_order(mixed())
    options = {"set": ["a=2"], "repeat": 3}
    one = write_run(
        tmp_path / "a.jsonl", records[:9], options=options, shard={"number": 1, "of": 2}
    )
    other = write_run(
        tmp_path / "b.jsonl", records[9:], options=options, shard={"number": 2, "of": 2}
    )
    first, *rest = other.read_text().splitlines(keepends=True)
    words = json.loads(first) | {"options": ["--set", "a=2", "--repeat", "3"]}
    other.write_text(json.dumps(words) + "\n" + "".join(rest))

    result = merged([one, other], tmp_path / "m" / "run.jsonl")

    assert result.options() == ["--set", "a=2", "--repeat", "3"]


def test_a_shard_of_a_newer_version_is_named(tmp_path: Path) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))
    first, *rest = paths[6].read_text().splitlines(keepends=True)
    newer = json.dumps({**json.loads(first), "format": 99}) + "\n"
    paths[6].write_text("".join([newer, *rest]))

    with pytest.raises(StoreError, match=r"shard-7.jsonl was written by a newer version"):
        merged(paths, tmp_path / "m" / "run.jsonl")


def test_a_shard_given_twice_is_named(tmp_path: Path) -> None:
    paths = shards(tmp_path, in_suite_order(mixed()))
    again = paths[0].with_name("again.jsonl")
    again.write_bytes(paths[0].read_bytes())

    with pytest.raises(StoreError, match=r"shard-1.jsonl is given 2 times"):
        merged([*paths, paths[0]], tmp_path / "m" / "run.jsonl")
    with pytest.raises(StoreError, match=r"trials are in several runs:\n  .*shard-1.jsonl"):
        merged([*paths, again], tmp_path / "m" / "run.jsonl")


def test_shards_of_different_cuts_do_not_go_together(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    one = write_run(tmp_path / "a.jsonl", records[:9], shard={"number": 1, "of": 2})
    other = write_run(tmp_path / "b.jsonl", records[9:], shard={"number": 2, "of": 3})

    with pytest.raises(StoreError, match=r"not the shards of one run: .* is 1/2; .* is 2/3"):
        merged([one, other], tmp_path / "m" / "run.jsonl")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"options": ["--set", "a=2"]}, "what was set in .*a.jsonl is nothing, and in .*--set a=2"),
        ({"partial": True}, "whether only some cases are wanted in .* is False, and in .* True"),
    ],
)
def test_shards_that_were_run_in_different_ways_do_not_go_together(
    tmp_path: Path, head: dict[str, Any], words: str
) -> None:
    records = in_suite_order(mixed())
    common = {"options": [], "partial": False}
    one = write_run(tmp_path / "a.jsonl", records[:9], **common, shard={"number": 1, "of": 2})
    other = write_run(
        tmp_path / "b.jsonl", records[9:], **{**common, **head}, shard={"number": 2, "of": 2}
    )

    with pytest.raises(StoreError, match=words):
        merged([one, other], tmp_path / "m" / "run.jsonl")


def test_shards_of_different_data_do_not_go_together(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    one = write_run(tmp_path / "a.jsonl", records[:9], shard={"number": 1, "of": 2})
    other = write_run(tmp_path / "b.jsonl", records[8:], shard={"number": 2, "of": 2})

    with pytest.raises(StoreError, match="both have the trial 8; data or prompt files"):
        merged([one, other], tmp_path / "m" / "run.jsonl")


def test_shards_that_were_planned_from_other_rows_do_not_go_together(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    parts = [
        write_run(
            tmp_path / f"{number}.jsonl",
            records[:9] if number == 1 else records[9:],
            shard={"number": number, "of": 2, "plan": plan},
        )
        for number, plan in ((1, "a"), (2, "b"))
    ]

    with pytest.raises(StoreError, match="were planned from other cases"):
        merged(parts, tmp_path / "m" / "run.jsonl")


def test_a_whole_of_a_simulated_run_and_of_two_judges_says_so(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    one = write_run(tmp_path / "a.jsonl", records[:9], judge="judge-2")
    other = write_run(tmp_path / "b.jsonl", records[9:], judge="judge-1", simulated=True)

    result = merged([one, other], tmp_path / "m" / "run.jsonl")

    assert result.is_simulated
    assert result.head().judge == "judge-1, judge-2"


def test_runs_with_different_versions_of_a_suite_do_not_go_together(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    one = write_run(tmp_path / "a.jsonl", records[:9])
    suite = {"name": "desk", "path": "x", "sha256": "b" * 64, "variants": [], "cases": 1}
    other = write_run(tmp_path / "b.jsonl", records[9:], suites=[suite])

    with pytest.raises(StoreError, match="the suite `desk` is not the same in"):
        merged([one, other], tmp_path / "m" / "run.jsonl")


def test_of_runs_with_the_same_trials_the_last_or_all_are_kept(tmp_path: Path) -> None:
    records = in_suite_order(mixed())
    one = write_run(tmp_path / "a.jsonl", records)
    later = "2026-11-02T10:15:00.000+00:00"
    other = write_run(tmp_path / "b.jsonl", records[:5], started=later)

    last = merged([other, one], tmp_path / "m" / "run.jsonl", "keep-last")
    everything = merged([other, one], tmp_path / "n" / "run.jsonl", "keep-all")

    assert last.summary.total.trials == len(records)
    with RunReader(everything.run_file) as reader:
        pooled = list(reader.outcomes())
    assert [record["index"] for record in pooled] == list(range(len(records) + 5))
    assert len({record["id"] for record in pooled}) == len(records) + 5
    for key in {key_of(record) for record in records[:5]}:
        repeats = [record for record in pooled if key_of(record) == key]
        assert [record["repeat"] for record in repeats] == list(range(1, len(repeats) + 1))
        assert {record["repeats"] for record in repeats} == {len(repeats)}


def test_variants_that_sent_the_same_request_are_counted_once_after_merging(
    tmp_path: Path,
) -> None:
    suites = [{"name": "desk"}, {"name": "triage", "identical_variants": [FOUND.as_data()]}]
    paths = [
        write_run(
            tmp_path / f"{number}.jsonl",
            [in_suite_order(mixed())[number]],
            shard={"number": number, "of": 2, "plan": "a"},
            suites=suites,
        )
        for number in (1, 2)
    ]

    result = merged(paths, tmp_path / "m" / "run.jsonl")

    assert result.head().identical_variants == (FOUND,)


def test_variants_that_sent_the_same_request_are_kept_beside_the_files_of_another_run(
    tmp_path: Path,
) -> None:
    triage: dict[str, Any] = {"name": "triage"}
    runs = [
        {**triage, "identical_variants": [FOUND.as_data()]},
        {**triage, "files": {"system.md": "0" * 64}},
    ]
    paths = [
        write_run(
            tmp_path / f"{number}.jsonl",
            [in_suite_order(mixed())[number]],
            shard={"number": number, "of": 2, "plan": "a"},
            suites=[{"name": "desk"}, suite],
        )
        for number, suite in enumerate(runs, start=1)
    ]

    head = merged(paths, tmp_path / "m" / "run.jsonl").head()

    assert head.identical_variants == (FOUND,)
    assert head.suites[-1].files == {"system.md": "0" * 64}
