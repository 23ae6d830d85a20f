"""Stores long texts that repeat, such as system prompts and attachments, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

REFERENCE = "$blob"
SHORTEST = 1024  # characters; below it a reference saves little


class BlobWriter:
    """Replaces long texts by references, and collects those that it has not seen before."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()  # 32 bytes each, however long the texts

    def shrink(self, value: Any, new: dict[str, str]) -> Any:
        """Return the value with references; texts not stored before are added to `new`."""
        if isinstance(value, str):
            return self._reference(value, new) if len(value) >= SHORTEST else value
        if isinstance(value, dict):
            return {key: self.shrink(item, new) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.shrink(item, new) for item in value]
        return value

    def _reference(self, text: str, new: dict[str, str]) -> dict[str, str]:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
        name = digest.hexdigest()
        if digest.digest() not in self._digests:
            self._digests.add(digest.digest())
            new[name] = text
        return {REFERENCE: name}


def references_in(value: Any) -> Iterator[str]:
    """Yield the names of the texts that a value refers to.

    Args:
        value: Parsed JSON: other types of mappings and lists are not looked into.
    """
    # A stack instead of recursion, and exact types: this is done for every line that is read.
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            name = item.get(REFERENCE) if len(item) == 1 else None
            if type(name) is str:
                yield name
            else:
                stack.extend(item.values())
        elif type(item) is list:
            stack.extend(item)


def expand(value: Any, texts: Mapping[str, str]) -> Any:
    """Return the value with the texts in place of their references."""
    if isinstance(value, Mapping):
        name = value.get(REFERENCE)
        if len(value) == 1 and isinstance(name, str) and name in texts:
            return texts[name]
        return {key: expand(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item, texts) for item in value]
    return value
