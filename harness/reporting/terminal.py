"""The summary at the end of a run, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.excerpts import Excerpts
from harness.model.case_result import CHAIN
from harness.model.record import OutcomeRecord
from harness.model.unfinished import Unfinished
from harness.printable import visible
from harness.reporting.failures import failure_text, grouped_errors, is_broken_off
from harness.reporting.figures import chain, percents
from harness.reporting.metrics import ComputedMetric, MetricStatus
from harness.reporting.summary import RunSummary, warnings_of
from harness.reporting.tally import OUTCOMES, Tally, percentile

_MOST_SHOWN = 20
_COLUMNS = (*OUTCOMES, "xfailed")


def failure_blocks(
    records: Iterable[OutcomeRecord],
    excerpts: Excerpts,
    options: Sequence[str] = (),
    *,
    most: int = _MOST_SHOWN,
) -> Iterator[str]:
    """Yield a description of each trial that failed or errored, those with the same error once.

    Args:
        records: The failed and errored trials, in suite order.
        excerpts: Shows the places in the suites.
        options: What a command to run a trial again has to repeat.
        most: How many are described; the others are counted.
    """
    groups, remaining = grouped_errors(records, most=most)
    for group in groups:
        text = failure_text(group.first, excerpts, options)
        if group.count > 1:
            ids = ", ".join(visible(name) for name in group.ids)
            more = group.count - len(group.ids)
            if is_broken_off(group.first):
                text += f"\n  the same for {group.count:,} trials"
            else:
                text += f"\n  repeats:  {group.count:,} of {group.first['repeats']:,} did not pass"
            text += f": {ids}"
            text += f" and {more:,} more" if more else ""
        yield text
    if remaining:
        yield f"… and {remaining:,} more; the run file has them all"


def summary_section(summary: RunSummary, seconds: float) -> str:
    """Return the table of suites and variants, the totals, and what else is to be known."""
    from tabulate import tabulate

    shown = [name for name in _COLUMNS if summary.total.counts[name]]
    header = ["suite", "variant", "trials", *shown, "pass rate [95 %]"]
    header += ["p50, p95 s", "tokens"]
    header += ["USD"] if summary.total.cost else []
    rows = [
        [
            suite,
            variant,
            tally.trials,
            *(tally.counts[name] for name in shown),
            summary.rate((suite, variant)).short,
            *_figures(tally, summary),
        ]
        for (suite, variant), tally in summary.groups.items()
    ]
    align = ["left", "left", *["right"] * (len(header) - 2)]
    table = tabulate(rows, header, tablefmt="simple", colalign=align, disable_numparse=True)
    lines = [*table.split("\n"), *_metric_lines(summary), *_repeated_lines(summary), ""]
    lines.append(totals_line(summary, seconds))
    lines += [f"note: {warning}" for warning in warnings_of(summary)]
    return "\n".join(visible(line) for line in lines)


def _metric_lines(summary: RunSummary) -> Iterator[str]:
    """Yield a row for each metric that was collected, and one for each that was computed."""
    from tabulate import tabulate

    cells = [
        [name, suite, variant, tally.short, f"{tally.cases:,}"]
        for (suite, variant, name), tally in summary.metrics.items()
    ]
    cells += [
        [
            metric.name,
            metric.suite,
            metric.variant,
            _metric_words(metric),
            "",
        ]
        for metric in summary.computed
    ]
    if not cells:
        return
    header = ["metric", "suite", "variant", "mean [95 %]", "cases"]
    yield ""
    yield from tabulate(
        cells, header, tablefmt="simple", colalign=("left",) * 4 + ("right",), disable_numparse=True
    ).split("\n")


def _metric_words(metric: ComputedMetric) -> str:
    """Return a computed metric beside what is to be said of its limits."""
    if metric.status is MetricStatus.NOT_CHECKED:
        return metric.words
    return f"{'MISSED' if metric.is_missed else 'ok'}: {metric.words}"


def _repeated_lines(summary: RunSummary) -> Iterator[str]:
    """Yield a row for each case of which not all repeats passed."""
    from tabulate import tabulate

    results = summary.unstable
    if not results:
        return
    header = ["not in all repeats", "", "passed", "95 % interval", f"pass^{CHAIN}", "replies"]
    cells = [
        [
            str(result.key),
            result.label.value,
            f"{result.passed}/{result.judged}",
            percents(result.interval),
            chain(result),
            f"{result.distinct_replies:,} distinct",
        ]
        for result in results[:_MOST_SHOWN]
    ]
    align = ("left", "left", *["right"] * 4)
    yield ""
    yield from tabulate(
        cells, header, tablefmt="simple", colalign=align, disable_numparse=True
    ).split("\n")
    if len(results) > _MOST_SHOWN:
        yield f"… and {len(results) - _MOST_SHOWN:,} more; the JSON output lists all"
    if summary.stable:
        plural = "case" if summary.stable == 1 else "cases"
        yield f"{summary.stable:,} {plural} passed in all repeats"


def totals_line(summary: RunSummary, seconds: float) -> str:
    """Return the run in one line."""
    total = summary.total
    counts = ", ".join(f"{total.counts[name]:,} {name}" for name in _COLUMNS if total.counts[name])
    plural = "" if total.trials == 1 else "s"
    if summary.flaky:
        counts += f", {summary.flaky:,} flaky case{'' if summary.flaky == 1 else 's'}"
    parts = [f"{total.trials:,} trial{plural} in {seconds:.2f} s: {counts or 'none'}"]
    parts.append(f"{_tokens(total)} tokens")
    if total.cost:
        least = "" if total.is_cost_whole else "at least "
        parts.append(f"{least}{total.cost:.4f} USD{_paid_now(total.cost, total.spent)}")
    if total.failed_attempts:
        failed = (
            f"{total.failed_attempts:,} failed attempt{'' if total.failed_attempts == 1 else 's'}"
        )
        billed = f", {total.perhaps_billed:,} perhaps billed" if total.perhaps_billed else ""
        parts.append(f"{failed}{billed}")
    if total.judge_calls:
        calls = f"{total.judge_calls:,} call{'' if total.judge_calls == 1 else 's'}"
        paid = _paid_now(total.judge_cost, total.judge_spent)
        cost = f", {total.judge_cost:.4f} USD{paid}" if total.judge_cost else ""
        parts.append(f"{calls} of the judge{cost}")
    parts += [_unfinished_words(summary.unfinished)] if summary.unfinished else []
    return " · ".join(parts)


def _paid_now(cost: float, spent: float) -> str:
    # equal to the last bit if nothing was reused: both are sums of the same numbers
    return "" if spent == cost else f", of which {spent:.4f} were paid now"


def _counted(number: int, one: str, many: str) -> str:
    return "" if not number else f"{number:,} {one if number == 1 else many}"


def _unfinished_words(unfinished: Unfinished) -> str:
    """Return what the counts before leave out: what was paid for trials that did not end."""
    came = [
        _counted(unfinished.replies, "reply", "replies"),
        _counted(unfinished.judge_calls, "call of the judge", "calls of the judge"),
    ]
    words = [" and ".join(part for part in came if part)] if any(came) else []
    if words:
        least = "at least " if unfinished.unreported else ""
        words.append(f"{least}{unfinished.input_tokens:,} + {unfinished.output_tokens:,} tokens")
        words += [f"{unfinished.cost:.4f} USD"] if unfinished.cost else []
    if unfinished.requests:
        requests = _counted(unfinished.requests, "request", "requests")
        words.append(f"{requests} without a reply, perhaps billed")
    return f"besides, of trials that did not end: {', '.join(words)}"


def _tokens(tally: Tally) -> str:
    least = "at least " if tally.unreported else ""
    return f"{least}{tally.input_tokens:,} + {tally.output_tokens:,}"


def _figures(tally: Tally, summary: RunSummary) -> Sequence[str]:
    figures = [
        ", ".join(_seconds(percentile(tally.latencies, share)) for share in (0.5, 0.95)),
        _tokens(tally),
    ]
    if summary.total.cost:
        figures.append(f"{tally.cost:.4f}" if tally.is_cost_whole else "-")
    return figures


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
