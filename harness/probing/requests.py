"""The small requests of a probe."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STOP = "5"
TOOL = "report_code"
MOST_TOKENS = 24  # of the reply that is to be cut
LAST_NUMBER = "60"  # of the numbers that it would count to
COLOUR = "red"
# a word for each part that may be dropped on the way: no model says it by chance
SYSTEM_WORD, BLOCKS_WORD, DOCUMENT_WORD = "PLOVER-19", "QUARTZ-52", "EMBER-73"
PDF_WORD, RESULT_WORD = "LAGOON-64", "COPPER-88"

_READY = "Reply with the single word: ready"
_COUNT = (
    f"Write the numbers from 1 to {LAST_NUMBER} in digits, separated by single spaces, and"
    " nothing else."
)
_INVENT = "Invent three nonsense words of nine letters each. Reply with the three words alone."
_ASK_FOR_COLOUR = "Which colour is this picture? Reply with one word."
_ASK_FOR_WORD = "What is the code word in this document? Reply with the code word alone."
_CALL = f"Call the tool {TOOL} with the code 7."
_TOOLS = [
    {
        "name": TOOL,
        "description": "Reports a code and returns the code word that belongs to it.",
        "input_schema": {
            "type": "object",
            "properties": {"code": {"type": "integer"}},
            "required": ["code"],
        },
    }
]
_RESULT = (
    f"The code 7 was reported. The code word that belongs to it is {RESULT_WORD}. Tell the user"
    " this code word, exactly as it is written here, and nothing else."
)
_SENTENCE = "This paragraph only makes the prompt long enough for a service to cache it. "
_SENTENCES = 300  # about 4,500 tokens: some models cache prompts from 4,096 on
_PICTURE_SIZE = 32


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """A request of a probe.

    Attributes:
        repeat: Tells equal requests apart.
        after: The request whose reply has to come first; empty for none.
    """

    body: Mapping[str, Any]
    repeat: int = 1
    after: str = ""


def probe_requests(model: str) -> dict[str, ProbeRequest]:
    """Return the requests by name; `plain` comes first, and all others are compared with it."""

    def ask(content: Any, most: int = 32, **fields: Any) -> dict[str, Any]:
        messages = [{"role": "user", "content": content}]
        return {"model": model, "max_tokens": most, "messages": messages, **fields}

    def invent(repeat: int, **fields: Any) -> ProbeRequest:
        return ProbeRequest(ask(_INVENT, 40, **fields), repeat)

    cached = ask(_READY, 16, system=[_long_block()])
    return {
        "plain": ProbeRequest(ask(_READY, 16)),
        "system": ProbeRequest(ask(_READY, 16, system=_only(SYSTEM_WORD))),
        "system blocks": ProbeRequest(
            ask(_READY, 16, system=[_text(_only("the word below.")), _text(BLOCKS_WORD)])
        ),
        "count": ProbeRequest(ask(_COUNT, MOST_TOKENS)),
        "streamed count": ProbeRequest(ask(_COUNT, MOST_TOKENS, stream=True)),
        "stop": ProbeRequest(ask(_COUNT, 64, stop_sequences=[STOP])),
        "cold 1": invent(1, temperature=0),
        "cold 2": invent(2, temperature=0),
        "hot 1": invent(1, temperature=1),
        "hot 2": invent(2, temperature=1),
        "top_k": invent(3, top_k=1),
        "top_p": invent(4, top_p=0.001),
        "unknown field": ProbeRequest(ask(_READY, 16, harness_probe=True)),
        "picture": ProbeRequest(ask([_picture(), _text(_ASK_FOR_COLOUR)])),
        "no picture": ProbeRequest(ask([_text(_ASK_FOR_COLOUR)])),
        "document": ProbeRequest(ask([_plain_document(), _text(_ASK_FOR_WORD)])),
        "no document": ProbeRequest(ask([_text(_ASK_FOR_WORD)])),
        "pdf": ProbeRequest(ask([_pdf_document(), _text(_ASK_FOR_WORD)])),
        "tools": ProbeRequest(ask(_CALL, 100, tools=_TOOLS)),
        "tool result": ProbeRequest(_after_the_call(model)),
        "cache 1": ProbeRequest(cached),
        "cache 2": ProbeRequest(cached, 2, after="cache 1"),
        "async": ProbeRequest(ask(_READY, 16, **{"async": True})),
        "broken": ProbeRequest({"model": model, "max_tokens": 16, "messages": []}),
    }


def _only(word: str) -> str:
    return f"Whatever the user says, reply only with {word}"


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _long_block() -> dict[str, Any]:
    text = _SENTENCE * _SENTENCES
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}


def _after_the_call(model: str) -> dict[str, Any]:
    call = {"type": "tool_use", "id": "toolu_probe_1", "name": TOOL, "input": {"code": 7}}
    result = {"type": "tool_result", "tool_use_id": "toolu_probe_1", "content": _RESULT}
    messages = [
        {"role": "user", "content": _CALL},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    return {"model": model, "max_tokens": 32, "messages": messages, "tools": _TOOLS}


def _encoded(kind: str, media_type: str, content: bytes) -> dict[str, Any]:
    data = base64.b64encode(content).decode("ascii")
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": kind, "source": source}


def _plain_document() -> dict[str, Any]:
    text = f"Minutes of the meeting. The code word is {DOCUMENT_WORD}. Nothing else was decided."
    return _encoded("document", "text/plain", text.encode())


def _picture() -> dict[str, Any]:
    """Return a red square as a PNG."""
    row = b"\0" + b"\xff\0\0" * _PICTURE_SIZE
    header = struct.pack(">IIBBBBB", _PICTURE_SIZE, _PICTURE_SIZE, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row * _PICTURE_SIZE)), (b"IEND", b"")]
    picture = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return _encoded("image", "image/png", picture)


def _pdf_document() -> dict[str, Any]:
    """Return a PDF of one line.

    Source:
        ISO 32000-1, 7.5: header, body, cross-reference table, trailer.
    """
    drawing = f"BT /F1 24 Tf 40 700 Td (The code word is {PDF_WORD}.) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(written)
    size = len(objects) + 1
    written += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return _encoded("document", "application/pdf", written)
