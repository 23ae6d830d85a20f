"""What every form of a comparison shows: rows of tables, and the cases that changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from harness.reporting.comparing.case_changes import by_case
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.model import Change, Comparison
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.ratios import ratios_of
from harness.reporting.comparing.sentences import agrees, scope_words
from harness.reporting.figures import p_is, p_value, points, points_interval, signed

MOST_NAMED = 20
LISTS = {
    "broken": "passed before, but no longer do",
    "fixed": "failed before, and pass now",
    "newly_flaky": "repeats agreed before, but no longer do",
    "moved": "pass more or less often than before, by their own repeats",
    "still_failing": "failed before, and still do",
}
CHANGED_REPLY = "same verdict, another reply"
_UNIT_OF = {"latency": "s", "output tokens": "", "cost": "USD"}
_PART_HEADER = ["", "verdict", "old", "new", "change", "95 % interval", "p"]


def table_rows(comparison: Comparison) -> Iterator[list[str]]:
    """Yield the rows of the table; no row has both an interval and a p-value of other methods."""
    passing, trials = comparison.passing, comparison.trials
    beside, below = _p_beside(passing, comparison.p)
    figures = [points(passing.difference), points_interval(passing.interval), beside]
    yield ["pass rate", *map(str, comparison.rates), *figures]
    yield ["trials", _of(trials.old), _of(trials.new), "", "", below]
    for measure in comparison.measures:
        change = measure.change
        beside, below = _p_beside(change, measure.p)
        means = [f"{change.old:.3f}", f"{change.new:.3f}", signed(change.difference, 3)]
        yield [measure.name, *means, _ends(change, lambda end: signed(end, 3)), beside]
        if below:
            yield [f"{measure.name}, by trials", "", "", "", "", below]
    for name, change in ratios_of(comparison.pairs).items():
        means = [f"{mean:.4g} {_UNIT_OF[name]}".rstrip() for mean in (change.old, change.new)]
        yield [name, *means, f"x{change.difference:.2f}", "", ""]
        if change.quantiles is not None:
            yield [f"{name} p50, p95", *map(_quantiles, change.quantiles), "", "", ""]


def parts_table(
    parts: Iterable[Comparison], form: str, shown: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the lines of a table of the parts of a run, a row each.

    Args:
        parts: Suites, tags and variants.
        form: As tabulate names it.
        shown: Returns the text that shows a cell.
    """
    from tabulate import tabulate

    rows = [[shown(cell) for cell in _part_row(part)] for part in parts]
    align = ("left", "left", *["right"] * 5)
    yield from tabulate(
        rows, _PART_HEADER, tablefmt=form, colalign=align, disable_numparse=True
    ).split("\n")


def _part_row(part: Comparison) -> list[str]:
    name = scope_words(part).removesuffix(": ")
    if part.verdict is None:
        return [name, f"none: {'; '.join(part.refusals)}", "", "", "", "", ""]
    # the p-value of trials stands in brackets where the interval over cases says otherwise
    p = p_value(part.p) if agrees(part.passing, part.p) else f"({p_value(part.p)})"
    figures = [points(part.difference), points_interval(part.interval), p]
    return [name, part.verdict.value, *map(str, part.rates), *figures]


def size_of(pairs: Collection[Pair]) -> str:
    """Return how many cases a list has, and in how many variants if there are more of them."""
    number = len(by_case(pairs))
    return f"{number:,}" if number == len(pairs) else f"{cases(number)} in {len(pairs):,} variants"


def list_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """Yield a line for each case; its variants are added up."""
    for key, variants in by_case(pairs).items():
        if len(variants) == 1:
            yield _pair_line(variants[0])
            continue
        old = sum(pair.old.passed for pair in variants), sum(pair.old.judged for pair in variants)
        new = sum(pair.new.passed for pair in variants), sum(pair.new.judged for pair in variants)
        first = variants[0].new
        where = f"({first.path}:{first.line})"
        yield f"{key} in {len(variants)} variants {_of(old)} -> {_of(new)} {where}"


def count_lines(comparison: Comparison) -> Iterator[str]:
    """Yield what was compared, and what was not: errors, and cases that one side lacks."""
    compared = f"{cases(comparison.passing.cases)} compared"
    if comparison.knows_replies:
        compared += f"; {len(comparison.changed):,} with another reply and the same verdict"
    yield compared
    counted = sum(pair.new.errored for pair in comparison.pairs)
    errors = {
        comparison.old.name: (comparison.old, comparison.old.errored, "errored and no evidence"),
        comparison.new.name: (comparison.new, counted, "errored and counted as failed"),
    }
    for name, (side, errored, words) in errors.items():
        skipped, excluded = side.skipped.total(), side.excluded.total()
        others = side.errored - errored
        if side.errored or skipped or excluded:
            without = f", {excluded:,} errored and left out" if excluded else ""
            without += f", {others:,} errored in cases that are not compared" if others else ""
            yield (
                f"{name}: {side.trials:,} trials, {errored:,} {words}{without},"
                f" {skipped:,} skipped, unjudged or expected to fail and left out"
            )
    lists = {
        "new, not compared": comparison.added,
        "removed": comparison.removed,
        "no longer judged": comparison.not_compared,
    }
    for what, names in lists.items():
        if names:
            remaining = len(names) - MOST_NAMED
            more = f" and {remaining:,} more" if remaining > 0 else ""
            yield f"{what}: {', '.join(names[:MOST_NAMED])}{more}"


def title(name: str) -> str:
    """Return the title of a list."""
    return name.replace("_", " ").capitalize()


def _p_beside(change: Change, p: float | None) -> tuple[str, str]:
    """Return the p-value for the row of an interval or, if the two differ, for a row of its own.

    The interval is about cases like these, the p-value about the trials of these very cases.
    """
    if p is None:
        return "", ""
    return (p_value(p), "") if agrees(change, p) else ("", p_value(p))


def _pair_line(pair: Pair) -> str:
    new = pair.new
    sure = ""
    if pair.q is not None and pair.is_sure:
        sure = f", by its repeats alone q {p_is(pair.q)}"
    return f"{new.key} {pair.old.split} -> {new.split}{sure} ({new.path}:{new.line})"


def _ends(change: Change, words: Callable[[float], str]) -> str:
    if change.interval is None:
        return ""
    return f"[{words(change.interval.low)}, {words(change.interval.high)}]"


def _of(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,}/{counts[1]:,}"


def _quantiles(values: tuple[float, float]) -> str:
    return ", ".join(f"{value:.4g} s" for value in values)
