"""Long lists of JSON as compressed pieces that a page unpacks one at a time."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from harness.json_text import json_bytes

MOST_ITEMS = 100
MOST_BYTES = 512 * 1024
MOST_BYTES_OF_FILE = 1 << 20
_LEVEL = 6


class PackedBlocks:
    """Blocks of base64 in a file instead of in memory.

    Attributes:
        size: Bytes of all blocks.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._blocks: list[tuple[str, int]] = []
        self.size = 0

    def add(self, name: str, data: bytes) -> None:
        """Add a block under its name."""
        self._file.write(data)
        self._blocks.append((name, len(data)))
        self.size += len(data)

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        self._file.seek(0)
        for name, length in self._blocks:
            yield name, self._file.read(length)


class ChunkWriter:
    """Packs items into blocks of at most `MOST_ITEMS` items and about `MOST_BYTES` bytes of JSON.

    A block is the JSON of a list, deflated and in base64, which holds no sign that HTML reads.

    Attributes:
        starts: The number of the first item of each block.
    """

    def __init__(self, packed: PackedBlocks, name: str) -> None:
        self.starts: list[int] = []
        self._packed, self._name = packed, name
        self._items: list[bytes] = []
        self._bytes = 0
        self._count = 0

    def add(self, item: Any) -> int:
        """Add an item and return its number."""
        written = json_bytes(item)
        if self._items and self._bytes + len(written) > MOST_BYTES:
            self.flush()
        self._items.append(written)
        self._bytes += len(written)
        number = self._count
        self._count += 1
        if len(self._items) >= MOST_ITEMS:
            self.flush()
        return number

    def flush(self) -> None:
        """Write the items that are waiting."""
        if not self._items:
            return
        data = base64.b64encode(zlib.compress(b"[" + b",".join(self._items) + b"]", _LEVEL))
        self._packed.add(f"{self._name}{len(self.starts)}", data)
        self.starts.append(self._count - len(self._items))
        self._items, self._bytes = [], 0


def blocks_inside(packed: PackedBlocks) -> Iterator[bytes]:
    """Yield blocks as elements of the page itself."""
    for name, data in packed:
        yield b'<script type="text/plain" id="%b">%b</script>\n' % (name.encode(), data)


class Sidecar(Protocol):
    """Where files go that a page loads; they lie in a folder beside it."""

    @property
    def folder(self) -> str:
        """The folder's name."""

    def keep(self, name: str, data: bytes) -> None:
        """Write a file, unless it exists: its name is a hash of its contents."""


@dataclass(slots=True)
class _ScriptFile:
    """Blocks on their way to a file; it is a script, because a page may load those from disks."""

    blocks: dict[str, bytes]
    size: int = 0


def blocks_in_sidecar(packed: PackedBlocks, sidecar: Sidecar) -> dict[str, Any]:
    """Write blocks into files beside the page; return their folder, and the file of each block."""
    files: dict[str, str] = {}
    waiting = _ScriptFile({})
    for name, data in packed:
        if waiting.blocks and waiting.size + len(data) > MOST_BYTES_OF_FILE:
            files |= _written(waiting, sidecar)
            waiting = _ScriptFile({})
        waiting.blocks[name] = data
        waiting.size += len(data)
    files |= _written(waiting, sidecar)
    return {"folder": sidecar.folder, "of": files}


def _written(script: _ScriptFile, sidecar: Sidecar) -> dict[str, str]:
    pairs = b",".join(b'"%b":"%b"' % (name.encode(), data) for name, data in script.blocks.items())
    digest = hashlib.sha256(pairs).hexdigest()[:16]
    file = f"{next(iter(script.blocks))}-{digest}.js"
    sidecar.keep(file, b'harnessBlocks("%b",{%b});\n' % (file.encode(), pairs))
    return dict.fromkeys(script.blocks, file)


def script_json(value: Any) -> str:
    """Return JSON that may stand between the tags of a script.

    Source:
        HTML, 4.12.1.3 "Restrictions for contents of script elements".
    """
    return script_json_bytes(value).decode("utf-8")


def script_json_bytes(value: Any) -> bytes:
    """Return such JSON in UTF-8."""
    data = json_bytes(value)
    for sign in "<>&\u2028\u2029":
        data = data.replace(sign.encode(), b"\\u%04x" % ord(sign))
    return data
