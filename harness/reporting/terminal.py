"""The summary at the end of a run, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.model.record import OutcomeRecord
from harness.reporting.failures import failure_text, grouped_errors
from harness.reporting.summary import OUTCOMES, RunSummary, Tally, percentile, warnings_of
from harness.source import Excerpts, visible

_MOST_SHOWN = 20
_COLUMNS = (*OUTCOMES, "xfailed")


def failures_section(
    records: Iterable[OutcomeRecord], excerpts: Excerpts, *, most: int = _MOST_SHOWN
) -> str:
    """Describe the trials that failed and errored, those with the same error once.

    Args:
        records: The failed and errored trials, in suite order.
        excerpts: Shows the places in the suites.
        most: How many are described; the others are counted.
    """
    parts, shown, left = [], 0, 0
    for group in grouped_errors(records):
        if shown == most:
            left += group.count
            continue
        shown += 1
        text = failure_text(group.first, excerpts)
        if group.count > 1:
            more = f" and {group.count - len(group.ids)} more" if group.count > len(group.ids) else ""
            text += f"\n  the same for {group.count} trials: {', '.join(group.ids)}{more}"
        parts.append(text)
    if left:
        parts.append(f"… and {left:,} more; the run file has them all")
    return "\n\n".join(parts)


def summary_section(summary: RunSummary, seconds: float) -> str:
    """Return the table of suites and variants, the totals, and what else is to be known."""
    from tabulate import tabulate

    shown = [name for name in _COLUMNS if summary.total.counts[name]]
    header = ["suite", "variant", "trials", *shown, "p50 s", "p95 s", "tokens in", "out", "USD"]
    rows = [
        [suite, variant, tally.trials, *(tally.counts[name] for name in shown), *_figures(tally)]
        for (suite, variant), tally in sorted(summary.groups.items())
    ]
    align = ["left", "left", *["right"] * (len(header) - 2)]
    table = tabulate(rows, header, tablefmt="simple", colalign=align, disable_numparse=True)
    lines = [*table.split("\n"), "", totals_line(summary, seconds)]
    lines += [f"note: {warning}" for warning in warnings_of(summary)]
    return "\n".join(visible(line) for line in lines)


def totals_line(summary: RunSummary, seconds: float) -> str:
    """Return the run in one line."""
    total = summary.total
    counts = ", ".join(f"{total.counts[each]:,} {each}" for each in _COLUMNS if total.counts[each])
    parts = [f"{total.trials:,} trials in {seconds:.2f} s: {counts or 'none'}"]
    parts.append(f"{total.input_tokens:,} + {total.output_tokens:,} tokens")
    if total.cost:
        parts.append(f"{'at least ' if total.unpriced else ''}{total.cost:.4f} USD")
    return " · ".join(parts)


def _figures(tally: Tally) -> Sequence[str]:
    return [
        _seconds(percentile(tally.latencies, 0.5)),
        _seconds(percentile(tally.latencies, 0.95)),
        f"{tally.input_tokens:,}",
        f"{tally.output_tokens:,}",
        "–" if tally.unpriced or not tally.cost else f"{tally.cost:.4f}",
    ]


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def trial_lines(
    rows: Iterable[tuple[str, int, str]],
) -> Iterator[str]:
    """Yield a line for each trial: its id, its calls, its estimated cost."""
    for name, calls, cost in rows:
        yield visible(f"{name}  ({calls} call{'s' if calls != 1 else ''}{cost})")
