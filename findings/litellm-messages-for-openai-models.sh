#!/bin/sh
# LiteLLM's proxy offers the Messages API (`/v1/messages`) for models of any provider. Which call does it make for a
# model `openai/…` with an `api_base` of one's own, as it is used for servers of chat completions, and for
# `hosted_vllm/…`? What does it answer to a request without messages?
#   litellm 1.106.12, its proxy
#
# Guess before running: both are asked at `/v1/chat/completions`, as the proxy does for `/v1/chat/completions`
# itself; a request without messages is a mistake of the caller, so the status is 400.
# Seen: `openai/…` is asked at `/v1/responses`, which most servers of chat completions do not have, so `/v1/messages`
# answers 404 where `/v1/chat/completions` works with the same configuration; `hosted_vllm/…` is asked at
# `/v1/chat/completions`. Without messages the status is 500, with the words "Bad Request" in it: clients try again.
#
# Valid input but for the request without messages, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'kill $servers 2>/dev/null || true; rm -rf "$folder"' EXIT
servers=""
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check 'litellm[proxy]==1.106.12'

cat >upstream.py <<'PY'
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
         "choices": [{"index": 0, "message": {"role": "assistant", "content": "ready"}, "finish_reason": "stop"}],
         "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        with open("paths", "a") as paths:
            paths.write(self.path + "\n")
        known = self.path == "/v1/chat/completions"
        answer = json.dumps(REPLY if known else {"error": {"message": "no such path"}}).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 8921), Handler).serve_forever()
PY
cat >proxy.yaml <<'YAML'
model_list:
  - model_name: one
    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:8921/v1", api_key: none}
  - model_name: two
    litellm_params: {model: hosted_vllm/m, api_base: "http://127.0.0.1:8921/v1", api_key: none}
YAML
venv/bin/python upstream.py &
servers="$!"
LITELLM_MASTER_KEY=sk-only-here-1234567890abcdef LITELLM_LOCAL_MODEL_COST_MAP=True \
    venv/bin/litellm --config proxy.yaml --host 127.0.0.1 --port 8922 >proxy.log 2>&1 &
servers="$servers $!"

cat >look.py <<'PY'
import json
import pathlib
import time
import urllib.error
import urllib.request


def ask(path, model, messages):
    """Return the status of a call, and where the upstream was asked."""
    pathlib.Path("paths").write_text("")
    body = json.dumps({"model": model, "max_tokens": 9, "messages": messages}).encode()
    headers = {"content-type": "application/json", "authorization": "Bearer sk-only-here-1234567890abcdef"}
    request = urllib.request.Request(f"http://127.0.0.1:8922{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    return status, sorted(set(pathlib.Path("paths").read_text().split()))


for _ in range(300):
    try:
        urllib.request.urlopen("http://127.0.0.1:8922/health/liveliness", timeout=5)
        break
    except OSError:
        time.sleep(0.5)
hello = [{"role": "user", "content": "Hello"}]
found = {
    "chat, openai/": ask("/v1/chat/completions", "one", hello),
    "messages, openai/": ask("/v1/messages", "one", hello),
    "messages, hosted_vllm/": ask("/v1/messages", "two", hello),
    "no messages": ask("/v1/messages", "two", []),
}
expected = {
    "chat, openai/": (200, ["/v1/chat/completions"]),
    "messages, openai/": (404, ["/v1/responses"]),
    "messages, hosted_vllm/": (200, ["/v1/chat/completions"]),
    "no messages": (500, []),
}
for what, (status, paths) in found.items():
    print(f"{what}: {status}, upstream asked at {paths}")
raise SystemExit(found != expected)
PY
venv/bin/python look.py
