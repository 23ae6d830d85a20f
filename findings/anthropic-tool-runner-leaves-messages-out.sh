#!/bin/sh
# The tool loop of the official Python client for the Messages API, against servers that keep no conversations:
# what does its second request hold, after the model called a tool?
#   anthropic 2.14.0, `client.beta.messages.tool_runner`
#
# Guess before running: the API keeps nothing, so each request holds the whole conversation; a field that a server
# does not have is left out once the server answered 400 because of it.
# Seen: the second request holds the tool's result alone, and `thread` with the id of the reply before it. A server
# that ignores unknown fields gets a conversation that begins with a result of an unknown call. One that refuses the
# field with a plain 400 ends the loop with that error. Only a 400 whose `error.details.error_code` is
# `thread_unsupported_request` makes the client send the whole conversation without the field. So does `thread=False`.
#
# Valid input, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check anthropic==2.14.0

cat >look.py <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import anthropic

CALL = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}
REFUSALS = {
    "ignores": None,
    "refuses": {"type": "invalid_request_error", "message": "thread: unknown field"},
    "refuses by code": {
        "type": "invalid_request_error", "message": "thread: not supported",
        "details": {"error_code": "thread_unsupported_request", "unsupported": ["thread"]},
    },
}


def look(how, **options):
    """Return which messages each request of a loop held, and how the loop ended."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            refusal = REFUSALS[how] if "thread" in body else None
            if refusal is None:
                seen.append([message["role"] for message in body["messages"]])
            answered = "tool_result" in json.dumps(body["messages"])
            content = [{"type": "text", "text": "12 degrees"}] if answered else [CALL]
            reply = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
                     "stop_reason": "end_turn" if answered else "tool_use", "stop_sequence": None,
                     "usage": {"input_tokens": 1, "output_tokens": 1}}
            answer = json.dumps(reply if refusal is None else {"type": "error", "error": refusal}).encode()
            self.send_response(200 if refusal is None else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Return the weather of a city."""
        return "12 degrees"

    client = anthropic.Anthropic(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}", max_retries=0)
    asked = [{"role": "user", "content": "How is the weather in Paris?"}]
    try:
        client.beta.messages.tool_runner(
            model="m", max_tokens=100, messages=asked, tools=[get_weather], **options
        ).until_done()
        end = "done"
    except anthropic.APIStatusError as error:
        end = f"{error.status_code}"
    server.shutdown()
    return seen, end


whole = ["user", "assistant", "user"]
expected = {
    "ignores": ([["user"], ["user"]], "done"),
    "refuses": ([], "400"),
    "refuses by code": ([["user"], whole], "done"),
}
found = {how: look(how) for how in expected}
found["ignores, thread=False"] = look("ignores", thread=False)
expected["ignores, thread=False"] = ([["user"], whole], "done")
for how, (seen, end) in found.items():
    print(f"{how}: {seen}, {end}")
raise SystemExit(found != expected)
PY
venv/bin/python look.py
