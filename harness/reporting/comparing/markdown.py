"""A comparison as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from harness.reporting.markdown_text import escaped, limited


def comparison_markdown(comparisons: Sequence[Comparison], *, is_forced: bool = False) -> str:
    """Return comparisons as Markdown, the verdicts first and the lists folded."""
    lines = [
        line
        for comparison in comparisons
        if not is_part(comparison)
        for line in _lines(comparison, is_forced=is_forced)
    ]
    parts = [comparison for comparison in comparisons if is_part(comparison)]
    if parts:
        lines += [*parts_table(parts, "pipe", escaped), ""]
    return limited("\n".join(lines))


def _lines(comparison: Comparison, *, is_forced: bool) -> Iterator[str]:
    from tabulate import tabulate

    yield f"### {escaped(headline(comparison))}"
    yield ""
    for refusal in comparison.refusals:
        yield f"- not comparable: {escaped(refusal)}"
    if comparison.refusals and not is_forced:
        yield from (f"- {escaped(remark)}" for remark in remarks_without_verdict(comparison))
        yield ""
        return
    for factor in comparison.factors:
        yield f"- what differs: {escaped(factor)}"
    yield from (f"- {escaped(remark)}" for remark in remarks(comparison))
    yield ""
    names = map(escaped, (comparison.old.name, comparison.new.name))
    header = ["", *names, "change", "95 % interval", "p"]
    rows = [[escaped(cell) for cell in row] for row in table_rows(comparison)]
    yield tabulate(rows, header, tablefmt="pipe", disable_numparse=True)
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            lines = list(list_lines(pairs))
            yield ""
            yield f"<details><summary>{title(name)}: {size_of(pairs)} ({meaning})</summary>"
            yield ""
            yield from (f"- {escaped(line)}" for line in lines[:MOST_NAMED])
            if len(lines) > MOST_NAMED:
                yield f"- … and {len(lines) - MOST_NAMED:,} more"
            yield ""
            yield "</details>"
    yield ""
    yield from (f"- {escaped(line)}" for line in count_lines(comparison))
    yield ""
