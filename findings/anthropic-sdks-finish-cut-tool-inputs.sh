#!/bin/sh
# A reply that ends with `max_tokens` inside the arguments of a tool call, and a thinking block whose signature
# comes in two deltas: what do the SDKs of the Messages API hand out as the final message of the stream?
#   anthropic 2.14.0 (Python), @anthropic-ai/sdk 1.14.0 (TypeScript)
#
# Guess before running: cut arguments come as an error, or with a mark; if they are completed, a number that is
# cut is left out as a text is, and both SDKs do the same. The two signature deltas are joined, as the thinking
# before them is.
# Seen: no error and no mark but `stop_reason`. Of `{"amount": 12` (of 1200, say) Python hands out {"amount": 12},
# so a cut number passes for a whole one, and TypeScript {}. Of `{"city": "San Fr` both hand out {}: a call
# without arguments. Of two signature deltas both keep only the last one.
#
# Valid input, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check anthropic==2.14.0
npm install --silent --no-fund --no-audit @anthropic-ai/sdk@1.14.0 >/dev/null

cat >serve.py <<'PY'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer

START = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
         "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}


def block(kind, deltas):
    yield {"type": "content_block_start", "index": 0, "content_block": kind}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}


def tool(text):
    kind = {"type": "tool_use", "id": "toolu_1", "name": "pay", "input": {}}
    return block(kind, [{"type": "input_json_delta", "partial_json": text}])


REPLIES = {
    "number": tool('{"amount": 12'),
    "text": tool('{"city": "San Fr'),
    "signature": block(
        {"type": "thinking", "thinking": "", "signature": ""},
        [{"type": "thinking_delta", "thinking": "one "}, {"type": "thinking_delta", "thinking": "two"},
         {"type": "signature_delta", "signature": "c2ln"}, {"type": "signature_delta", "signature": "bmVk"}],
    ),
}
REPLIES = {name: list(events) for name, events in REPLIES.items()}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name = body["messages"][0]["content"]
        end = {"stop_reason": "end_turn" if name == "signature" else "max_tokens", "stop_sequence": None}
        events = [{"type": "message_start", "message": START}, *REPLIES[name],
                  {"type": "message_delta", "delta": end, "usage": {"output_tokens": 9}},
                  {"type": "message_stop"}]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for event in events:
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
open("port.part", "w").write(str(server.server_port))
__import__("os").rename("port.part", "port")
server.serve_forever()
PY
python3 serve.py &
server=$!
while [ ! -f port ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)

cat >ask.py <<'PY'
import json
import sys

import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1], api_key="key")
for name in ("number", "text", "signature"):
    asked = [{"role": "user", "content": name}]
    with client.messages.stream(model="m", max_tokens=9, messages=asked) as stream:
        message = stream.get_final_message()
    (block,) = message.content
    value = block.signature if name == "signature" else block.input
    print("python", name, json.dumps(value), message.stop_reason)
PY
cat >ask.mjs <<'JS'
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: process.argv[2], apiKey: "key" });
for (const name of ["number", "text", "signature"]) {
  const stream = client.messages.stream({ model: "m", max_tokens: 9, messages: [{ role: "user", content: name }] });
  const message = await stream.finalMessage();
  const [block] = message.content;
  const value = name === "signature" ? block.signature : block.input;
  console.log("typescript", name, JSON.stringify(value), message.stop_reason);
}
JS
cat >expected <<'EOF'
python number {"amount": 12} max_tokens
python text {} max_tokens
python signature "bmVk" end_turn
typescript number {} max_tokens
typescript text {} max_tokens
typescript signature "bmVk" end_turn
EOF
{ venv/bin/python ask.py "$url"; node ask.mjs "$url"; } >seen
cat seen
diff expected seen && echo "as stated"
