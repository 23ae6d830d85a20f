from __future__ import annotations

from pathlib import Path

from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.loading.texts import TextReader
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.templates import Templates
from tests.support.sources import raw_text


def reader(folder: Path, problems: list[SuiteError] | None = None) -> TextReader:
    (folder / "harness.toml").touch()
    (folder / "a.md").write_text("from a file")
    templates = Templates(TemplateEnvironment)
    return TextReader(ProjectFiles(), [] if problems is None else problems, templates)


def test_a_file_is_replaced_by_its_text(tmp_path: Path) -> None:
    texts = reader(tmp_path)
    file = {"file": raw_text("a.md", str(tmp_path / "s.yaml"))}

    assert texts.text(file) == "from a file"
    assert texts.request({"system": file, "model": "m"}) == {"system": "from a file", "model": "m"}
    assert texts.messages({"prompt": file}) == ({"role": "user", "content": "from a file"},)
    assert texts.messages({"messages": [{"role": "assistant", "content": file}]}) == (
        {"role": "assistant", "content": "from a file"},
    )


def test_other_values_stay_as_they_are(tmp_path: Path) -> None:
    texts = reader(tmp_path)
    blocks = [{"type": "text", "text": "Hi"}]

    assert texts.text("Hi") == "Hi"
    assert texts.messages({"messages": [{"role": "user", "content": blocks}]}) == (
        {"role": "user", "content": blocks},
    )


def test_a_file_that_cannot_be_read_is_a_problem_and_an_empty_text(tmp_path: Path) -> None:
    problems: list[SuiteError] = []

    text = reader(tmp_path, problems).text({"file": raw_text("b.md", str(tmp_path / "s.yaml"))})

    assert text == ""
    assert [problem.problem for problem in problems] == ["file not found: `b.md`"]


def test_whole_numbers_written_as_floats_are_sent_as_integers(tmp_path: Path) -> None:
    request = reader(tmp_path).request({"max_tokens": 64.0, "top_k": 5.0, "temperature": 1.0})

    assert {name: type(value) for name, value in request.items()} == {
        "max_tokens": int,
        "top_k": int,
        "temperature": float,
    }
