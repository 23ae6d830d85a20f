"""Long lists of JSON as compressed pieces that a page unpacks one at a time."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import IO, Any

from harness.json_text import json_bytes

MOST_ITEMS = 100
MOST_BYTES = 512 * 1024
_LEVEL = 6
_BLOCK = 1 << 20


class ChunkWriter:
    """Writes items into a file as data blocks of HTML, so many at a time.

    A block is the JSON of a list, deflated and in base64, which holds no sign that HTML reads.

    Attributes:
        starts: The number of the first item of each block.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.starts: list[int] = []
        self._file, self._name = file, name
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
        self.starts.append(self._count - len(self._items))
        packed = base64.b64encode(zlib.compress(b"[" + b",".join(self._items) + b"]", _LEVEL))
        opening = f'<script type="text/plain" id="{self._name}{len(self.starts) - 1}">'
        self._file.writelines([opening.encode(), packed, b"</script>\n"])
        self._items, self._bytes = [], 0


def in_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what a file holds, from its start."""
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block


def script_json(value: Any) -> str:
    """Return JSON that may stand between the tags of a script.

    Source:
        HTML, 4.12.1.3 "Restrictions for contents of script elements".
    """
    text = json_bytes(value).decode("utf-8")
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
