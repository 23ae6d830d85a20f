"""Runs the raw loop and the harness on the same bodies, in turns, and prints ratios."""

from __future__ import annotations

import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

CONCURRENCY = 100
ROUNDS = 3


@contextmanager
def server(latency: float) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.server", f"--port={port}", f"--latency={latency}"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def timed(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return the seconds a process took and its peak memory in MiB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "HARNESS_API_KEY": "sk-benchmark"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def suite(folder: Path, number: int) -> Path:
    rows = "".join(f"{n},This is the text of mail {n}\n" for n in range(number))
    (folder / f"rows-{number}.csv").write_text(f"number,mail\n{rows}")
    path = folder / f"bench-{number}.suite.yaml"
    path.write_text(
        f"suite: bench\nrequest: {{model: m}}\ncases:\n  - id: mail-{{{{ number }}}}\n"
        f"    dataset: rows-{number}.csv\n    prompt: '{{{{ mail }}}}'\n"
        "    assert: [{contains: Hello}, {max_latency: 30s}]\n"
    )
    return path


def compare(folder: Path, number: int, latency: float) -> None:
    root = Path(__file__).parent.parent
    path = suite(folder, number)
    raw_seconds, harness_seconds, memory = [], [], 0.0
    with server(latency) as url:
        raw = [sys.executable, "-m", "benchmarks.raw", url, f"--number={number}"]
        ours = [
            sys.executable, "-m", "harness", "run", str(path), "--base-url", url,
            f"--concurrency={CONCURRENCY}", "--quiet", "--run-file", str(folder / "run.jsonl"),
        ]  # fmt: skip
        for _ in range(ROUNDS):
            raw_seconds.append(timed(raw, root)[0])
            seconds, peak = timed(ours, root)
            harness_seconds.append(seconds)
            memory = max(memory, peak)
            for each in folder.glob("run.jsonl*"):
                each.unlink()
    raw_median, ours_median = map(statistics.median, (raw_seconds, harness_seconds))
    ideal = number / CONCURRENCY * latency
    against = f"  {ours_median / ideal:.2f} x ideal {ideal:.1f} s" if latency else ""
    print(
        f"{number:>7,} trials, {latency * 1000:>3.0f} ms: harness {ours_median:6.2f} s,"
        f" raw {raw_median:6.2f} s, ratio {ours_median / raw_median:.2f},"
        f" peak {memory:.0f} MiB{against}"
    )


def main() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), 1, 0.0)
        compare(Path(folder), 1_000, 0.0)
        compare(Path(folder), 1_000, 0.2)
        compare(Path(folder), 10_000, 0.0)


if __name__ == "__main__":
    main()
