"""Baseline files: written whole, read strictly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.baseline import is_baseline, parse_baseline, read_baseline, write_baseline

HEAD = b'{"kind":"baseline","format":1}\n'


def case(suite: str, name: str, variant: str = "default") -> dict[str, object]:
    return {"suite": suite, "case": name, "variant": variant, "passed": 1}


def test_cases_are_written_in_the_order_of_their_names_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "new" / "main.baseline.jsonl"

    write_baseline(path, {"run": "r"}, [case("b", "a"), case("a", "b"), case("a", "a", "x")])

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"kind": "baseline", "format": 1, "run": "r"}
    assert [(line["suite"], line["case"]) for line in lines[1:]] == [
        ("a", "a"), ("a", "b"), ("b", "a"),
    ]  # fmt: skip
    assert read_baseline(path).cases[1]["case"] == "b"
    assert is_baseline(path)


def test_the_same_cases_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    cases = [case("a", name) for name in "abc"]

    write_baseline(first, {}, cases)
    write_baseline(second, {}, [dict(reversed(one.items())) for one in reversed(cases)])

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", ""])
def test_a_baseline_that_another_program_wrote_again_is_read(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.baseline.jsonl"
    write_baseline(path, {"run": "r"}, [case("a", "ü"), case("b", "b")])
    before = read_baseline(path)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    texts = [json.dumps(dict(reversed(line.items())), separators=(" , ", " : ")) for line in lines]
    path.write_bytes(b"\xef\xbb\xbf" + ("\r\n".join(texts) + end).encode())

    assert is_baseline(path)
    assert read_baseline(path) == before


def test_lines_of_a_newer_version_are_left_out_and_counted() -> None:
    line = b'{"suite":"a","case":"b","variant":"v"}\n'

    baseline = parse_baseline(HEAD + b'{"kind":"span"}\n' + line, "x.baseline.jsonl")

    assert len(baseline.cases) == 1
    (note,) = baseline.notes
    assert note.startswith("1 line was left out of x.baseline.jsonl: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the baseline x.baseline.jsonl is empty; save it again"),
        (b" \n", "is empty"),
        (b"[]\n", "is not a baseline"),
        (b'{"kind":"run"}\n', "is not a baseline"),
        (b"\xff\xfe\n", "is not a baseline"),
        (b'{"kind":"baseline","format":2}\n', "newer version"),
        (HEAD + b"{}\n", ":2 is not a case"),
        (HEAD + b"[" * 100_000 + b"\n", ":2 is not a case"),
        (HEAD + b'{"suite":"a","case":1,"variant":"v"}\n', ":2 is not a case"),
        (HEAD + 2 * b'{"suite":"a","case":"b","variant":"v"}\n', ":3 has a::b twice"),
    ],
)
def test_what_is_damaged_is_told_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        parse_baseline(content, "x.baseline.jsonl")


def test_another_file_is_not_replaced_and_a_missing_one_is_told(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine")

    with pytest.raises(StoreError, match="is not a baseline; choose another output"):
        write_baseline(other, {}, [])
    with pytest.raises(StoreError, match="cannot be read"):
        read_baseline(tmp_path / "nothing")
    assert other.read_text() == "mine"


def test_an_empty_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "x").touch()

    write_baseline(tmp_path / "x", {}, [])

    assert read_baseline(tmp_path / "x").cases == ()


def test_a_baseline_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be written"):
        write_baseline(tmp_path / "file" / "x", {}, [])
