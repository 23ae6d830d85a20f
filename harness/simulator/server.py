"""Runs the simulator, in the process of a run or as a server."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from harness.errors import SettingsError
from harness.simulator.application import Simulator
from harness.wording import Option, Wording

_BACKLOG = 2048
_POLL_SECONDS = 0.005


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        SettingsError: The port is in use, or the address does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only for sockets that name their protocol
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        problem = f"the simulator cannot listen on {host}:{port}: {error.strerror}"
        fix = Wording("use another {port}; 0 takes a free one", port=Option("port"))
        raise SettingsError(problem, fix) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """A server without signal handlers: the run around it handles signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing."""
        yield


def _config(simulator: Simulator) -> uvicorn.Config:
    # uvicorn would log each connection that is closed on purpose as an error with a traceback
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        simulator.application(),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        server_header=False,
    )


@asynccontextmanager
async def running(simulator: Simulator) -> AsyncIterator[str]:
    """Run the simulator on a free local port, and yield its base URL."""
    # It shares the event loop of the run: a separate thread would compete for the interpreter lock.
    listener = bind("127.0.0.1", 0)
    server = _Server(_config(simulator))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110  # see below
            await asyncio.sleep(_POLL_SECONDS)  # uvicorn has no event to wait for
        yield url_of(listener)
    finally:
        server.should_exit = True
        await task
        listener.close()


def serve(simulator: Simulator, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run the simulator until it is interrupted; `ready` receives its base URL."""
    listener = bind(host, port)
    try:
        ready(url_of(listener))
        uvicorn.Server(_config(simulator)).run(sockets=[listener])
    finally:
        listener.close()
