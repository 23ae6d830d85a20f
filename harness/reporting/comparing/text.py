"""A comparison in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.printable import visible
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.rows import (
    LISTS,
    MOST_NAMED,
    count_lines,
    list_lines,
    parts_table,
    size_of,
    table_rows,
    title,
)
from harness.reporting.comparing.sentences import (
    headline,
    is_part,
    remarks,
    remarks_without_verdict,
)


def comparison_text(
    comparisons: Sequence[Comparison], *, is_forced: bool = False, advice: str = ""
) -> str:
    """Return comparisons for a terminal: the verdict, why, the numbers, the cases.

    Parts of a run are a line each, below the whole.

    Args:
        comparisons: What was compared.
        is_forced: Whether numbers are shown where there is no verdict.
        advice: What could be done about that.
    """
    blocks = [
        "\n".join(_lines(comparison, is_forced=is_forced, advice=advice))
        for comparison in comparisons
        if not is_part(comparison)
    ]
    parts = [comparison for comparison in comparisons if is_part(comparison)]
    if parts:
        blocks.append("\n".join(parts_table(parts, "simple")))
    return "\n".join(visible(line) for line in "\n\n".join(blocks).split("\n"))


def _lines(comparison: Comparison, *, is_forced: bool, advice: str) -> Iterator[str]:
    yield headline(comparison)
    for refusal in comparison.refusals:
        yield f"  not comparable: {refusal}"
    if comparison.refusals and not is_forced:
        yield from (f"  {remark}" for remark in remarks_without_verdict(comparison))
        if advice:
            yield f"  fix: {advice}"
        return
    for factor in comparison.factors or ("nothing in the requests",):
        yield f"  what differs: {factor}"
    yield from (f"  {remark}" for remark in remarks(comparison))
    yield ""
    yield from _table(comparison)
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            lines = list(list_lines(pairs))
            yield ""
            yield f"{title(name)} ({size_of(pairs)}; {meaning}):"
            yield from (f"  {line}" for line in lines[:MOST_NAMED])
            if len(lines) > MOST_NAMED:
                yield f"  … and {len(lines) - MOST_NAMED:,} more; the JSON output lists all"
    yield ""
    yield from count_lines(comparison)


def _table(comparison: Comparison) -> Iterator[str]:
    from tabulate import tabulate

    rows = list(table_rows(comparison))
    header = ["", comparison.old.name, comparison.new.name, "change", "95 % interval", "p"]
    align = ("left", *["right"] * 5)
    yield from tabulate(
        rows, header, tablefmt="simple", colalign=align, disable_numparse=True
    ).split("\n")
