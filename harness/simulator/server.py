"""Runs the simulator: in a thread beside a run, or as a server of its own."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from harness.errors import SettingsError
from harness.simulator.application import Simulator

_BACKLOG = 2048
_JOIN_SECONDS = 5.0


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes a free one.

    Raises:
        SettingsError: The port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        problem = f"the simulator cannot listen on {host}:{port}: {error.strerror}"
        raise SettingsError(problem, "choose another --port; 0 takes a free one") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL of what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(simulator: Simulator) -> uvicorn.Server:
    # a connection that is cut on purpose would be logged as an error with its traceback
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        simulator.application(),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    return uvicorn.Server(config)


@contextmanager
def in_background(simulator: Simulator) -> Iterator[str]:
    """Run the simulator on a free port of this machine and give its base URL."""
    listener = bind("127.0.0.1", 0)
    server = _server(simulator)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True
    )
    thread.start()
    try:
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join(_JOIN_SECONDS)
        listener.close()


def serve(simulator: Simulator, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run the simulator until it is interrupted; `ready` is told its base URL."""
    listener = bind(host, port)
    try:
        ready(url_of(listener))
        _server(simulator).run(sockets=[listener])
    finally:
        listener.close()
