"""Run files as they are written: whole lines, no secrets, nothing lost."""

from __future__ import annotations

import json
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
from harness.model.request import Request
from harness.model.run_file import RunEnd, RunHead
from harness.model.suite_head import SuiteHead
from harness.scrubbing import Scrubber
from harness.store.reader import RunReader
from harness.store.writer import RunWriter
from tests.support.replies import reply
from tests.support.run_files import write_run_file
from tests.support.trials import record


def kinds_in(path: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in path.read_bytes().splitlines()]


def test_each_line_has_its_kind_and_the_first_one_the_format(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1"))
        writer.suite(SuiteHead("late"))
        writer.task("key", "task-1", "test::a")
        writer.keep(Request({}, trial="test::a", awaits_more=True), reply("first turn"))
        writer.append(record(0))
        writer.end(RunEnd("finished"))

    assert kinds_in(path) == ["run", "suite", "task", "reply", "outcome", "end"]
    assert json.loads(path.read_bytes().splitlines()[0])["format"] == 1


def test_a_reply_that_ends_its_trial_is_written_with_the_outcome_only(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    with RunWriter(path) as writer:
        writer.begin(RunHead("r1"))
        writer.keep(Request({}, trial="test::a"), reply("the only turn"))

    assert kinds_in(path) == ["run"]


def test_a_hidden_file_gets_its_name_when_it_is_published_and_keeps_the_older_one(
    tmp_path: Path,
) -> None:
    path = write_run_file(tmp_path / "run.jsonl", head=RunHead("older"))

    with RunWriter(path, is_hidden=True) as writer:
        writer.begin(RunHead("newer"))
        before = path.read_bytes()
        aside = writer.publish()

    assert b'"older"' in before
    assert b'"newer"' in path.read_bytes()
    assert aside is not None
    assert aside.read_bytes() == before


def test_an_existing_file_is_not_written_to(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl")
    before = path.read_bytes()

    with pytest.raises(StoreError, match="cannot be created: File exists"):
        RunWriter(path)

    assert path.read_bytes() == before


def test_long_texts_are_kept_once(tmp_path: Path) -> None:
    long = "You are the triage desk. " * 100
    records = [record(n) for n in range(20)]
    for outcome in records:
        outcome["request"] = {"model": "m", "system": long, "messages": [{"content": f"{long}!"}]}

    path = write_run_file(tmp_path / "run.jsonl", *records)

    assert path.read_text().count(long) == 2
    with RunReader(path) as reader:
        assert [outcome["request"] for outcome in reader.outcomes()] == [
            sent["request"] for sent in records
        ]


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
        printed = process.stdout.read().split()

    last = int(printed[-1]) if printed else 0
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
