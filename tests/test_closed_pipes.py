"""Every command with a reader, such as `head -1`, that leaves early."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import KEY, command, environment_with, harness, latest, lines_of
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: cities
request: {model: m}
cases:
  - {id: good, prompt: hello, repeat: 300, assert: [{contains: simulator}]}
  - {id: bad, prompt: hello, assert: [{contains: nothing}]}
"""
LABELLED = {"output": "yes", "pass": True, "assert": {"judge": "It agrees."}}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended whose reader had left."""

    status: int
    first: bytes
    errors: bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "harness.toml").write_text('base_url = "simulator"\njudge = "j"\n')
    (tmp_path / "labelled.jsonl").write_text(json.dumps(LABELLED) + "\n")
    return tmp_path


def until_line(
    *arguments: str, cwd: Path, lines: int = 1, environment: Mapping[str, str] = KEY
) -> Ended:
    """Run a command and stop reading its output after so many lines, as `head` does."""
    with subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment_with(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = b"".join(process.stdout.readline() for _ in range(lines))
        process.stdout.close()
        errors = process.stderr.read()
        status = process.wait(timeout=60)
    return Ended(status, first, errors)


def is_quiet(ended: Ended) -> bool:
    return not any(word in ended.errors for word in (b"Traceback", b"Broken pipe", b"error:"))


@pytest.mark.parametrize("lines", [0, 1])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["list", "."],
        ["list", ".", "--json"],
        ["validate", "."],
        ["assertions"],
        ["assertions", "--page"],
        ["schema"],
        ["schema", "--run"],
        ["cache", "stats"],
        ["cache", "explain", "."],
        ["baseline", "list"],
        ["judge-check", "labelled.jsonl"],
    ],
    ids=" ".join,
)
def test_a_command_that_only_prints_has_done_its_work(
    folder: Path, arguments: list[str], lines: int
) -> None:
    whole = harness(*arguments, cwd=folder)

    ended = until_line(*arguments, cwd=folder, lines=lines)

    assert ended.status == whole.returncode
    assert is_quiet(ended), ended.errors


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["report", "latest", "-o", "-", "--format", form]
            for form in ("html", "markdown", "junit", "csv", "json", "jsonl")
        ),
        ["compare", "latest", "latest"],
        ["compare", "latest", "latest", "--json"],
        ["baseline", "show", "main"],
        ["baseline", "show", "main", "--json"],
        ["baseline", "list"],
    ],
    ids=" ".join,
)
def test_a_command_about_a_run_ends_quietly(folder: Path, arguments: list[str]) -> None:
    harness("run", ".", "-q", cwd=folder)
    harness("baseline", "save", cwd=folder)

    ended = until_line(*arguments, cwd=folder, lines=0)

    assert ended.status == 0, ended.errors
    assert is_quiet(ended), ended.errors


@pytest.mark.parametrize("options", [[], ["--json"], ["-q"]], ids=["text", "json", "quiet"])
@pytest.mark.parametrize("lines", [0, 1])
def test_a_run_keeps_its_record_its_reports_and_its_verdict(
    folder: Path, options: list[str], lines: int
) -> None:
    ended = until_line("run", ".", "--csv", "t.csv", *options, cwd=folder, lines=lines)

    assert ended.status == 1
    assert is_quiet(ended), ended.errors
    assert lines_of(latest(folder))[-1]["status"] == "finished"
    assert len((folder / "t.csv").read_text().splitlines()) == 302


def test_a_run_goes_on_if_also_its_progress_has_no_reader(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        command("run", "."), cwd=folder, env=environment_with(), stdout=writing, stderr=writing,
        timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)

    assert done.returncode == 1
    assert lines_of(latest(folder))[-1]["status"] == "finished"


def test_a_merge_and_a_score_have_the_status_of_the_run(folder: Path) -> None:
    for number in (1, 2):
        harness("run", ".", "--shard", f"{number}/2", "--run-file", f"{number}", cwd=folder)

    merged = until_line("merge", "1", "2", "--run-file", "whole", cwd=folder, lines=0)
    scored = until_line("score", "whole", cwd=folder, lines=0)

    assert (merged.status, scored.status) == (1, 1)
    assert is_quiet(merged), merged.errors
    assert is_quiet(scored), scored.errors


def test_an_error_still_has_its_status(folder: Path) -> None:
    assert until_line("validate", "nowhere", "--json", cwd=folder, lines=0).status == 2


def test_a_report_into_a_pipe_whose_reader_leaves_is_no_error(folder: Path) -> None:
    harness("run", ".", "-q", cwd=folder)
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        command("run", ".", "-q", "--csv", f"/dev/fd/{writing}"), cwd=folder,
        env=environment_with(), pass_fds=[writing], capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)

    assert done.returncode == 1
    assert b"error:" not in done.stderr
