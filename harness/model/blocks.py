"""The types of content blocks, in whose messages they stand, and how many mark what is cached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

BLOCK_TYPES = (
    "text",
    "image",
    "document",
    "file",
    "file_data",
    "tool_use",
    "tool_result",
    "thinking",
    "redacted_thinking",
)
ASSISTANT_BLOCKS = ("tool_use", "thinking", "redacted_thinking")  # in no message of a user
USER_BLOCKS = ("tool_result",)  # in no message of an assistant
MOST_MARKED = 4  # blocks with `cache_control` in a request


def marked_blocks(
    system: Any, tools: Any, messages: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the blocks of a request, and its tools, that have `cache_control`."""
    contents = [system, tools, *(message["content"] for message in messages)]
    return [
        block
        for content in contents
        if isinstance(content, (list, tuple))
        for block in content
        if isinstance(block, Mapping) and block.get("cache_control") is not None
    ]
