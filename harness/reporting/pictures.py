"""Pictures of variants as SVG: pass rates, score against temperature, quality against cost.

They are whole files without scripts or fonts of their own, readable on light and dark ground, and
every value that is drawn is written too.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from harness.reporting.rates import Rate, RateTally
from harness.reporting.units import Side, Unit, variants_of
from harness.source import visible
from harness.stats.distributions import Interval
from harness.stats.rates import mean_interval

_ROW = 28
_LABEL_WIDTH = 240
_PLOT_WIDTH = 360
_VALUE_WIDTH = 220
_MARGIN = 44
_LONGEST_LABEL = 34
_STYLE = (
    "svg{font:13px system-ui,sans-serif;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;"
    "--mark:#0b57d0;--ground:#fff}"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;"
    "--mark:#8ab4f8;--ground:#0d1117}}"
    ".ground{fill:var(--ground)}text{fill:var(--ink)}.soft{fill:var(--soft)}"
    ".title{font-weight:600;font-size:15px}.grid{stroke:var(--line)}"
    ".range{stroke:var(--mark);stroke-width:2}.mark{fill:var(--mark)}"
)


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """What is drawn of a variant.

    Attributes:
        score: The mean over cases; None if nothing was scored.
        score_interval: Of that mean; None for fewer than two cases.
        cost: USD a trial; None if no price is known.
        temperature: None if the variant sets none, or several.
    """

    label: str
    rate: Rate
    score: float | None
    score_interval: Interval | None
    cost: float | None
    temperature: float | None


def figures_of(sides: Iterable[Side]) -> list[VariantFigures]:
    """Return what is to be drawn of each variant of each side."""
    found = []
    for side in sides:
        parts = variants_of(side)
        for variant, part in parts.items():
            names = [side.name, *([variant] if len(parts) > 1 else [])]
            found.append(_figures(" · ".join(name for name in names if name), part))
    return found


def pictures(figures: Sequence[VariantFigures]) -> dict[str, str]:
    """Return the pictures that can be drawn, by the names of their files."""
    drawn = {"pass-rate.svg": _pass_rates(figures)}
    by_temperature = _points(figures, lambda each: each.temperature)
    if len({each.x for each in by_temperature}) > 1:
        drawn["score-by-temperature.svg"] = _scatter(
            "Score against temperature", "temperature", by_temperature, lambda value: f"{value:g}"
        )
    by_cost = _points(figures, lambda each: each.cost)
    if len(by_cost) > 1:
        drawn["quality-by-cost.svg"] = _scatter(
            "Score against cost", "USD per 1,000 trials", by_cost, lambda each: f"{1000 * each:.4g}"
        )
    return drawn


def _figures(label: str, side: Side) -> VariantFigures:
    tally = RateTally()
    units = side.units.values()
    for unit in units:
        tally.add(unit.passed, unit.counted)
    scores = [statistics.fmean(unit.scores) for unit in units if unit.scores]
    costs = [cost for unit in units for cost in unit.costs]
    return VariantFigures(
        label,
        tally.rate(),
        statistics.fmean(scores) if scores else None,
        mean_interval(len(scores), sum(scores), sum(score * score for score in scores)),
        statistics.fmean(costs) if costs else None,
        _temperature(units),
    )


def _temperature(units: Iterable[Unit]) -> float | None:
    values = {value for unit in units for name, value in unit.settings if name == "temperature"}
    try:
        return float(values.pop()) if len(values) == 1 else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Point:
    label: str
    x: float
    y: float
    interval: Interval | None


def _points(
    figures: Iterable[VariantFigures], x: Callable[[VariantFigures], float | None]
) -> list[_Point]:
    found = []
    for each in figures:
        at = x(each)
        if at is not None and each.score is not None:
            found.append(_Point(each.label, at, each.score, each.score_interval))
    return found


def _pass_rates(figures: Sequence[VariantFigures]) -> str:
    height = 2 * _MARGIN + _ROW * max(1, len(figures))
    left = _LABEL_WIDTH
    lines = list(_grid(left, _MARGIN, height - _MARGIN, vertical=True))
    for row, each in enumerate(figures):
        y = _MARGIN + _ROW * row + _ROW / 2
        lines.append(f'<text x="{left - 12}" y="{y + 4:g}" text-anchor="end">{_label(each)}</text>')
        if each.rate.share is not None:
            interval = each.rate.interval
            low, high = (left + _PLOT_WIDTH * end for end in (interval.low, interval.high))
            lines.append(_range(low, y, high, y))
            lines.append(_mark(left + _PLOT_WIDTH * each.rate.share, y))
        value = escape(str(each.rate))
        lines.append(f'<text x="{left + _PLOT_WIDTH + 12}" y="{y + 4:g}">{value}</text>')
    title = "Pass rate, with 95 % intervals"
    return _svg(left + _PLOT_WIDTH + _VALUE_WIDTH, height, title, lines)


def _scatter(title: str, name: str, points: Sequence[_Point], words: Callable[[float], str]) -> str:
    left, top, height = 72, _MARGIN, 260
    low, high = min(each.x for each in points), max(each.x for each in points)
    span = (high - low) or 1.0
    lines = list(_grid(left, top, top + height, vertical=False))
    legend = left + _PLOT_WIDTH + 56
    for number, each in enumerate(sorted(points, key=lambda point: (point.x, point.label)), 1):
        x = left + 20 + (_PLOT_WIDTH - 40) * (each.x - low) / span
        y = top + height * (1 - each.y)
        if each.interval is not None:
            bottom, end = (
                top + height * (1 - _within(value))
                for value in (each.interval.low, each.interval.high)
            )
            lines.append(_range(x, bottom, x, end))
        lines.append(_mark(x, y))
        lines.append(f'<text x="{x + 8:.1f}" y="{y - 8:.1f}">{number}</text>')
        told = f"{number}. {_shortened(each.label)}: {words(each.x)}, score {each.y:.3f}"
        lines.append(f'<text x="{legend}" y="{top + 18 * number}">{escape(told)}</text>')
    below, middle = top + height + 20, left + _PLOT_WIDTH / 2
    right = f'x="{left + _PLOT_WIDTH - 20}" y="{below}" text-anchor="end"'
    under = f'x="{middle:g}" y="{below + 18}" text-anchor="middle"'
    lines += [
        f'<text class="soft" x="{left + 20}" y="{below}">{words(low)}</text>',
        f'<text class="soft" {right}>{words(high)}</text>',
        f'<text class="soft" {under}>{escape(name)}</text>',
    ]
    height = max(below + 34, top + 18 * (len(points) + 1))
    return _svg(legend + 340, height, f"{title}, with 95 % intervals", lines)


def _grid(left: float, top: float, bottom: float, *, vertical: bool) -> Iterator[str]:
    for step in range(5):
        share = step / 4
        if vertical:
            x = left + _PLOT_WIDTH * share
            yield f'<path class="grid" d="M{x:g} {top}V{bottom}"/>'
            at = f'x="{x:g}" y="{bottom + 18}" text-anchor="middle"'
            yield f'<text class="soft" {at}>{share:.0%}</text>'
        else:
            y = bottom - (bottom - top) * share
            yield f'<path class="grid" d="M{left} {y:g}h{_PLOT_WIDTH}"/>'
            at = f'x="{left - 10}" y="{y + 4:g}" text-anchor="end"'
            yield f'<text class="soft" {at}>{share:g}</text>'


def _range(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="range" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def _mark(x: float, y: float) -> str:
    return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))


def _label(figures: VariantFigures) -> str:
    return escape(_shortened(figures.label))


def _shortened(text: str) -> str:
    shown = " ".join(visible(text).split())
    return shown if len(shown) <= _LONGEST_LABEL else f"{shown[: _LONGEST_LABEL - 1]}…"


def _svg(width: float, height: float, title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="ground" width="100%" height="100%"/>\n'
        f'<text class="title" x="16" y="26">{escape(title)}</text>\n{body}\n</svg>\n'
    )
