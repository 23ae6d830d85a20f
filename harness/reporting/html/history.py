"""The page that lists runs, the newest first, and charts each suite from run to run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from harness.reporting.html.run_status import status_line, status_of_end
from harness.reporting.html.sparkline import Series, sparkline
from harness.reporting.trends import Point, Trend, counts_for_trends, trends_of

MOST_LISTED = 200
_NOTHING = "\N{EN DASH}"
_APP = Path(__file__).parent / "app"
_PAGE = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{policy}'; \
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · harness</title>
<style>{style}</style>
</head>
<body>
<header class="top"><p class="verdict">Runs</p><p class="counts">{counts}</p></header>
<main>
{content}
</main>
</body>
</html>
"""
)


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run as the list shows it.

    Attributes:
        folder: The name of its folder, beside the page.
        run: The first line of its run file; None if that is not a run file.
        end: The last line; None if the run did not come to its end.
        has_report: Whether its own page lies in its folder.
    """

    folder: str
    run: Mapping[str, Any] | None
    end: Mapping[str, Any] | None
    has_report: bool


def history_page(runs: Sequence[ListedRun]) -> Iterator[bytes]:
    """Yield the pieces of the page.

    Args:
        runs: All runs, the newest first.
    """
    whole = [
        (listed.run, listed.end)
        for listed in reversed(runs)
        if listed.run is not None
        and listed.end is not None
        and counts_for_trends(listed.run, listed.end)
    ]
    style = "".join((_APP / name).read_text("utf-8") for name in ("style.css", "history.css"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _PAGE.format(
        policy=f"sha256-{digest}",
        title="Runs",
        style=Markup(style),  # noqa: S704  # our own file
        counts=_counts(len(runs), len(whole)),
        content=_trends(trends_of(whole)) + _list(runs) if runs else _nothing(),
    )
    yield page.encode("utf-8", "backslashreplace")


def _counts(runs: int, whole: int) -> str:
    plural = "" if runs == 1 else "s"
    return f"{runs:,} run{plural}, {whole:,} with all cases of their suites"


def _nothing() -> Markup:
    return Markup(
        '<p class="empty">No runs yet: start one with <code>harness run suites</code>.</p>'
    )


def _trends(trends: Sequence[Trend]) -> Markup:
    if not trends:
        words = "No trends yet: they need finished runs with all cases of their suites."
        return Markup('<p class="empty">{}</p>').format(words)
    rows = Markup("\n").join(_trend(trend) for trend in trends)
    return Markup(
        "<section><h2>From run to run</h2>"
        '<div class="scroll" tabindex="0" role="region" aria-label="From run to run">'
        '<table class="trends"><thead><tr>'
        '<th scope="col">suite</th><th scope="col">variant</th><th scope="col">pass rate, 95 %</th>'
        '<th scope="col">latency, p50</th><th scope="col">cost of 1,000 trials</th>'
        '<th scope="col">runs</th></tr></thead><tbody>\n{}\n</tbody></table></div></section>'
    ).format(rows)


def _trend(trend: Trend) -> Markup:
    points = trend.points
    simulated = Markup(' <span class="soft">(simulator)</span>') if trend.is_simulated else ""
    rates = Series(
        [point.passed for point in points], [(point.low, point.high) for point in points], 0.0, 1.0
    )
    return Markup(
        '<tr><th scope="row">{}{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
        '<td class="figure">{}</td></tr>'
    ).format(
        trend.suite,
        simulated,
        trend.variant,
        _cell("pass rate", rates, _percent, higher_is_better=True),
        _cell("latency", _plain(points, lambda point: point.latency), _seconds),
        _cell("cost", _plain(points, lambda point: point.cost), _dollars),
        len(points),
    )


def _plain(points: Sequence[Point], value: Callable[[Point], float | None]) -> Series:
    return Series([value(point) for point in points], lowest=0.0)


def _cell(
    name: str, series: Series, words: Callable[[float], str], *, higher_is_better: bool = False
) -> Markup:
    values = [value for value in series.values if value is not None]
    if not values:
        return Markup('<span class="soft">{}</span>').format(_NOTHING)
    label = f"{name} from {words(values[0])} to {words(values[-1])} in {len(values)} runs"
    return Markup('{} <span class="value">{}</span> {}').format(
        sparkline(series, label),
        words(values[-1]),
        _change(values, words, higher_is_better=higher_is_better),
    )


def _change(
    values: Sequence[float], words: Callable[[float], str], *, higher_is_better: bool
) -> Markup:
    difference = values[-1] - values[-2] if len(values) > 1 else 0.0
    # a change that rounds to zero is not shown: "+0 ms" would read like a finding
    if words(abs(difference)) == words(0.0):
        return Markup("")
    tone = "is-passed" if (difference > 0) is higher_is_better else "is-failed"
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return Markup('<span class="change-since {}" title="since the run before">{}{}</span>').format(
        tone, sign, words(abs(difference))
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def _seconds(value: float) -> str:
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.2f} s"


def _dollars(value: float) -> str:
    return f"${1000 * value:,.2f}"


def _list(runs: Sequence[ListedRun]) -> Markup:
    rows = Markup("\n").join(_run(listed) for listed in runs[:MOST_LISTED])
    older = len(runs) - MOST_LISTED
    more = ""
    if older > 0:
        more = Markup('<p class="soft">… and {} older ones</p>').format(f"{older:,}")
    return Markup(
        "<section><h2>All runs</h2>"
        '<div class="scroll" tabindex="0" role="region" aria-label="All runs">'
        '<table class="runs"><thead><tr>'
        '<th scope="col">status</th><th scope="col">run</th><th scope="col">started, UTC</th>'
        '<th scope="col">suites</th><th scope="col">trials</th><th scope="col">passed</th>'
        '<th scope="col">failed</th><th scope="col">errored</th><th scope="col">took</th>'
        '<th scope="col">USD</th><th scope="col">git</th></tr></thead>'
        "<tbody>\n{}\n</tbody></table></div>"
        '{}<p class="soft">A run without a link has no page yet: '
        "<code>harness report ID</code> makes one.</p></section>"
    ).format(rows, more)


def _run(listed: ListedRun) -> Markup:
    if listed.run is None:
        return Markup(
            '<tr><td>{}</td><td>{}</td><td colspan="9" class="soft">not a run file</td></tr>'
        ).format(_NOTHING, listed.folder)
    end = listed.end or {}
    line = status_line(status_of_end(listed.end))
    total = end.get("total") or {}
    counts = [total.get(name) for name in ("trials", "passed", "failed", "errored")]
    cells = Markup("").join(
        Markup('<td class="figure">{}</td>').format(_NOTHING if number is None else f"{number:,}")
        for number in counts
    )
    return Markup(
        '<tr><td class="outcome is-{}"><span aria-hidden="true">{}</span> {}</td><td>{}{}</td>'
        "<td>{}</td><td>{}</td>{}"
        '<td class="figure">{}</td><td class="figure">{}</td><td><code>{}</code></td></tr>'
    ).format(
        line.kind,
        line.sign,
        line.word,
        _name(listed),
        _marks(listed.run),
        _moment(str(listed.run.get("started", ""))),
        ", ".join(str(suite["name"]) for suite in listed.run.get("suites", ())),
        cells,
        _seconds(float(end["seconds"])) if "seconds" in end else _NOTHING,
        _NOTHING if total.get("cost") is None else f"{total['cost']:.4f}",
        str(listed.run.get("git") or "")[:10],
    )


def _name(listed: ListedRun) -> Markup:
    name = str((listed.run or {}).get("id") or listed.folder)
    if not listed.has_report:
        return Markup("{}").format(name)
    return Markup('<a href="{}/report.html">{}</a>').format(quote(listed.folder), name)


def _marks(run: Mapping[str, Any]) -> Markup:
    marks = []
    if run.get("simulated"):
        marks.append("simulator")
    if run.get("shard") is not None:
        marks.append(f"shard {run['shard']['number']}/{run['shard']['of']}")
    elif run.get("partial"):
        marks.append("a selection")
    if run.get("merged") is not None:
        marks.append("merged")
    return Markup("").join(Markup(' <span class="tag">{}</span>').format(mark) for mark in marks)


def _moment(text: str) -> Markup:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Markup("{}").format(text)
    return Markup('<time datetime="{}">{}</time>').format(text, f"{moment:%Y-%m-%d %H:%M}")
