"""Calls functions of the project in worker processes, and kills those that hang."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.assertions.code import CodeError

SECONDS = 10.0
MOST_PROCESSES = 4
MOST_BYTES = 16_000_000
_SECONDS_TO_END = 1.0
_WORKER = Path(__file__).with_name("function_worker.py")


class _TooLongError(Exception):
    """A result is larger than `MOST_BYTES`."""


class FunctionPool:
    """Up to `MOST_PROCESSES` processes that run functions, each one call at a time.

    Args:
        locate: Returns the path and the name of the function that `file.py:function` means.
        check: Raises ArgumentError if it may not be run.
        seconds: How long a call may take.
    """

    def __init__(
        self,
        locate: Callable[[str], tuple[Path, str]],
        check: Callable[[str], None],
        seconds: float = SECONDS,
    ) -> None:
        self._locate, self._check, self._seconds = locate, check, seconds
        self._idle: list[Process] = []
        self._processes = asyncio.Semaphore(MOST_PROCESSES)

    def check(self, written: str) -> None:
        """Raise ArgumentError if a function may not be run."""
        self._check(written)

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Return what a function returns.

        Raises:
            CodeError: It raised, took too long, ended its process, or returned something that
                JSON cannot hold.
        """
        path, function = self._locate(written)
        call = {
            "path": str(path),
            "function": function,
            "output": output,
            "context": dict(context),
            "arguments": dict(arguments),
        }
        async with self._processes:
            process = self._idle.pop() if self._idle else await _started()
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await _exchanged(process, json.dumps(call, default=_plain).encode())
            except _TooLongError as error:
                await _end(process)
                raise CodeError(f"it returned more than {MOST_BYTES:,} bytes") from error
            except TimeoutError as error:
                await _end(process)
                raise CodeError(f"it took more than {self._seconds:g} s") from error
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise CodeError(f"it ended its process ({await _end(process)})") from error
            except BaseException:
                # Cancelled in the middle of a call: its answer is still to come, and the next
                # call to this process would read it as its own.
                await _end(process)
                raise
            self._idle.append(process)
        if "error" in answer:
            raise CodeError(f"it raised {answer['error']}", answer["traceback"])
        return answer["result"]

    async def aclose(self) -> None:
        """End the processes; another run, in another event loop, may start new ones."""
        # A semaphore belongs to the event loop in which it was first waited for.
        self._processes = asyncio.Semaphore(MOST_PROCESSES)
        while self._idle:
            await _end(self._idle.pop())


async def _started() -> Process:
    # `-P` keeps the folder of the worker out of `sys.path`, where modules of this package would
    # hide those of the project. The session is for `killpg`: it reaches what the function started
    # and not the run itself.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(_WORKER), stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
        start_new_session=True,
    )  # fmt: skip


async def _exchanged(process: Process, call: bytes) -> dict[str, Any]:
    assert process.stdin is not None  # noqa: S101  # both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(len(call).to_bytes(4, "big") + call)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(4), "big")
    if length > MOST_BYTES:
        raise _TooLongError
    answer: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return answer


async def _end(process: Process) -> str:
    """End a process and what it started, and say how it ended."""
    if process.returncode is None:
        # One that is ending by itself gets the time: its own status says more than SIGKILL.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 0.05)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        # asyncio does not report the end of a process while its output waits to be read.
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.stdout.read(), _SECONDS_TO_END)
    code = await process.wait()
    if code >= 0:
        return f"status {code}"
    return f"signal {signal.Signals(-code).name}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)
