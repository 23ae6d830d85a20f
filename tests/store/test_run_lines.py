"""Where the lines of a run file begin."""

from __future__ import annotations

from io import BytesIO

import pytest

from harness.store.run_lines import DamagedLineError, last_object, locate_lines

TASK = b'{"kind":"task","key":"k"}\n'
END = b'{"kind":"end","status":"finished"}\n'


def test_lines_are_located_from_where_they_begin() -> None:
    lines = [b'{"kind":"outcome","index":7,"id":"a"}\n', TASK, END]

    offsets = locate_lines(lines, 100)

    assert offsets.outcomes == {7: 100}
    assert offsets.tasks == [100 + len(lines[0])]
    assert offsets.end == 100 + len(lines[0]) + len(TASK)


def test_of_two_outcomes_with_one_index_the_newer_one_counts() -> None:
    line = b'{"kind":"outcome","index":7,"id":"a"}\n'

    offsets = locate_lines([line, line], 0)

    assert offsets.outcomes == {7: len(line)}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"kind":"outcome","index":x}\n', "its `index` is not a whole number"),
        (b'{"kind":"outcome","index":x,"id":"a"}\n', "its `index` is not a whole number"),
        (b'{"kind": "outcome", "index": true}\n', "its `index` is not a whole number"),
        (b"[" * 100_000 + b"\n", "it is not a JSON object with a `kind`"),
        (b'{"kind":"run"}\n', "a second run begins here; join runs with `harness merge`"),
    ],
)
def test_a_damaged_line_is_an_error_with_its_offset_and_what_is_wrong(
    line: bytes, why: str
) -> None:
    with pytest.raises(DamagedLineError) as caught:
        locate_lines([TASK, line, END], 10)

    assert (caught.value.offset, caught.value.why) == (10 + len(TASK), why)


@pytest.mark.parametrize(
    ("after", "is_end"),
    [
        (b"", True),
        (b"\n \r\n\n", True),
        (b'{"kind": "from a newer version"}\n', True),
        (b'{"kind": "from a newer version"}', True),
        (TASK, False),
        (TASK.rstrip(), False),
        (b'{"kind":"ta', False),
    ],
)
def test_the_end_is_the_same_read_from_either_side(after: bytes, is_end: bool) -> None:
    content = TASK + END + after

    offsets = locate_lines(BytesIO(content), 0)
    last = last_object(BytesIO(content))

    assert offsets.end == (len(TASK) if is_end else None)
    assert (last is not None) is is_end


@pytest.mark.parametrize("length", [1, 65_500, 65_536, 200_000])
def test_a_last_line_is_found_however_long_it_is(length: int) -> None:
    text = b"x" * length
    content = TASK + b'{"kind":"end","text":"%s"}\n' % text

    last = last_object(BytesIO(content))

    assert last == {"kind": "end", "text": text.decode()}


def test_a_torn_line_in_the_middle_is_damage_and_at_the_end_is_torn() -> None:
    assert locate_lines([TASK, b'{"kind":"outc'], 0).is_torn
    with pytest.raises(DamagedLineError):
        locate_lines([b'{"kind":"outc\n', TASK], 0)
