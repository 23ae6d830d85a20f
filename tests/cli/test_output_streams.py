"""Standard output and error whose reader leaves early."""

from __future__ import annotations

import os

from harness.cli.output_streams import PipeWriter


def test_what_is_written_reaches_the_reader() -> None:
    reading, writing = os.pipe()
    writer = PipeWriter(writing)

    assert writer.write(b"one") == 3
    assert os.read(reading, 10) == b"one"

    os.close(reading)
    os.close(writing)


def test_what_comes_after_the_reader_has_left_is_dropped() -> None:
    reading, writing = os.pipe()
    writer = PipeWriter(writing)
    os.close(reading)

    assert writer.write(b"one") == 3
    assert writer.write(memoryview(b"two")) == 3

    os.close(writing)
