"""Run files as they are read: whole or torn, written by this or another program."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunEnd, RunHead
from harness.model.suite_head import SuiteHead
from harness.store.reader import RunReader
from harness.store.run_index import ends_of
from harness.store.writer import RunWriter
from tests.support.run_files import write_run_file, write_unfinished
from tests.support.trials import record

Lines = list[dict[str, Any]]


def rewrite(path: Path, change: Callable[[Lines], Lines], *, separator: str = "\n") -> Path:
    """Write a run file again as another program does that changes some lines."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    text = separator.join(json.dumps(line) for line in change(lines)) + separator
    path.write_bytes(text.encode())
    return path


def contents(path: Path) -> tuple[RunHead, list[OutcomeRecord], Lines, Lines, RunEnd | None]:
    with RunReader(path) as reader:
        replies = [line for _, line in reader.reply_lines()]
        tasks = list(reader.task_lines())
        return reader.head, list(reader.outcomes()), replies, tasks, reader.ending


def test_what_is_written_is_read_again_in_suite_order(tmp_path: Path) -> None:
    records = [record(2, text="two 👋"), record(0), record(1, "errored")]

    with RunReader(write_run_file(tmp_path / "run.jsonl", *records)) as reader:
        read = list(reader.outcomes())

        assert [outcome["index"] for outcome in read] == [0, 1, 2]
        assert read[2] == json.loads(json.dumps(records[0]))
        assert reader.run["id"] == "r1"
        assert reader.end is not None


@pytest.mark.parametrize("lost", [2, 10, 200])
def test_a_last_line_that_was_cut_is_left_out(tmp_path: Path, lost: int) -> None:
    path = write_unfinished(tmp_path / "run.jsonl", record(0), record(1))
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
        ('{"kind": "outcome", "index": 0}\n{"kind": "run"}\n', "its first line is not that"),
        ('{\n  "kind": "run"\n}\n', "`jq -c .` writes each object on a line of its own"),
        (
            '{"kind": "other"}\n{"kind":"run","format":"x"}\n',
            "damaged at byte 18 .line 2.: `format`",
        ),
        ('{"kind":"run","format":99}\n', "written by a newer version"),
        ('{"kind":"run","format":1}\nrubbish\n', "damaged at byte 26"),
    ],
)
def test_a_file_that_is_not_a_run_is_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(content)

    with pytest.raises(StoreError, match=words):
        RunReader(path)


def test_lone_surrogates_survive(tmp_path: Path) -> None:
    with RunReader(write_run_file(tmp_path / "run.jsonl", record(0, text="\ud800x"))) as reader:
        (read,) = reader.outcomes()

    assert read["reply"] is not None
    assert read["reply"]["text"] == "\ud800x"


def test_a_last_line_that_lost_only_its_line_break_is_read(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0))
    os.truncate(path, path.stat().st_size - 1)

    with RunReader(path) as reader:
        assert not reader.is_torn
        assert reader.ending == RunEnd("finished", 0)
    assert ends_of(path)[1] is not None


def test_suites_that_were_loaded_later_are_among_those_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with RunWriter(path) as writer:
        writer.begin(RunHead("r1", suites=(SuiteHead("first"),)))
        writer.suite(SuiteHead("second"))

    with RunReader(path) as reader:
        assert [suite.name for suite in reader.head.suites] == ["first", "second"]
        assert [suite["name"] for suite in reader.run["suites"]] == ["first", "second"]


def test_lines_of_unknown_kinds_are_left_out_and_counted(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0))
    before = contents(path)
    rewrite(
        path,
        lambda lines: [
            {"kind": "note"}, lines[0], {"kind": "span", "name": "x"}, *lines[1:], {"kind": "span"},
        ],
    )  # fmt: skip

    assert contents(path) == before
    with RunReader(path) as reader:
        (note,) = reader.notes
    assert note.startswith(f"3 lines were left out of {path}: ")
    assert "the kind `note`, `span`; a newer version may have written it" in note
    assert ends_of(path)[1] is not None


def test_a_file_of_this_version_has_no_notes(tmp_path: Path) -> None:
    with RunReader(write_run_file(tmp_path / "run.jsonl", record(0))) as reader:
        assert reader.notes == ()


@pytest.mark.parametrize(
    "line", ["rubbish", "[1]", "12", "{}", '{"kind": 5}', '{"kind":"outcome"', '{"kind":"outcome"}']
)
def test_a_damaged_line_is_named_by_its_byte_and_its_number(tmp_path: Path, line: str) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0), record(1))
    first, second, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([first, second, f"{line}\n", *rest]))

    with pytest.raises(StoreError, match=rf"damaged at byte {len(first + second)} \(line 3\): "):
        RunReader(path)


def test_two_runs_in_one_file_are_refused_with_what_joins_runs(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0))
    path.write_bytes(path.read_bytes() * 2)

    with pytest.raises(StoreError, match=r"\(line 4\): a second run begins here; .*harness merge"):
        RunReader(path)


def test_of_two_ends_the_last_one_counts(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0), end=RunEnd("stopped", 4))
    rewrite(path, lambda lines: [*lines, {"kind": "end", "status": "finished"}])

    with RunReader(path) as reader:
        assert reader.ending == RunEnd("finished")
    assert ends_of(path)[1] == {"kind": "end", "status": "finished"}


def test_an_end_that_outcomes_follow_is_not_the_end(tmp_path: Path) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0))
    more = write_unfinished(tmp_path / "more.jsonl", record(1)).read_bytes().split(b"\n", 1)[1]
    path.write_bytes(path.read_bytes() + more)

    with RunReader(path) as reader:
        assert reader.ending is None
        assert len(reader) == 2
    assert ends_of(path)[1] is None


def test_a_first_line_of_the_wrong_type_is_named_by_its_key(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text('{"kind":"run","format":1,"id":"a","started":5}\n')

    with pytest.raises(
        StoreError, match=r"byte 0 \(line 1\): `started` is a whole number, and should"
    ):
        RunReader(path)


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_and_blank_lines_do_not_matter(tmp_path: Path, prefix: bytes) -> None:
    path = write_run_file(tmp_path / "run.jsonl", record(0), record(1))
    before = contents(path)
    path.write_bytes(prefix + path.read_bytes().replace(b"\n", b"\r\n\r\n") + b" \n\n")

    assert contents(path) == before
    run, end = ends_of(path)
    assert run is not None
    assert end is not None


TEXTS = st.text(st.characters(codec=None), max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(
    texts=st.lists(TEXTS, max_size=4),
    variables=st.dictionaries(TEXTS, VALUES, max_size=3),
    long=st.booleans(),
    item_separator=st.sampled_from([",", ", ", " ,\t"]),
    key_separator=st.sampled_from([":", ": ", " : "]),
    sorts=st.booleans(),
    escapes=st.booleans(),
    line_break=st.sampled_from(["\n", "\r\n", " \n", "\n\n"]),
    ends_with_break=st.booleans(),
)
def test_a_run_file_that_another_program_wrote_again_reads_equal(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    variables: dict[str, Any],
    long: bool,
    item_separator: str,
    key_separator: str,
    sorts: bool,
    escapes: bool,
    line_break: str,
    ends_with_break: bool,
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    records = [record(index, text=text) for index, text in enumerate(texts)]
    for outcome in records:
        outcome["vars"] = variables
        outcome["request"] = {"system": "long " * 300 if long else "short", "messages": []}
    write_run_file(path, *records)
    before = contents(path)
    rewritten = [
        json.dumps(
            json.loads(line),
            separators=(item_separator, key_separator),
            sort_keys=sorts,
            ensure_ascii=escapes,
        )
        for line in path.read_bytes().split(b"\n")[:-1]
    ]

    text = line_break.join(rewritten) + (line_break if ends_with_break else "")
    path.write_bytes(text.encode("utf-8", "backslashreplace"))

    assert contents(path) == before
    assert [line is None for line in ends_of(path)] == [False, False]
