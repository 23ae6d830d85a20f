"""Run files of pytest-xdist's workers made one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.app.report.merge_workers import is_written, merge_parts
from harness.app.report.run_results import result_notes
from harness.errors import StoreError
from harness.exit_code import ExitCode
from harness.model.run_file import RunEnd, RunHead
from harness.model.suite_head import SuiteHead
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.support.run_files import HEAD, write_run_file, write_unfinished
from tests.support.trials import record


def target_in(folder: Path) -> Path:
    return folder / "reports" / "the-run" / "run.jsonl"


def test_parts_become_one_run_that_is_named_after_its_folder_and_go(tmp_path: Path) -> None:
    ends = [RunEnd("finished", 0, planned=2), RunEnd("finished", 1, planned=1)]
    parts = [
        write_run_file(tmp_path / "gw0.jsonl", record(2), record(0), end=ends[0]),
        write_run_file(tmp_path / "gw1.jsonl", record(1, "failed"), end=ends[1]),
    ]

    result = merge_parts(parts, target_in(tmp_path), 12.5)

    with RunReader(target_in(tmp_path)) as reader:
        assert reader.head.id == "the-run"
        assert [outcome["index"] for outcome in reader.outcomes()] == [0, 1, 2]
        assert reader.ending is not None
        assert (reader.ending.status, reader.ending.seconds) == ("finished", 12.5)
        assert reader.ending.planned == 3
    assert (result.exit_code, result.planned, result.stopped) == (ExitCode.FAILED, 3, None)
    assert not any(part.exists() for part in parts)
    assert (tmp_path / "reports" / "latest").resolve() == target_in(tmp_path).parent


def test_of_a_trial_that_ran_in_two_workers_the_later_part_counts(tmp_path: Path) -> None:
    parts = [
        write_run_file(tmp_path / "gw0.jsonl", record(0, "failed")),
        write_run_file(tmp_path / "gw1.jsonl", record(0)),
    ]

    result = merge_parts(parts, target_in(tmp_path), 1.0)

    assert result.summary.total.trials == 1
    assert result.exit_code is ExitCode.PASSED


def test_suites_and_judges_of_all_parts_are_those_of_the_run(tmp_path: Path) -> None:
    heads = [
        replace(HEAD, suites=(SuiteHead("a"), SuiteHead("b")), judge="judge-2"),
        replace(HEAD, suites=(SuiteHead("b"), SuiteHead("c")), judge="judge-1", simulated=True),
        replace(HEAD, id="no trials of a judge"),
    ]
    parts = [
        write_run_file(tmp_path / f"gw{number}.jsonl", head=head)
        for number, head in enumerate(heads)
    ]

    merge_parts(parts, target_in(tmp_path), 1.0)

    with RunReader(target_in(tmp_path)) as reader:
        assert [suite.name for suite in reader.head.suites] == ["a", "b", "c"]
        assert reader.head.judge == "judge-1, judge-2"
        assert reader.head.simulated


def test_a_worker_that_died_gives_what_it_had_and_the_run_is_interrupted(tmp_path: Path) -> None:
    parts = [
        write_run_file(tmp_path / "gw0.jsonl", record(0)),
        write_unfinished(tmp_path / "gw1.jsonl", record(1), record(2)),
    ]
    parts[1].write_bytes(parts[1].read_bytes()[:-9])

    result = merge_parts(parts, target_in(tmp_path), 1.0)

    assert result.summary.total.trials == 2
    assert result.exit_code is ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("end", "is_interrupted", "expected"),
    [
        (RunEnd("finished", 0), False, ExitCode.PASSED),
        (RunEnd("finished", 0), True, ExitCode.INTERRUPTED),
        (RunEnd("stopped", 4, stopped="the budget is spent"), False, ExitCode.STOPPED),
        (RunEnd("stopped", 4, stopped="the budget is spent"), True, ExitCode.STOPPED),
        (RunEnd("interrupted"), False, ExitCode.INTERRUPTED),
    ],
)
def test_what_stopped_a_part_stopped_the_run(
    tmp_path: Path, end: RunEnd, is_interrupted: bool, expected: ExitCode
) -> None:
    part = write_run_file(tmp_path / "gw0.jsonl", record(0), end=end)

    result = merge_parts([part], target_in(tmp_path), 1.0, is_interrupted=is_interrupted)

    assert result.exit_code is expected


def test_parts_are_kept_if_they_cannot_be_merged(tmp_path: Path) -> None:
    parts = [write_run_file(tmp_path / f"gw{number}.jsonl", record(number)) for number in (0, 1)]
    first, *rest = parts[1].read_text().splitlines()
    parts[1].write_text("\n".join([first, "rubbish", *rest]))

    with pytest.raises(StoreError, match=r"gw1\.jsonl is damaged at byte \d+ \(line 2\)"):
        merge_parts(parts, target_in(tmp_path), 1.0)

    assert all(part.exists() for part in parts)
    assert not target_in(tmp_path).exists()


def test_lines_of_a_newer_version_are_mentioned_once(tmp_path: Path) -> None:
    part = write_run_file(tmp_path / "gw0.jsonl", record(0))
    first, *rest = part.read_text().splitlines()
    part.write_text("\n".join([first, json.dumps({"kind": "span"}), *rest]))

    notes = result_notes(merge_parts([part], target_in(tmp_path), 1.0))

    assert sum("1 line was left out of" in note for note in notes) == 1


def test_a_part_is_written_until_its_process_closes_it(tmp_path: Path) -> None:
    ended = write_run_file(tmp_path / "gw0.jsonl")
    path = tmp_path / "gw1.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1"))

        assert is_written([ended, path])
    assert not is_written([ended, path])
