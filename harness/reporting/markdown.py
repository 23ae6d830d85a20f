"""A run as Markdown, for a job summary or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.model.case_result import CHAIN
from harness.model.record import OutcomeRecord
from harness.printable import visible
from harness.reporting.comparing.checks import cases
from harness.reporting.failures import by_case, first_reason, rerun_command
from harness.reporting.figures import chain, percents
from harness.reporting.markdown_text import escaped, limited
from harness.reporting.metrics import MetricStatus
from harness.reporting.summary import RunSummary, warnings_of
from harness.reporting.tally import OUTCOMES, percentile
from harness.reporting.terminal import totals_line

_MOST_NAMED = 50
_MOST_ROWS = 100
_LONGEST = 300
_METRIC_SIGNS = {
    MetricStatus.OK: "✓",
    MetricStatus.MISSED: "✗",
    MetricStatus.ERRORED: "✗",
    MetricStatus.NOT_CHECKED: "–",  # noqa: RUF001  # a dash for what is open
}


def run_markdown(
    summary: RunSummary,
    seconds: float,
    headline: str,
    problems: Iterable[OutcomeRecord],
    *,
    comparison: str = "",
    notes: Sequence[str] = (),
    options: Sequence[str] = (),
) -> str:
    """Return a run as Markdown of at most 60 KB: verdict first, long lists folded.

    Args:
        summary: What the run came to.
        seconds: How long it took.
        headline: The verdict in a few words.
        problems: The trials that need attention, in suite order.
        comparison: What a baseline has to say, as Markdown.
        notes: What else a reader should know.
        options: What a command to run a trial again has to repeat.
    """
    lines = [f"## {escaped(headline)}", "", escaped(totals_line(summary, seconds)), ""]
    lines += [comparison, ""] if comparison else []
    lines += _folded_problems(problems, options)
    lines += ["<details><summary>Suites and variants</summary>", "", *_table(summary), ""]
    lines += ["</details>", "", *_repeated(summary)]
    lines += [
        f"- {_METRIC_SIGNS[metric.status]} {escaped(metric.line)}" for metric in summary.computed
    ]
    remarks = [note.removeprefix("note: ") for note in (*warnings_of(summary), *notes)]
    lines += [f"- {escaped(remark)}" for remark in remarks]
    return limited("\n".join(lines) + "\n")


def _folded_problems(problems: Iterable[OutcomeRecord], options: Sequence[str]) -> Iterator[str]:
    items: list[str] = []
    remaining = 0
    for record, repeats in by_case(problems):
        if len(items) < _MOST_NAMED:
            items.append(_item(record, repeats, options))
        else:
            remaining += 1
    if not items:
        return
    yield f"<details open><summary>{cases(len(items) + remaining)} did not pass</summary>"
    yield ""
    yield from items
    if remaining:
        yield f"- … and {remaining:,} more"
    yield ""
    yield "</details>"
    yield ""


def _item(record: OutcomeRecord, repeats: int, options: Sequence[str]) -> str:
    reason = first_reason(record)
    shown = reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"
    where = f"{record['path']}:{record['line']}"
    command = " ".join(rerun_command(record, options).replace("`", "'").split())
    count = f", {repeats} of {record['repeats']} repeats" if record["repeats"] > 1 else ""
    case = escaped(record["id"].partition("#")[0])
    name = f"**{case}** {record['outcome']}{count} ({escaped(where)})"
    return f"- {name}: {escaped(shown)}<br>`{visible(command)}`"


def _table(summary: RunSummary) -> Iterator[str]:
    from tabulate import tabulate

    shown = [name for name in (*OUTCOMES, "xfailed") if summary.total.counts[name]]
    header = ["suite", "variant", *shown, "pass rate", "p50 s", "p95 s", "USD"]
    rows = []
    for group, tally in list(summary.groups.items())[:_MOST_ROWS]:
        times = [percentile(tally.latencies, share) for share in (0.5, 0.95)]
        rows.append(
            [
                *map(escaped, group),
                *(tally.counts[name] for name in shown),
                str(summary.rate(group)),
                *("-" if time is None else f"{time:.3f}" for time in times),
                f"{tally.cost:.4f}" if tally.is_cost_whole else "-",
            ]
        )
    yield tabulate(rows, header, tablefmt="pipe", disable_numparse=True)
    if len(summary.groups) > _MOST_ROWS:
        yield f"\n… and {len(summary.groups) - _MOST_ROWS:,} more rows"


def _repeated(summary: RunSummary) -> Iterator[str]:
    from tabulate import tabulate

    results = summary.unstable
    if not results:
        return
    yield f"<details><summary>{cases(len(results))} did not pass in all repeats</summary>"
    yield ""
    header = ["case", "", "passed", "95 % interval", f"pass^{CHAIN}", "distinct replies"]
    table = [
        [
            escaped(str(result.key)),
            result.label.value,
            f"{result.passed}/{result.judged}",
            percents(result.interval),
            chain(result),
            result.distinct_replies,
        ]
        for result in results[:_MOST_NAMED]
    ]
    yield tabulate(table, header, tablefmt="pipe", disable_numparse=True)
    if len(results) > _MOST_NAMED:
        yield f"\n… and {len(results) - _MOST_NAMED:,} more"
    yield ""
    yield "</details>"
    yield ""
