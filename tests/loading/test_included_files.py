"""The files that a suite includes, and their hashes."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

import pytest

from harness.loading.files import ProjectFiles
from harness.loading.included_files import IncludedFiles
from harness.source import Span
from tests.support.sources import raw_text
from tests.support.suites import plan_of, write_cases, write_suite

HERE = Span(Path("t.suite.yaml"), 1, 1)
PDF = b"%PDF-1.4\r\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(files: ProjectFiles, folder: Path, *names: str) -> dict[str, str]:
    """Return what is collected while these files are read."""
    with files.included.collecting(folder):
        for name in names:
            files.read_bytes(folder, name, HERE)
        return files.included.collected()


def test_every_file_that_a_suite_names_is_included(tmp_path: Path) -> None:
    contents = {
        "prompts/system.md": b"Be kind.",
        "prompts/ask.md": b"Hello {{ name }}",
        "prompts/judge.md": b"{{ word }}",
        "rows.csv": b"name,file\nAnn,a\nBob,b\n",
        "files/a.pdf": PDF,
        "files/b.pdf": PDF + b"2",
        "checks.py": b"def check(output): return True\n",
    }
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    suite = write_suite(
        tmp_path,
        """\
suite: test
request: {model: m, system: {file: prompts/system.md}}
judge: {prompt: {file: prompts/judge.md}}
cases:
  - {id: "x-{{ name }}", dataset: rows.csv, prompt: {file: ./prompts/ask.md}}
  - id: "y-{{ name }}"
    dataset: rows.csv
    messages:
      - role: user
        content: [{type: document, source: {type: path, path: "files/{{ file }}.pdf"}}]
    assert: [{python: "checks.py:check"}]
""",
    )

    (loaded,) = plan_of(suite, flags={"allow_code": True}).suites

    assert loaded.files == {name: sha256(content) for name, content in contents.items()}


def test_suites_that_share_a_file_both_include_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(PDF)
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "a.pdf").write_bytes(PDF)
    case = (
        "suite: {name}\nrequest: {{model: m}}\ncases: [{{id: a, messages: [{{role: user, content:"
        " [{{type: document, source: {{type: path, path: {path}}}}}]}}]}}]\n"
    )
    for name, path in (("one", "a.pdf"), ("two", "a.pdf"), ("suites/three", "../a.pdf")):
        text = case.format(name=Path(name).name, path=path)
        write_suite(tmp_path, text, f"{name}.suite.yaml")

    suites = plan_of(tmp_path).suites

    assert {suite.name: set(suite.files) for suite in suites} == {
        "one": {"a.pdf"}, "two": {"a.pdf"}, "three": {"../a.pdf"},
    }  # fmt: skip


def test_a_suite_without_files_includes_none(tmp_path: Path) -> None:
    (suite,) = plan_of(write_cases(tmp_path, "  - {id: a, prompt: b}\n")).suites

    assert suite.files == {}


def test_line_ends_and_byte_order_marks_of_texts_make_no_difference(tmp_path: Path) -> None:
    (tmp_path / "unix.md").write_bytes(b"one\ntwo\n")
    (tmp_path / "windows.md").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    files = ProjectFiles()

    with files.included.collecting(tmp_path):
        for name in ("unix.md", "windows.md"):
            files.read_text(tmp_path, raw_text(name))
        hashes = files.included.collected()

    assert hashes == dict.fromkeys(("unix.md", "windows.md"), sha256(b"one\ntwo\n"))


def test_a_file_that_changed_has_another_hash_for_the_next_suite(tmp_path: Path) -> None:
    files = ProjectFiles()
    (tmp_path / "a").write_bytes(b"one")
    first = read(files, tmp_path, "a", "a")
    (tmp_path / "a").write_bytes(b"two")
    os.utime(tmp_path / "a", ns=(1, 1))

    assert first == {"a": sha256(b"one")}
    assert read(files, tmp_path, "a") == {"a": sha256(b"two")}


def test_what_another_thread_reads_meanwhile_is_not_included(tmp_path: Path) -> None:
    files = ProjectFiles()
    for name in ("ours", "theirs"):
        (tmp_path / name).write_text(name)

    with files.included.collecting(tmp_path):
        thread = threading.Thread(target=files.read_bytes, args=(tmp_path, "theirs", HERE))
        thread.start()
        thread.join()
        files.read_bytes(tmp_path, "ours", HERE)
        names = set(files.included.collected())

    assert names == {"ours"}


def test_nothing_is_included_while_no_suite_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    files = ProjectFiles()

    files.read_bytes(tmp_path, "a", HERE)
    files.include(tmp_path, "missing", HERE)

    assert files.included.collected() == {}


def test_what_was_collected_ends_with_the_suite(tmp_path: Path) -> None:
    included = IncludedFiles()

    with pytest.raises(ZeroDivisionError), included.collecting(tmp_path):
        _ = 1 / 0

    assert not included.is_new(tmp_path, "a")
