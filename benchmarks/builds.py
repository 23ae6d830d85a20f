"""Runs this checkout and another one in turns, and prints how their times compare.

Usage: python -m benchmarks.builds OTHER_CHECKOUT [ROUNDS]

Both need an environment of their own (`sh scripts/setup dev` in each). A ratio below 1 says that this
checkout is faster. Whole processes are timed, one build after the other in each round, so that what
else the machine does meets both alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.__main__ import CONCURRENCY, ROOT, Bench, Cost
from benchmarks.long_run import write_long_run, write_repeated_run
from benchmarks.server import Servers, serving

ROUNDS = 5
_PAGE_TRIALS = 10_000

Action = Callable[[Bench], Cost]


def rows(folder: Path, servers: Servers) -> Iterator[tuple[str, Action]]:
    """Yield what is compared: its name, and how a build does it."""
    url = servers.quick
    waiting = ("--base-url", servers.slow, "--concurrency", str(CONCURRENCY))
    at = ("--base-url", url, "--concurrency", str(CONCURRENCY))
    suite = str(Bench(folder).suite(10_000))
    long_run = folder / "long.jsonl"
    write_long_run(long_run, _PAGE_TRIALS)
    compared = [folder / "old.jsonl", folder / "new.jsonl"]
    for seed, path in enumerate(compared):
        write_repeated_run(path, 1_000, 5, seed)
    yield "1 trial", lambda bench: bench.run(1, *at)
    yield "1,000 trials, answered at once", lambda bench: bench.run(1_000, *at)
    yield "10,000 trials, answered at once", lambda bench: bench.run(10_000, *at)
    yield "1,000 trials, answered after 200 ms", lambda bench: bench.run(1_000, *waiting)
    yield (
        "1,000 cases x 10, answered at once",
        lambda bench: bench.run(1_000, *at, "--repeat", "10"),
    )
    yield (
        "10,000 trials replayed",
        lambda bench: bench.run(10_000, "--replay", str(_cassettes(folder, bench))),
    )
    yield "validate 10,000 rows", lambda bench: bench.harness("validate", suite)
    yield (
        "page of 10,000 trials, written",
        lambda bench: bench.harness("report", str(long_run), "-o", str(folder / "page.html")),
    )
    yield (
        "compare two runs of 1,000 cases x 5",
        lambda bench: bench.harness("compare", *map(str, compared)),
    )


def _cassettes(folder: Path, bench: Bench) -> Path:
    """Return where a build keeps its cassettes; another build may write them otherwise."""
    return folder / f"cassettes-{'ours' if bench.root == ROOT else 'theirs'}"


def compare(what: str, act: Action, ours: Bench, theirs: Bench, rounds: int) -> None:
    """Run something with two builds in turns; print the ratio of their median times.

    The range is that of the ratios within a round, which shows how far the machine is to be trusted.
    """
    pairs = []
    for number in range(rounds):
        order = (ours, theirs) if number % 2 else (theirs, ours)
        costs = {id(bench): act(bench) for bench in order}
        pairs.append((costs[id(ours)], costs[id(theirs)]))
    seconds = _ratio([(one.seconds, other.seconds) for one, other in pairs])
    processor = _ratio([(one.processor, other.processor) for one, other in pairs])
    peaks = [max(cost.memory for cost in side) for side in zip(*pairs, strict=True)]
    print(f"{what:<38} {seconds}   {processor}   {peaks[0]:4.0f} : {peaks[1]:4.0f}", flush=True)


def _ratio(pairs: Sequence[tuple[float, float]]) -> str:
    one, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [mine / yours for mine, yours in pairs]
    return f"{one / other:5.2f} ({one:5.2f} : {other:5.2f}, {min(ratios):.2f}-{max(ratios):.2f})"


def main() -> int:
    """Compare two checkouts, of which this is one."""
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    other = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    for root in (ROOT, other):
        python = root / ".venv" / "bin" / "python"
        # an environment may forbid Python to write its bytecode, and compiling is not what is timed
        subprocess.run([python, "-m", "compileall", "-q", "harness"], cwd=root, check=True)
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as servers:
        folder = Path(name)
        ours, theirs = Bench(folder), Bench(folder, other)
        for bench in (ours, theirs):
            bench.run(
                10_000, "--base-url", servers.quick, "--record", str(_cassettes(folder, bench))
            )
        print(f"{'':<38} {'seconds':<34} {'seconds of the processor':<34} peak, MiB")
        for what, act in rows(folder, servers):
            compare(what, act, ours, theirs, rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
