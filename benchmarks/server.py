"""nginx on loopback: it answers every message the same, at once, after 50 ms or after 200 ms."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LATENCY = 0.2
SHORT_LATENCY = 0.05
MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")
REPLY = json.dumps(
    {
        "id": "msg_benchmark",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": f"Hello, {'this is a fixed reply of ninety ' * 2}"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 12, "output_tokens": 21},
    }
)
CONFIGURATION = """\
load_module {module};
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  keepalive_requests 10000000;
  default_type application/json;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{quick} backlog=1024; location / {{ echo '{reply}'; }} }}
  server {{
    listen 127.0.0.1:{slow} backlog=1024;
    location / {{ echo_sleep {latency}; echo '{reply}'; }}
  }}
  server {{
    listen 127.0.0.1:{brisk} backlog=1024;
    location / {{ echo_sleep {short_latency}; echo '{reply}'; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Servers:
    """The base URLs of servers that answer at once, after 50 ms and after 200 ms."""

    quick: str
    brisk: str
    slow: str


@contextmanager
def serving(folder: Path) -> Iterator[Servers]:
    """Run nginx until the block ends."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if nginx is None or not MODULE.exists():
        raise SystemExit("nginx with its echo module is missing: run sh scripts/benchmark")
    quick, brisk, slow = _free_port(), _free_port(), _free_port()
    path = folder / "nginx.conf"
    path.write_text(
        CONFIGURATION.format(
            module=MODULE,
            folder=folder,
            reply=REPLY,
            quick=quick,
            brisk=brisk,
            short_latency=SHORT_LATENCY,
            slow=slow,
            latency=LATENCY,
        )
    )
    command = [nginx, "-c", str(path), "-p", str(folder), "-e", str(folder / "error.log")]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(quick, process)
            yield Servers(*(f"http://127.0.0.1:{port}" for port in (quick, brisk, slow)))
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("nginx did not start")
