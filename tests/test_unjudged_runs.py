"""A run in which nothing was judged has not passed, and everything that shows it says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.processes import KEY, harness, latest, lines_of
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

UNJUDGED = "suite: quiet\nrequest: {model: m}\ncases:\n  - {id: a, prompt: hello}\n"
JUDGED = "  - {id: c, prompt: hello, assert: [{contains: hello}]}\n"
HEADING = "UNJUDGED: nothing was judged"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, UNJUDGED)
    (tmp_path / "rules.yaml").write_text('rules:\n  - text: "hello"\n    replies: ["hello you"]\n')
    (tmp_path / "harness.toml").write_text(
        'base_url = "simulator"\nsimulator_rules = "rules.yaml"\n'
    )
    return tmp_path


def test_the_terminal_the_record_and_every_report_call_it_unjudged(folder: Path) -> None:
    done = harness(
        "run", "test.suite.yaml", "--markdown", "r.md", "--html", "r.html", cwd=folder,
        environment={**KEY, "GITHUB_ACTIONS": "true"},
    )  # fmt: skip

    assert done.returncode == 5
    assert f"\n{HEADING}\n" in f"\n{done.stdout}"
    assert f"::error title=harness::{HEADING}" in done.stdout
    assert (folder / "r.md").read_text().startswith(f"## {HEADING}\n")
    assert "Unjudged: nothing was judged" in (folder / "r.html").read_text()
    index = (folder / "reports" / "index.html").read_text()
    assert 'class="outcome is-errored"' in index
    assert "unjudged</td>" in index
    end = lines_of(latest(folder))[-1]
    assert (end["status"], end["exit_code"]) == ("finished", 5)


@pytest.mark.parametrize("command", [["run", "test.suite.yaml"], ["score", "latest"]])
def test_json_names_the_status(folder: Path, command: list[str]) -> None:
    harness("run", "test.suite.yaml", cwd=folder)

    done = harness(*command, "--json", cwd=folder)

    document = json.loads(done.stdout)
    assert done.returncode == 5
    assert (document["exit_code"], document["status"]) == (5, "unjudged")


def test_a_report_of_the_record_says_the_same_as_the_run(folder: Path) -> None:
    harness("run", "test.suite.yaml", cwd=folder)

    page = harness("report", "latest", "-o", "-", cwd=folder)
    markdown = harness("report", "latest", "--format", "markdown", "-o", "-", cwd=folder)

    assert "Unjudged: nothing was judged" in page.stdout
    assert markdown.stdout.startswith(f"## {HEADING}\n")


def test_a_baseline_does_not_excuse_that_nothing_was_judged(folder: Path) -> None:
    write_suite(folder, UNJUDGED + JUDGED)
    harness("run", "test.suite.yaml", cwd=folder)
    harness("baseline", "save", cwd=folder)
    write_suite(folder, UNJUDGED + JUDGED.replace("}\n", ", skip: not now}\n"))

    options = ("--baseline", "main", "--html", "r.html", "--json")
    done = harness("run", "test.suite.yaml", *options, cwd=folder)
    plain = harness("run", "test.suite.yaml", "--baseline", "main", cwd=folder)

    assert done.returncode == plain.returncode == 5
    assert json.loads(done.stdout)["status"] == "unjudged"
    assert "Unjudged: nothing was judged" in (folder / "r.html").read_text()
    assert "not comparable" in plain.stdout
    assert "baseline save" not in plain.stdout  # it would be empty


def test_a_run_whose_cases_are_all_skipped_was_not_judged(folder: Path) -> None:
    write_suite(folder, UNJUDGED.replace("hello}", "hello, skip: not now}"))

    done = harness("run", "test.suite.yaml", "-q", cwd=folder)

    assert done.returncode == 5
    assert done.stdout.startswith(f"{HEADING}\n1 trial in")


def test_a_merged_run_is_judged_if_one_of_its_shards_is(folder: Path) -> None:
    write_suite(folder, UNJUDGED + JUDGED)

    shards = [
        harness(
            "run", "test.suite.yaml", "--shard", f"{n}/2", "--run-file", f"{n}", cwd=folder
        ).returncode
        for n in (1, 2)
    ]
    merged = harness("merge", "1", "2", cwd=folder)
    alone = harness("merge", "1", "--allow-missing", cwd=folder)

    assert shards == [5, 0]
    assert (merged.returncode, alone.returncode) == (0, 5)
    assert HEADING in alone.stdout


def test_a_run_file_of_an_earlier_version_shows_what_it_recorded(folder: Path) -> None:
    harness("run", "test.suite.yaml", "--run-file", "run.jsonl", cwd=folder)
    path = folder / "run.jsonl"
    path.write_text(path.read_text().replace('"exit_code":5', '"exit_code":0'))

    done = harness("report", "run.jsonl", "--format", "markdown", "-o", "-", cwd=folder)

    assert done.stdout.startswith("## PASSED\n")
