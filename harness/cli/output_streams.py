"""Standard output and error of the process, also when their reader leaves early."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import Any, TextIO


class PipeWriter(io.FileIO):
    """Writes into a pipe; what comes after its reader has left is dropped.

    A reader such as `head` leaves when it has seen enough. That must neither end a run that is
    paid for nor change its exit status, so it is hidden from everything that prints.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb", closefd=False)

    def write(self, data: Any, /) -> int:
        """Write bytes and return how many; all of them count once the reader has left."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def prepare_output_streams() -> None:
    """Make standard output and error fit for what models say and for readers that leave early."""
    sys.stdout, sys.stderr = _prepared(sys.stdout), _prepared(sys.stderr)


def _prepared(stream: TextIO) -> TextIO:
    # a test may have put something else there, and without a descriptor it is None
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    if _is_pipe(stream):
        stream.flush()
        stream = io.TextIOWrapper(
            io.BufferedWriter(PipeWriter(stream.fileno())),
            encoding=stream.encoding,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
    # a reply that cannot be encoded must not end the run
    stream.reconfigure(errors="backslashreplace")
    return stream


def _is_pipe(stream: TextIO) -> bool:
    """Return whether a stream leads to another process, which may stop reading."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
