"""The texts and files of a request, and its size in tokens."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from harness.model.tool_results import blocks_of

CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_FILE = 1500
_PNG_HEADER_BYTES = 24
_FILE_BLOCKS = frozenset({"image", "document", "file", "file_data"})


def system_text(body: Mapping[str, Any]) -> str:
    """Return the system prompt, its blocks joined by line feeds."""
    system = body.get("system", "")
    return system if isinstance(system, str) else "\n".join(block["text"] for block in system)


def last_user_text(body: Mapping[str, Any]) -> str:
    """Return the text of the last message from the user."""
    for message in reversed(body["messages"]):
        if message["role"] == "user":
            return "\n".join(_texts(message["content"]))
    return ""


def tools_called(body: Mapping[str, Any]) -> set[str]:
    """Return the tools whose results came since the user last said something else."""
    names: set[str] = set()
    for message in reversed(body["messages"]):
        blocks = blocks_of(message)
        if message["role"] == "user" and not any(b.get("type") == "tool_result" for b in blocks):
            break
        names |= {str(block.get("name")) for block in blocks if block.get("type") == "tool_use"}
    return names


def input_tokens(body: Mapping[str, Any]) -> int:
    """Return a rough count: four characters per token, 1500 tokens per file; tools are counted."""
    tools = body.get("tools")
    texts = [system_text(body), json.dumps(tools) if tools else ""]
    for message in body["messages"]:
        texts += _texts(message["content"])
    files = sum(1 for _ in _files(body))
    return tokens("".join(texts)) + files * _TOKENS_PER_FILE


def tokens(text: str) -> int:
    """Return a rough count for a text, at least 1."""
    return max(1, -(-len(text) // CHARACTERS_PER_TOKEN))


def describe_attachments(body: Mapping[str, Any]) -> str:
    """Return a description of the attached files, such as `a 64 x 48 image/png`."""
    return " and ".join(_described(block) for block in _files(body))


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [text for block in content for text in _texts_of(block)]


def _texts_of(block: Mapping[str, Any]) -> list[str]:
    """Return the texts of a block: its own, those of a tool's result, of a plain document."""
    if block.get("type") == "text":
        return [str(block.get("text", ""))]
    if block.get("type") == "tool_result":
        return _texts(block.get("content", ()))
    source = block.get("source", {})
    if source.get("type") == "text":
        return [str(source["data"])]
    return _texts(source["content"]) if source.get("type") == "content" else []


def _files(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for message in body["messages"]:
        yield from _files_in(message["content"])


def _files_in(content: Any) -> Iterator[Mapping[str, Any]]:
    for block in content if isinstance(content, list) else ():
        source = block.get("source", {})
        if block.get("type") == "tool_result":
            yield from _files_in(block.get("content"))
        elif source.get("type") == "content":
            yield from _files_in(source["content"])
        elif block.get("type") in _FILE_BLOCKS and source.get("type") != "text":
            yield block


def _described(block: Mapping[str, Any]) -> str:
    source = block.get("source", block)
    if source.get("type") == "url":
        article = "an" if block["type"] == "image" else "a"
        return f"{article} {block['type']} at a URL, which the simulator does not fetch"
    content = base64.b64decode(source["data"])
    kind = source["media_type"]
    if kind == "application/pdf":
        pages = len(re.findall(rb"/Type\s*/Page\b", content))
        return f"a PDF of {pages} page{'' if pages == 1 else 's'}"
    if kind == "image/png" and len(content) >= _PNG_HEADER_BYTES:
        width, height = struct.unpack(">II", content[16:24])
        return f"a {width} x {height} {kind}"
    return f"{len(content)} byte{'' if len(content) == 1 else 's'} of {kind}"
