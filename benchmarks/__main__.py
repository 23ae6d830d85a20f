"""Runs a raw loop and the harness on the same bodies, in turns, and prints ratios."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.judging import seconds_per_expectation
from benchmarks.long_run import write_long_run
from benchmarks.page import page_times
from benchmarks.server import LATENCY, SHORT_LATENCY, serving

CONCURRENCY = 100
ROUNDS = 5
_JUDGING = " an expectation, 10,000 replies x 5"
PLUGIN = ("-p", "harness.pytest_plugin.hooks")
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds, seconds of the processor, MiB at its peak."""

    seconds: float
    processor: float
    memory: float


def measured(command: Sequence[str], root: Path = ROOT, *, with_plugins: bool = False) -> Cost:
    """Run a process in a checkout and return what it took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=root,
        env={
            **os.environ,
            "HARNESS_API_KEY": "sk-benchmark",
            # what other plugins of pytest cost is not ours
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "" if with_plugins else "1",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    seconds = time.perf_counter() - began
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Bench:
    """Suites of any size in a folder, the raw loop and the harness over them.

    Attributes:
        root: The checkout whose harness runs, with the Python of its own environment.
    """

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self._folder, self.root = folder, root
        own = root / ".venv" / "bin" / "python"
        self._python = sys.executable if root == ROOT else str(own)

    def raw(self, url: str, number: int) -> Cost:
        """Send so many messages with the raw loop."""
        rows = str(self._rows(number))
        return measured([sys.executable, "-m", "benchmarks.raw", url, rows, str(CONCURRENCY)])

    def run(self, number: int, *options: str) -> Cost:
        """Run so many trials."""
        run_file = self._folder / "run.jsonl"
        run_file.unlink(missing_ok=True)
        suite = str(self.suite(number))
        return self.harness("run", suite, "--quiet", "--run-file", str(run_file), *options)

    def harness(self, *arguments: str) -> Cost:
        """Run the command line."""
        return measured([self._python, "-m", "harness", *arguments], self.root)

    def pytest(self, number: int, *options: str) -> Cost:
        """Run so many tests from a suite."""
        return self.plain_pytest(str(self.suite(number)), *PLUGIN, *options)

    def plain_pytest(self, *arguments: str) -> Cost:
        """Run pytest without plugins."""
        return measured(self._pytest(*arguments))

    def installed_pytest(self, *arguments: str) -> Cost:
        """Run pytest with all plugins that are installed, but one that takes a second."""
        command = self._pytest("-p", "no:hypothesispytest", *arguments)
        return measured(command, with_plugins=True)

    def _pytest(self, *arguments: str) -> Sequence[str]:
        here = ("-c", os.devnull, f"--rootdir={self._folder}", "-p", "no:cacheprovider")
        return [sys.executable, "-m", "pytest", "-q", *here, *arguments]

    def python_test(self) -> Path:
        """Return a test that does nothing."""
        path = self._folder / "test_nothing.py"
        path.write_text("def test_nothing(): pass\n")
        return path

    def suite(self, number: int) -> Path:
        """Return a suite with so many cases."""
        path = self._folder / f"bench-{number}.suite.yaml"
        path.write_text(f"suite: bench\nrequest: {{model: m}}\n{self._cases(number)}")
        return path

    def variants(self, number: int, *, are_compared: bool) -> Path:
        """Return a suite with so many cases in two variants."""
        path = self._folder / f"variants-{number}-{are_compared}.suite.yaml"
        # The requests differ, as in real suites: otherwise there would be a warning.
        settings = "{one: {request: {temperature: 0}}, two: {request: {temperature: 1}}}"
        more = "      - same_as: one\n" if are_compared else "      - starts_with: Hello\n"
        head = f"suite: variants\nrequest: {{model: m}}\nvariants: {settings}\n"
        path.write_text(f"{head}{self._cases(number)}{more}")
        return path

    def _cases(self, number: int) -> str:
        return (
            "cases:\n  - id: mail-{{ number }}\n"
            f"    dataset: {self._rows(number).name}\n    prompt: '{{{{ mail }}}}'\n"
            "    assert:\n      - contains: Hello\n      - word_count: {min: 1}\n"
        )

    def _rows(self, number: int) -> Path:
        path = self._folder / f"rows-{number}.csv"
        if not path.exists():
            rows = "".join(f"{n},This is the text of mail {n}\n" for n in range(number))
            path.write_text(f"number,mail\n{rows}")
        return path


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure, and the highest peak."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.processor for cost in costs),
        max(cost.memory for cost in costs),
    )


def tell(what: str, value: float, unit: str, most: float, more: str = "") -> bool:
    """Print a figure beside its budget; return whether it is kept."""
    is_kept = value <= most
    verdict = "ok  " if is_kept else "OVER"
    print(f"{verdict}  {what:<44} {value:6.2f} {unit:<10} budget {most:g}{more}", flush=True)
    return is_kept


def in_turns(rounds: int, *runs: Callable[[], Cost]) -> list[Cost]:
    """Run things one after the other, several times over; return the median of each."""
    costs: list[list[Cost]] = [[] for _ in runs]
    for _ in range(rounds):
        for costs_of_run, run in zip(costs, runs, strict=True):
            costs_of_run.append(run())
    return [median(cost) for cost in costs]


def against_raw(bench: Bench, url: str, number: int, most: float, rounds: int) -> bool:
    at = ("--base-url", url, "--concurrency", str(CONCURRENCY))
    raw, ours = in_turns(rounds, lambda: bench.raw(url, number), lambda: bench.run(number, *at))
    more = f"  ({ours.seconds:.2f} s, raw {raw.seconds:.2f} s, peak {ours.memory:.0f} MiB)"
    what = f"{number:,} trials, answered at once"
    return tell(what, ours.seconds / raw.seconds, "x raw", most, more)


def with_latency(bench: Bench, url: str, number: int, most: float) -> bool:
    at = ("--base-url", url, "--concurrency", str(CONCURRENCY))
    raw, ours = in_turns(ROUNDS, lambda: bench.raw(url, number), lambda: bench.run(number, *at))
    ideal = number / CONCURRENCY * LATENCY
    more = f"  ({ours.seconds:.2f} s, raw {raw.seconds:.2f} s, ideal {ideal:.1f} s)"
    return tell(f"{number:,} trials, 200 ms", ours.seconds / ideal, "x ideal", most, more)


def with_pytest(bench: Bench, url: str, number: int, most: float) -> bool:
    at = (f"--harness-base-url={url}", f"--harness-concurrency={CONCURRENCY}")
    (ours,) = in_turns(ROUNDS, lambda: bench.pytest(number, *at))
    ideal = number / CONCURRENCY * LATENCY
    more = f"  ({ours.seconds:.2f} s, ideal {ideal:.1f} s)"
    return tell(f"pytest, {number:,} tests, 200 ms", ours.seconds / ideal, "x ideal", most, more)


def plugin_start(bench: Bench, most: float) -> bool:
    """Compare pytest with and without the plugin in a project that has no suites."""
    nothing = str(bench.python_test())
    rounds = [
        (bench.installed_pytest("-p", "no:harness", nothing), bench.installed_pytest(nothing))
        for _ in range(20)
    ]
    # a few milliseconds of a noisy machine: the least of each is the least disturbed
    bare, ours = (min(side, key=lambda cost: cost.processor) for side in zip(*rounds, strict=True))
    more = f"  (processor time, {bare.processor * 1000:.0f} -> {ours.processor * 1000:.0f} ms)"
    milliseconds = (ours.processor - bare.processor) * 1000
    return tell("pytest without suites, the plugin's start", milliseconds, "ms", most, more)


def growth(bench: Bench, url: str, few: int, repeats: int) -> bool:
    """Compare the processor time of a trial, without the start, and the memory of long runs.

    The cases stay the same; it is their repeats that grow.
    """
    many = few * repeats
    at = ("--base-url", url, "--concurrency", str(CONCURRENCY))
    start = median([bench.run(1, *at) for _ in range(3)])
    small = median([bench.run(few, *at) for _ in range(3)])
    large = bench.run(few, *at, "--repeat", str(repeats))
    each_small = (small.processor - start.processor) / few
    each_large = (large.processor - start.processor) / many
    more = f"  ({each_small * 1e6:.0f} -> {each_large * 1e6:.0f} us a trial)"
    what = f"processor time a trial, {few:,} to {many:,}"
    is_flat = tell(what, 100 * (each_large / each_small - 1), "% more", 10, more)
    per_trial = (large.memory - small.memory) * 1024 / (many - few)
    more = f"  ({small.memory:.0f} -> {large.memory:.0f} MiB)"
    return tell(f"memory a trial, {few:,} to {many:,}", per_trial, "KiB", 1, more) and is_flat


def through_the_client(url: str, calls: int, concurrency: int) -> bool:
    """Make calls without an engine, judging and records around them."""
    command = [sys.executable, "-m", "benchmarks.calls", url, str(calls), str(concurrency)]
    results = [
        json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
        for _ in range(ROUNDS)
    ]
    seconds, grown = (statistics.median(side) for side in zip(*results, strict=True))
    ideal = calls / concurrency * SHORT_LATENCY
    what = f"{calls:,} calls, {concurrency} at once, 50 ms"
    more = f"  ({seconds:.2f} s, ideal {ideal:.2f} s: {ideal / seconds:.0%})"
    is_quick = tell(what, seconds / ideal, "x ideal", 1 / 0.6, more)
    return tell(f"{what}, memory", grown, "MiB", 50) and is_quick


def comparing(bench: Bench, url: str, cases: int) -> bool:
    """Run cases in two variants that are compared, and the same ones that are not."""
    at = ("--base-url", url, "--concurrency", str(CONCURRENCY), "--quiet", "--run-file")

    def run(*, are_compared: bool) -> Cost:
        run_file = bench.suite(1).with_name("variants.jsonl")
        run_file.unlink(missing_ok=True)
        suite = bench.variants(cases, are_compared=are_compared)
        return bench.harness("run", str(suite), *at, str(run_file))

    alone, compared = in_turns(3, lambda: run(are_compared=False), lambda: run(are_compared=True))
    more = f"  ({compared.seconds:.2f} s, alone {alone.seconds:.2f} s)"
    what = f"{2 * cases:,} trials, compared in pairs"
    return all(
        [
            tell(what, compared.seconds / alone.seconds, "x alone", 1.6, more),
            tell(f"{what}, peak memory", compared.memory, "MiB", 150),
        ]
    )


def the_page(bench: Bench, folder: Path, trials: int) -> bool:
    """Write the page of a long run and use it."""
    run_file, page = folder / "long.jsonl", folder / "page.html"
    write_long_run(run_file, trials)
    (write,) = in_turns(3, lambda: bench.harness("report", str(run_file), "-o", str(page)))
    times = page_times(page, quote("suite-1::case-1001[opus-4-6-0.7]", safe=""))
    what = f"page of {trials:,} trials"
    return all(
        [
            tell(f"{what}, written", write.seconds, "s", 5),
            tell(f"{what}, peak memory of the writer", write.memory, "MiB", 150),
            tell(f"{what}, size", page.stat().st_size / 1e6, "MB", 18),
            tell(f"{what}, verdict painted", times.verdict, "s", 1),
            tell(f"{what}, usable", times.usable, "s", 2),
            tell(f"{what}, a keystroke", times.keystroke * 1000, "ms", 50),
            tell(f"{what}, opening a trial", times.trial * 1000, "ms", 100),
            tell(f"{what}, searching all texts", times.scan, "s", 1.5),
            tell(f"{what}, nodes", times.nodes, "", 3000),
            tell(f"{what}, errors and messages", times.trouble, "", 0),
        ]
    )


def main() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4096, hard)), hard))
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as servers:
        bench, cassettes = Bench(Path(name)), str(Path(name) / "cassettes")
        quick = ("--base-url", servers.quick)
        (one,) = in_turns(ROUNDS, lambda: bench.run(1, *quick))
        kept = [tell("1 trial", one.seconds, "s", 0.5)]
        kept.append(against_raw(bench, servers.quick, 1_000, 4, ROUNDS))
        kept.append(against_raw(bench, servers.quick, 10_000, 2.5, 3))
        memory = bench.run(10_000, *quick, "--concurrency", str(CONCURRENCY)).memory
        kept.append(tell("10,000 trials, peak memory", memory, "MiB", 150))
        kept.append(with_latency(bench, servers.slow, 1_000, 1.35))
        kept.append(with_pytest(bench, servers.slow, 1_000, 1.75))
        kept.append(plugin_start(bench, 10))
        bench.run(10_000, *quick, "--record", cassettes)
        (replay,) = in_turns(3, lambda: bench.run(10_000, "--replay", cassettes))
        kept.append(tell("10,000 trials replayed", replay.seconds, "s", 4))
        suite = str(bench.suite(10_000))
        (check,) = in_turns(3, lambda: bench.harness("validate", suite))
        kept.append(tell("validate 10,000 rows", check.seconds, "s", 1.5))
        kept.append(tell("judging", seconds_per_expectation(10_000) * 1000, "ms", 0.1, _JUDGING))
        kept.append(comparing(bench, servers.quick, 5_000))
        kept.append(through_the_client(servers.brisk, 5_000, 200))
        kept.append(growth(bench, servers.quick, 1_000, 100))
        kept.append(the_page(bench, Path(name), 10_000))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
