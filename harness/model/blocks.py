"""The types of content blocks, and in whose messages they stand."""

from __future__ import annotations

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
