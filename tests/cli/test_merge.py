"""`harness merge` with a baseline, in processes, against the simulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import harness

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: cities
request: {model: m}
cases:
  - id: case-{{ n }}
    dataset: numbers.csv
    prompt: "number {{ n }}"
    assert: [{contains: "yes"}]
"""
# numbers that end in 9 always fail
GOOD = """\
rules:
  - {text: "9$", replies: ["no"]}
  - {text: "number", replies: ["yes"]}
"""
BROKEN = 'rules:\n  - {text: "number [12]$", replies: ["no"]}\n' + GOOD.removeprefix("rules:\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project with a baseline of 12 cases, of which one fails."""
    (tmp_path / "test.suite.yaml").write_text(SUITE)
    numbers(tmp_path, range(1, 13))
    (tmp_path / "harness.toml").write_text(
        'base_url = "simulator"\nsimulator_rules = "rules.yaml"\n'
    )
    rules(tmp_path, GOOD)
    assert harness("run", "test.suite.yaml", "-q", cwd=tmp_path).returncode == 1
    assert harness("baseline", "save", "--with-replies", cwd=tmp_path).returncode == 0
    return tmp_path


def numbers(folder: Path, chosen: Sequence[int]) -> None:
    (folder / "numbers.csv").write_text("n\n" + "".join(f"{number}\n" for number in chosen))


def rules(folder: Path, text: str) -> None:
    (folder / "rules.yaml").write_text(text)


def shards(folder: Path, *options: str) -> None:
    for number in (1, 2):
        share = ("--shard", f"{number}/2", "--run-file", f"{number}.jsonl")
        done = harness("run", "test.suite.yaml", *share, *options, cwd=folder)
        assert done.returncode in {0, 1}, done.stderr


def merge(folder: Path, *options: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return harness("merge", "1.jsonl", "2.jsonl", *options, cwd=folder, **more)


def test_known_failures_fail_no_merged_run_that_fails_on_what_broke(folder: Path) -> None:
    shards(folder)

    plain = merge(folder)
    gated = merge(folder, "--baseline", "main", "--fail-on", "broken")

    assert (plain.returncode, gated.returncode) == (1, 0)
    assert "known failures, not counted: 1 case (cities::case-9)" in gated.stdout
    assert "1 failing case is not shown" in gated.stdout


def test_what_broke_in_any_shard_fails_the_merged_run_in_every_report(folder: Path) -> None:
    rules(folder, BROKEN)
    shards(folder)

    done = merge(
        folder, "--baseline", "main", "--fail-on", "broken", "--json",
        "--markdown", "out.md", "--html", "out.html",
        environment={"GITHUB_ACTIONS": "true"},
    )  # fmt: skip

    document = json.loads(done.stdout)
    assert (done.returncode, document["status"]) == (1, "failed")
    assert document["baseline"]["fail_on"] == "broken"
    assert document["baseline"]["comparisons"][0]["broken"] == ["cities::case-1", "cities::case-2"]
    assert [problem["id"] for problem in document["problems"]] == [
        "cities::case-1", "cities::case-2"
    ]  # fmt: skip
    assert "2 cases broke: cities::case-1, cities::case-2" in (folder / "out.md").read_text()
    assert "main" in (folder / "out.html").read_text()
    assert done.stderr.count("::error file=test.suite.yaml") == 2


def test_a_case_that_no_shard_has_was_removed(folder: Path) -> None:
    numbers(folder, range(2, 13))
    shards(folder)

    done = merge(folder, "--baseline", "main", "--fail-on", "broken", "--json")

    assert json.loads(done.stdout)["baseline"]["comparisons"][0]["removed"] == ["cities::case-1"]


@pytest.mark.parametrize("selected", ["-k", "--allow-missing"])
def test_a_case_that_was_not_selected_was_not_removed(folder: Path, selected: str) -> None:
    if selected == "-k":
        shards(folder, "-k", "not case-1")
        done = merge(folder, "--baseline", "main", "--json")
    else:
        shards(folder)
        chosen = ("merge", "1.jsonl", "--allow-missing", "--baseline", "main", "--json")
        done = harness(*chosen, cwd=folder)

    baseline = json.loads(done.stdout)["baseline"]
    assert baseline["comparisons"][0]["removed"] == []
    assert any("not selected" in note for note in baseline["notes"])


@pytest.mark.parametrize(
    ("now", "status", "word"),
    [(BROKEN, 1, "2 fail again"), (GOOD, 0, "none fails again")],
    ids=["fails again", "passes again"],
)
def test_what_broke_is_asked_again_if_that_is_wanted(
    folder: Path, now: str, status: int, word: str
) -> None:
    rules(folder, BROKEN)
    shards(folder)
    rules(folder, now)

    done = merge(folder, "--baseline", "main", "--fail-on", "broken", "--confirm", "3")

    assert done.returncode == status, done.stdout
    assert "of the 2 cases that were run again 3 times" in done.stdout
    assert word in done.stdout


@pytest.mark.parametrize(
    ("changed", "text", "named"),
    [
        ("test.suite.yaml", SUITE.replace("model: m", "model: n"), "test.suite.yaml"),
        ("numbers.csv", "n\n1\n2\n", "`numbers.csv`, a file of test.suite.yaml,"),
    ],
    ids=["the suite", "a file that it includes"],
)
def test_nothing_is_asked_again_of_suites_that_changed(
    folder: Path, changed: str, text: str, named: str
) -> None:
    rules(folder, BROKEN)
    shards(folder)
    (folder / changed).write_text(text)

    done = merge(folder, "--baseline", "main", "--confirm", "3", "--run-file", "whole.jsonl")

    assert done.returncode == 2
    assert f"{named} has changed since the run" in done.stderr
    assert not (folder / "whole.jsonl").exists()


def test_nothing_is_asked_again_without_a_server(folder: Path) -> None:
    shards(folder)
    (folder / "harness.toml").write_text("")

    done = merge(folder, "--baseline", "main", "--confirm", "3")

    assert done.returncode == 2
    assert "base_url" in done.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--fail-on", "broken"], "--fail-on broken needs a baseline"),
        (["--confirm", "3"], "--confirm needs a baseline"),
        (["--base-url", "http://127.0.0.1:1"], "--base-url says where to ask cases again"),
        (["--baseline", "mian"], "no baseline or run is called `mian`"),
    ],
)
def test_wrong_options_are_errors_before_anything_is_written(
    folder: Path, options: list[str], named: str
) -> None:
    shards(folder)

    done = merge(folder, *options, "--run-file", "whole.jsonl")

    assert done.returncode == 2
    assert named in done.stderr
    assert not (folder / "whole.jsonl").exists()
