"""`harness report` and the reports of `harness run`, in processes of their own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.processes import KEY, command, environment_with, harness
from tests.support.suites import write_suite

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: cities
request: {model: m}
cases:
  - {id: good, prompt: hello, assert: [{contains: hello}]}
  - {id: bad, prompt: hello, assert: [{contains: nothing}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_suite(tmp_path, SUITE)
    (tmp_path / "rules.yaml").write_text('rules:\n  - text: "hello"\n    replies: ["hello you"]\n')
    (tmp_path / "harness.toml").write_text(
        'base_url = "simulator"\nsimulator_rules = "rules.yaml"\n'
    )
    return tmp_path


def test_a_run_leaves_the_page_and_the_table_it_is_asked_for(folder: Path) -> None:
    done = harness(
        "run", "test.suite.yaml", "--html", "out/page.html", "--csv", "t.csv", "--json", cwd=folder
    )

    document = json.loads(done.stdout)
    assert (document["html"], document["csv"]) == ("out/page.html", "t.csv")
    assert (folder / "out" / "page.html").read_text().startswith("<!doctype html>")
    rows = list(csv.DictReader((folder / "t.csv").read_text().splitlines()))
    assert [row["outcome"] for row in rows] == ["passed", "failed"]


@pytest.mark.parametrize(
    ("form", "name", "words"),
    [
        ("html", "report.html", "<!doctype html>"),
        ("markdown", "report.md", "## FAILED"),
        ("junit", "report.xml", "<?xml"),
        ("csv", "report.csv", "id,suite"),
        ("json", "report.json", "[\n"),
        ("jsonl", "report.jsonl", '{"id":"cities::good"'),
    ],
)
def test_any_report_can_be_made_again_from_the_record(
    folder: Path, form: str, name: str, words: str
) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)

    done = harness("report", "latest", "--format", form, cwd=folder)

    assert done.returncode == 0, done.stderr
    assert (folder / "reports" / "latest" / name).read_text().startswith(words)
    assert done.stdout.strip().endswith(name)


def test_a_report_may_be_printed(folder: Path) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)

    done = harness("report", "latest", "--format", "jsonl", "-o", "-", cwd=folder)

    assert [json.loads(line)["case"] for line in done.stdout.splitlines()] == ["good", "bad"]
    assert not (folder / "-").exists()


def test_a_report_may_show_what_changed_since_a_baseline(folder: Path) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)
    harness("baseline", "save", cwd=folder)

    for form in ("html", "markdown"):
        options = ("--format", form, "--baseline", "main", "-o", "out")
        harness("report", "latest", *options, cwd=folder)
        assert "this run against main" in (folder / "out").read_text()


def test_a_report_follows_the_rules_of_the_gate(folder: Path) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)
    harness("baseline", "save", cwd=folder)
    against = ("report", "latest", "--baseline", "main", "-o", "-", "--format")

    strict = harness(*against, "markdown", cwd=folder)
    known = harness(*against, "markdown", "--fail-on", "broken", cwd=folder)
    junit = harness(*against, "junit", "--fail-on", "broken", cwd=folder)

    assert strict.stdout.startswith("## FAILED")
    assert known.stdout.startswith("## PASSED")
    assert "known failures, not counted: 1 case (cities::bad)" in known.stdout
    assert 'failures="0"' in junit.stdout


def test_a_page_does_not_replace_a_job_summary(folder: Path) -> None:
    (folder / "summary.md").write_text("# before\n")
    harness("run", "test.suite.yaml", "-q", cwd=folder)

    done = harness(
        "report", "latest", "-o", "summary.md", cwd=folder,
        environment={"GITHUB_STEP_SUMMARY": "summary.md"},
    )  # fmt: skip

    assert done.returncode == 2
    assert "GitHub shows Markdown in a job summary" in done.stderr
    assert (folder / "summary.md").read_text() == "# before\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["latest", "--format", "csv", "--baseline", "latest"], "which shows no baseline"),
        (["latest", "--fail-on", "broken"], "--fail-on broken needs a baseline"),
        (["nowhere"], "no run is called `nowhere`"),
        (["latest", "--format", "pdf"], "'pdf' is not one of"),
        (["latest", "-o", "rules.yaml/x"], "cannot be written"),
        (["latest", "--baseline", "x"], "no baseline or run is called `x`"),
        (["test.suite.yaml"], "is not a run file"),
    ],
)
def test_what_cannot_be_reported_is_one_clear_error(
    folder: Path, arguments: list[str], words: str
) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)

    done = harness("report", *arguments, cwd=folder)

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_that_cannot_be_written_is_told_before_anything_is_sent(folder: Path) -> None:
    done = harness("run", "test.suite.yaml", "--html", "rules.yaml/x.html", cwd=folder)

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert not (folder / "reports").exists()


def test_a_killed_writer_leaves_the_old_page_or_the_new_one(folder: Path) -> None:
    (folder / "rows.csv").write_text("n\n" + "\n".join(map(str, range(400))) + "\n")
    many = SUITE.replace("{id: good,", "{id: 'good-{{ n }}', dataset: rows.csv,")
    write_suite(folder, many)
    harness("run", "test.suite.yaml", "-q", cwd=folder)
    page = folder / "page.html"
    page.write_text("old")
    seen = set()

    for attempt in range(20):
        writer = subprocess.Popen(
            command("report", "latest", "-o", "page.html"),
            cwd=folder,
            env=environment_with(KEY),
            stdout=subprocess.DEVNULL,
        )
        time.sleep(attempt / 40)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        text = page.read_text()
        seen.add(text == "old")
        assert text == "old" or text.endswith("</body>\n</html>\n")

    assert True in seen  # the first are killed before they write
    harness("report", "latest", "-o", "page.html", cwd=folder)
    assert page.read_text().endswith("</html>\n")
    assert list(folder.glob(".page.html.*")) == []


def test_shards_of_several_machines_are_one_run_again(folder: Path) -> None:
    for number in (1, 2):
        shard = f"{number}/2"
        harness("run", "test.suite.yaml", "--shard", shard, "--run-file", f"{number}", cwd=folder)

    missing = harness("merge", "1", cwd=folder)
    done = harness("merge", "2", "1", "--junit", "r.xml", "-q", cwd=folder)

    assert (missing.returncode, done.returncode) == (2, 1)
    assert "error: missing: shard 2 of 2" in missing.stderr
    assert "2 trials" in done.stdout
    assert (folder / "r.xml").read_text().count("<testcase") == 2
    assert (folder / "1").exists()


def test_shards_with_another_prompt_file_are_refused_and_it_is_named(folder: Path) -> None:
    write_suite(folder, SUITE.replace("model: m}", "model: m, system: {file: system.md}}"))
    for number in (1, 2):
        (folder / "system.md").write_text(f"Version {number}")
        shard = f"{number}/2"
        harness("run", "test.suite.yaml", "--shard", shard, "--run-file", f"{number}", cwd=folder)

    done = harness("merge", "1", "2", "--run-file", "whole", cwd=folder)

    assert done.returncode == 2
    assert "files that the suite `cities` includes are not the same in " in done.stderr
    assert ": `system.md`; run both with one version of them" in done.stderr
    assert not (folder / "whole").exists()


def test_a_shard_that_nothing_is_left_for_says_so(folder: Path) -> None:
    done = harness("run", "test.suite.yaml", "--shard", "3/3", cwd=folder)

    assert done.returncode == 5
    assert "this shard is empty" in done.stderr


@pytest.mark.parametrize("share", [0.01, 0.5, 0.95])
def test_a_disk_that_gets_full_leaves_the_old_page_and_no_part_of_a_new_one(
    folder: Path, share: float
) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)
    harness("report", "latest", "-o", "page.html", cwd=folder)
    size = (folder / "page.html").stat().st_size
    (folder / "page.html").write_text("old")
    limited = (
        "import resource, runpy, sys;"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({int(size * share)}, -1));"
        "runpy.run_module('harness', run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", limited, "report", "latest", "-o", "page.html"],
        cwd=folder,
        env=environment_with(KEY),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "page.html cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "page.html").read_text() == "old"
    assert not list(folder.glob(".page.html*"))


def test_a_large_page_is_said_to_be_large(folder: Path) -> None:
    from harness.app.report.files import page_notes

    page = folder / "page.html"
    with page.open("wb") as file:
        file.truncate(31_000_000)
    assert page_notes(page) == [
        "note: page.html is 31 MB; a part of the run is smaller (`harness run -k …`)"
    ]

    page.write_text("small")
    assert page_notes(page) == []
    (folder / "page_files").mkdir()
    assert page_notes(page) == [
        "note: its details are too many for one file; page_files belongs beside it"
    ]


FORMATS = ["html", "markdown", "junit", "csv", "json", "jsonl"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_printed_report_keeps_what_stands_in_the_file_before_it(folder: Path, form: str) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)
    printed = harness("report", "latest", "--format", form, "-o", "-", cwd=folder).stdout
    path = folder / "all.txt"
    path.write_text("before\n")

    with path.open("a") as file:
        for target in ("-", "/dev/stdout"):
            done = subprocess.run(
                command("report", "latest", "--format", form, "-o", target), cwd=folder,
                env=environment_with(), stdout=file, stderr=subprocess.PIPE, check=True,
            )  # fmt: skip

    assert done.stderr == b""
    assert path.read_text() == f"before\n{printed}{printed}"
    assert not (folder / "all_files").exists()


def test_a_printed_report_on_a_full_device_is_an_error(folder: Path) -> None:
    harness("run", "test.suite.yaml", "-q", cwd=folder)

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command("report", "latest", "-o", "-"), cwd=folder, env=environment_with(),
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == (
        "error: the report /dev/stdout cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize("form", ["html", "jsonl"])
def test_a_report_onto_its_own_record_is_refused(folder: Path, form: str) -> None:
    harness("run", "test.suite.yaml", "-q", "--run-file", "run.jsonl", cwd=folder)
    os.link(folder / "run.jsonl", folder / "hard.jsonl")
    before = (folder / "run.jsonl").read_bytes()

    for name in ("run.jsonl", "hard.jsonl"):
        done = harness("report", "run.jsonl", "--format", form, "-o", name, cwd=folder)

        assert done.returncode == 2
        assert done.stderr.endswith("\n  fix: choose another --output\n")
    assert (folder / "run.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("option", "target"),
    [
        ("--junit", "main.baseline.jsonl"),
        ("--html", "test.suite.yaml"),
        ("--csv", "old.jsonl"),
        ("--markdown", "old.jsonl"),
    ],
)
def test_no_command_replaces_a_record_a_suite_or_a_baseline(
    folder: Path, option: str, target: str
) -> None:
    harness("run", "test.suite.yaml", "-q", "--run-file", "old.jsonl", cwd=folder)
    harness("baseline", "save", "old.jsonl", "-o", "main.baseline.jsonl", cwd=folder)
    before = (folder / target).read_bytes()
    commands = [["run", "test.suite.yaml"], ["merge", "old.jsonl"], ["score", "old.jsonl"]]
    if option == "--markdown":
        commands.append(["compare", "old.jsonl", "old.jsonl"])

    for arguments in commands:
        done = harness(*arguments, option, target, cwd=folder)

        assert done.returncode == 2
        assert f"fix: choose another {option}" in done.stderr
    assert (folder / target).read_bytes() == before
    assert not (folder / "reports").exists()


def test_markdown_is_added_to_the_job_summary_of_github(folder: Path) -> None:
    environment = {**KEY, "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    (folder / "summary.md").write_text("of another step\n")
    reports = [
        ["run", "test.suite.yaml", "--run-file", "one.jsonl", "--markdown", "summary.md"],
        ["score", "one.jsonl", "--markdown", "summary.md", "--run-file", "two.jsonl"],
        ["compare", "one.jsonl", "two.jsonl", "--markdown", "compared.md"],
        ["compare", "one.jsonl", "two.jsonl", "--markdown", "summary.md"],
        ["report", "one.jsonl", "--format", "markdown", "-o", "summary.md"],
    ]

    for arguments in reports:
        harness(*arguments, cwd=folder, environment=environment)

    text = (folder / "summary.md").read_text()
    assert text.startswith("of another step\n\n## FAILED")
    assert text.count("\n\n## FAILED") == 3
    assert text.count(f"\n\n{(folder / 'compared.md').read_text()}") == 1


def test_reports_and_comparisons_mention_lines_that_are_left_out(folder: Path) -> None:
    harness("run", "test.suite.yaml", "-q", "--run-file", "run.jsonl", cwd=folder)
    with (folder / "run.jsonl").open("a") as file:
        file.write('{"kind":"from_the_future"}\n')
    note = "note: 1 line was left out of "

    for form in ("html", "jsonl"):
        printed = harness("report", "run.jsonl", "--format", form, "-o", "-", cwd=folder)
        assert printed.stderr.startswith(note)
    compared = harness("compare", "run.jsonl", "run.jsonl", "--json", cwd=folder)

    assert compared.stderr.count(note) == 1
    assert json.loads(compared.stdout)["exit_code"] == 0
