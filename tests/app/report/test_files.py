"""Reports as files, and what they must not replace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.app.report.files import check_report, page_notes, write_html, write_markdown
from harness.cli.vocabulary import shown
from harness.errors import SettingsError
from harness.store.baseline import write_baseline
from tests.support.run_files import write_run_file
from tests.support.suites import plan_of, write_cases, write_suite
from tests.support.trials import record

OPTIONS = ["junit", "markdown", "html", "csv", "output"]


@pytest.mark.parametrize("option", OPTIONS)
def test_no_report_replaces_a_record_under_any_of_its_names(tmp_path: Path, option: str) -> None:
    run_file = write_run_file(tmp_path / "run.jsonl", record(0))
    (tmp_path / "soft").symlink_to("run.jsonl")
    os.link(run_file, tmp_path / "hard")
    before = run_file.read_bytes()

    for name in ("run.jsonl", "soft", "hard"):
        with pytest.raises(SettingsError, match=f"{name} is a run file, which a report would"):
            check_report(tmp_path / name, None, option)

    assert run_file.read_bytes() == before


@pytest.mark.parametrize("option", OPTIONS)
def test_no_report_replaces_a_baseline_or_a_suite(tmp_path: Path, option: str) -> None:
    write_baseline(tmp_path / "main.baseline.jsonl", {}, [])
    write_suite(tmp_path, "suite: a\ncases: []\n")
    (tmp_path / "link").symlink_to("test.suite.yaml")

    for name, kind in (("main.baseline.jsonl", "baseline"), ("link", "suite")):
        with pytest.raises(SettingsError, match=f"{name} is a {kind}, which") as caught:
            check_report(tmp_path / name, None, option)
        assert shown(caught.value).endswith(f"fix: choose another --{option}")


def test_no_report_replaces_a_file_of_the_suites_that_run(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "ask.md").write_text("Hello")
    os.link(tmp_path / "prompts" / "ask.md", tmp_path / "hard.md")
    (tmp_path / "other.md").write_text("Hello")
    cases = "  - {id: a, prompt: {file: prompts/ask.md}}\n"
    suites = plan_of(write_cases(tmp_path, cases)).suites

    for name in ("prompts/ask.md", "hard.md"):
        with pytest.raises(SettingsError, match=f"{name} is included in the suite `test`, which"):
            check_report(tmp_path / name, None, "csv", suites)

    check_report(tmp_path / "other.md", None, "csv", suites)


def test_a_report_replaces_an_older_one(tmp_path: Path) -> None:
    for name, text in (("t.jsonl", '{"id":"a"}\n'), ("page.html", "<!doctype html>"), ("new", "")):
        (tmp_path / name).write_text(text)

        check_report(tmp_path / name, None, "output")

    check_report(Path("/dev/stdout"), None, "output")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "page.html", "t.jsonl"]


def test_markdown_is_added_to_the_job_summary_and_replaces_any_other_file(tmp_path: Path) -> None:
    summary, other = tmp_path / "summary.md", tmp_path / "other.md"
    (tmp_path / "link").symlink_to("summary.md")
    environment = {"GITHUB_STEP_SUMMARY": str(tmp_path / "x" / ".." / "summary.md")}
    for path in (summary, other):
        path.write_text("of another step\n")

    write_markdown(tmp_path / "link", "one\n", environment)
    write_markdown(summary, "two\n", environment)
    write_markdown(other, "one\n", environment)
    write_markdown(other, "two\n", {"GITHUB_STEP_SUMMARY": ""})

    assert summary.read_text() == "of another step\n\none\n\ntwo\n"
    assert other.read_text() == "two\n"


def test_a_page_that_goes_to_a_descriptor_has_nothing_beside_it(tmp_path: Path) -> None:
    run_file = write_run_file(tmp_path / "run.jsonl", record(0))
    page = tmp_path / "page.html"
    page.write_text("before\n")

    with page.open("ab") as file:
        stream = Path(f"/dev/fd/{file.fileno()}")
        write_html(run_file, stream)
        assert page_notes(stream) == []

    assert page.read_text().startswith("before\n<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "run.jsonl"]


@pytest.mark.parametrize("name", ["harness.toml", "pyproject.toml"])
def test_a_report_never_replaces_the_settings(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('base_url = "simulator"\n')

    with pytest.raises(SettingsError, match="a file of settings"):
        check_report(path, None, "markdown")

    assert path.read_text() == 'base_url = "simulator"\n'


def test_a_dash_is_no_file_of_that_name() -> None:
    with pytest.raises(SettingsError, match="`-` is no file"):
        check_report(Path("-"), None, "markdown")
