"""Lists packed into blocks, in the page or in files beside it."""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.reporting.html.packing import (
    MOST_BYTES,
    MOST_BYTES_OF_FILE,
    MOST_ITEMS,
    ChunkWriter,
    PackedBlocks,
    blocks_in_sidecar,
    blocks_inside,
    script_json,
)


@dataclass
class Folder:
    """Files in memory."""

    folder: str = "report_files"
    files: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, data: bytes) -> None:
        self.files[name] = data


def packed(*items: Any) -> tuple[PackedBlocks, list[int]]:
    blocks = PackedBlocks(io.BytesIO())
    writer = ChunkWriter(blocks, "d")
    for item in items:
        writer.add(item)
    writer.flush()
    return blocks, writer.starts


def unpacked(data: bytes) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(data)))


@pytest.mark.parametrize(
    ("number", "starts"),
    [(0, []), (1, [0]), (MOST_ITEMS, [0]), (MOST_ITEMS + 1, [0, MOST_ITEMS])],
)
def test_a_block_holds_a_hundred_items(number: int, starts: list[int]) -> None:
    blocks, numbers = packed(*range(number))

    assert numbers == starts
    assert [item for _, data in blocks for item in unpacked(data)] == list(range(number))
    assert [name for name, _ in blocks] == [f"d{block}" for block in range(len(starts))]


def test_a_block_of_large_items_holds_fewer() -> None:
    large = "x" * (MOST_BYTES // 2)

    blocks, starts = packed(large, large, large)

    assert starts == [0, 1, 2]
    assert [unpacked(data) for _, data in blocks] == [[large]] * 3


def test_an_item_larger_than_a_block_has_one_of_its_own() -> None:
    blocks, starts = packed("a", "x" * (2 * MOST_BYTES), "b")

    assert starts == [0, 1, 2]
    assert blocks.size == sum(len(data) for _, data in blocks)


def test_items_are_numbered_in_their_order() -> None:
    writer = ChunkWriter(PackedBlocks(io.BytesIO()), "d")

    assert [writer.add(item) for item in range(250)] == list(range(250))


def test_a_block_in_the_page_is_an_element_that_nothing_in_it_can_end() -> None:
    blocks, _ = packed("</script>", "<!--")

    (element,) = blocks_inside(blocks)

    assert element.startswith(b'<script type="text/plain" id="d0">')
    assert element.endswith(b"</script>\n")
    assert element.count(b"<") == 2


def test_blocks_beside_the_page_are_scripts_that_hand_them_over() -> None:
    blocks, _ = packed("a", "b")
    folder = Folder()

    where = blocks_in_sidecar(blocks, folder)

    ((name, data),) = folder.files.items()
    assert where == {"folder": "report_files", "of": {"d0": name}}
    text = data.decode()
    handed = json.loads(text.removeprefix(f'harnessBlocks("{name}",').removesuffix(");\n"))
    assert unpacked(handed["d0"].encode()) == ["a", "b"]


def test_a_file_beside_the_page_is_named_by_what_is_in_it() -> None:
    names = []
    for item in ("a", "a", "b"):
        folder = Folder()
        blocks_in_sidecar(packed(item)[0], folder)
        names += list(folder.files)

    assert names[0] == names[1] != names[2]


def test_many_blocks_are_spread_over_files() -> None:
    blocks = PackedBlocks(io.BytesIO())
    for number in range(3):
        blocks.add(f"d{number}", b"A" * (MOST_BYTES_OF_FILE // 2 + 1))
    folder = Folder()

    where = blocks_in_sidecar(blocks, folder)

    assert len(folder.files) == 3
    assert list(where["of"]) == ["d0", "d1", "d2"]


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028\u2029", "é"])
def test_json_in_a_script_holds_no_sign_that_ends_it(text: str) -> None:
    written = script_json([text])

    assert json.loads(written) == [text]
    assert not set("<>&\u2028\u2029") & set(written)
