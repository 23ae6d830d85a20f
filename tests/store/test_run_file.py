from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunEnd, RunHead
from harness.model.run_id import new_run_id
from harness.scrubbing import Scrubber
from harness.store.folder import point_latest_to, set_aside
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.support.trials import record


def written(path: Path, *records: OutcomeRecord, end: bool = True) -> Path:
    with RunWriter(path) as writer:
        writer.begin(RunHead("r1"))
        for each in records:
            writer.append(each)
        if end:
            writer.end(RunEnd("finished"))
    return path


def test_what_is_written_is_read_again_in_suite_order(tmp_path: Path) -> None:
    records = [record(2, text="two 👋"), record(0), record(1, "errored")]

    with RunReader(written(tmp_path / "run.jsonl", *records)) as reader:
        read = list(reader.outcomes())

        assert [each["index"] for each in read] == [0, 1, 2]
        assert read[2] == json.loads(json.dumps(records[0]))
        assert reader.run["id"] == "r1"
        assert reader.end is not None


def test_long_texts_are_kept_once(tmp_path: Path) -> None:
    long = "You are the triage desk. " * 100
    records = [record(n) for n in range(20)]
    for each in records:
        each["request"] = {"model": "m", "system": long, "messages": [{"content": f"{long}!"}]}

    path = written(tmp_path / "run.jsonl", *records)

    assert path.read_text().count(long) == 2
    with RunReader(path) as reader:
        assert [outcome["request"] for outcome in reader.outcomes()] == [
            each["request"] for each in records
        ]


@pytest.mark.parametrize("lost", [2, 10, 200])
def test_a_last_line_that_was_cut_is_left_out(tmp_path: Path, lost: int) -> None:
    path = written(tmp_path / "run.jsonl", record(0), record(1), end=False)
    os.truncate(path, path.stat().st_size - lost)

    with RunReader(path) as reader:
        assert reader.is_torn
        assert reader.end is None
        assert [outcome["index"] for outcome in reader.outcomes()] == [0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not a run file"),
        ("hello\n", "is not a run file"),
        ('{"kind": "other"}\n', "is not a run file"),
        ('{"kind":"run","format":99}\n', "written by a newer version"),
        ('{"kind":"run","format":1}\nrubbish\n', "damaged at byte 26"),
    ],
)
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)

    with pytest.raises(StoreError, match=words):
        RunReader(path)


def test_a_secret_is_written_as_stars_wherever_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    leaky = record(0, text='you sent sk-"secret"')
    with RunWriter(path, Scrubber(['sk-"secret"'])) as writer:
        writer.begin(RunHead("r1", command=('sk-"secret"',)))
        writer.append(leaky)

    assert "secret" not in path.read_text()
    with RunReader(path) as reader:
        (read,) = reader.outcomes()
    assert read["reply"] is not None
    assert read["reply"]["text"] == "you sent ***"


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    with RunReader(written(tmp_path / "run.jsonl", record(0, text="\ud800x"))) as reader:
        (read,) = reader.outcomes()

    assert read["reply"] is not None
    assert read["reply"]["text"] == "\ud800x"


def test_an_older_run_is_renamed_and_a_stranger_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl")

    assert set_aside(path) == tmp_path / "run.jsonl.old"
    assert set_aside(path) is None
    written(path)
    assert set_aside(path) == tmp_path / "run.jsonl.old2"
    path.write_text("my notes")
    with pytest.raises(StoreError, match="is not a run file"):
        set_aside(path)


def test_a_run_file_in_use_is_not_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1", pid=4711))

        with pytest.raises(StoreError, match=r"written by another process \(pid 4711\)"):
            set_aside(path)


def test_latest_points_to_the_newest_run(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name / "run.jsonl")
        point_latest_to(tmp_path, name)

    assert (tmp_path / "latest").resolve() == tmp_path / "two"


def test_ids_sort_by_time() -> None:
    from datetime import UTC, datetime

    first = new_run_id(datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC))

    assert first.startswith("20260102T030405006-")
    assert first != new_run_id(datetime(2026, 1, 2, 3, 4, 5, 6000, tzinfo=UTC))
    assert first < new_run_id(datetime(2026, 1, 2, 3, 4, 5, 7000, tzinfo=UTC))


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from harness.model.run_file import RunHead
from harness.store.writer import RunWriter
from tests.support.trials import record

with RunWriter(Path(sys.argv[1])) as writer:
    writer.begin(RunHead("r1"))
    for n in range(1_000_000):
        writer.append(record(n))
        print(n, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1, 0.2])
def test_a_killed_process_loses_no_outcome_it_had_written(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "run.jsonl"
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)

        process.send_signal(signal.SIGKILL)
        told = process.stdout.read().split()

    last = int(told[-1]) if told else 0
    with RunReader(path) as reader:
        assert len(reader) >= last + 1
        assert [outcome["index"] for outcome in reader.outcomes()] == list(range(len(reader)))


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)


def test_a_full_disk_is_one_clear_error_and_what_came_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1"))
        with (
            disk_with_room_for(2000),
            pytest.raises(StoreError, match="cannot be written: File too large"),
        ):
            _append_many(writer)

    with RunReader(path) as reader:
        assert len(reader) > 0
        assert [outcome["index"] for outcome in reader.outcomes()] == list(range(len(reader)))


@pytest.mark.parametrize("folder", ["new", "."])
def test_a_run_that_finds_the_disk_full_leaves_nothing_behind(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "run.jsonl"

    with (
        RunWriter(path) as writer,
        disk_with_room_for(10),
        pytest.raises(StoreError, match="cannot be written"),
    ):
        writer.begin(RunHead("r1"))

    assert list(tmp_path.iterdir()) == []
    assert tmp_path.is_dir()


def _append_many(writer: RunWriter) -> None:
    for n in range(100):
        writer.append(record(n))
