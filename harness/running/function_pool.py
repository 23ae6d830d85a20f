"""Calls functions of the project in processes that last, and ends those that hang."""

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
    """A result is longer than anybody would read."""


class FunctionPool:
    """A few processes that run functions, one call at a time each.

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
        self._places = asyncio.Semaphore(MOST_PROCESSES)

    def check(self, written: str) -> None:
        """Make sure that a function may be run; raise ArgumentError if it may not."""
        self._check(written)

    async def call(
        self, written: str, output: str, context: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Any:
        """Return what a function returns.

        Raises:
            CodeError: It raised, took too long, ended its process, or returned what JSON cannot
                hold.
        """
        path, function = self._locate(written)
        call = {
            "path": str(path),
            "function": function,
            "output": output,
            "context": dict(context),
            "arguments": dict(arguments),
        }
        async with self._places:
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
                await _end(process)
                raise
            self._idle.append(process)
        if "error" in answer:
            raise CodeError(f"it raised {answer['error']}", answer["traceback"])
        return answer["result"]

    async def aclose(self) -> None:
        """End the processes; another run, in another event loop, may start new ones."""
        self._places = asyncio.Semaphore(MOST_PROCESSES)
        while self._idle:
            await _end(self._idle.pop())


async def _started() -> Process:
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
        with suppress(asyncio.TimeoutError):  # it may be ending by itself
            await asyncio.wait_for(process.wait(), 0.05)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        with suppress(asyncio.TimeoutError):  # what was not read keeps the process from ending
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
