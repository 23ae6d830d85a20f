"""Charts of variants as SVG: pass rates, score against temperature, quality against cost.

They are whole files without scripts or fonts of their own, readable on light and dark ground, and
every value that is drawn is written too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from harness.model.case_result import CaseResult
from harness.printable import visible
from harness.reporting.comparing.sides import RunSide, variants_of
from harness.reporting.rates import Rate, RateTally
from harness.stats.distributions import Interval
from harness.stats.means import mean
from harness.stats.rates import rate_interval

_ROW = 28
_LABEL_WIDTH = 330
_PLOT_WIDTH = 360
_VALUE_WIDTH = 220
_MARGIN = 44
_LONGEST_LABEL = 44
_APART = 14
_INK, _SOFT, _LINE, _GROUND = "#1f2328", "#59636e", "#d1d9e0", "#ffffff"
_SERIES = ("#0b57d0", "#b3261e", "#17723f", "#8a5300", "#6f3fb8")
# colours stand at the marks too, for programs that read no style
_STYLE = (
    "text{font:13px system-ui,sans-serif}.title{font-weight:600;font-size:15px}"
    "@media(prefers-color-scheme:dark){.ground{fill:#0d1117}.ink{fill:#e6edf3}.soft{fill:#9198a1}"
    ".grid{stroke:#3d444d}.s0{stroke:#8ab4f8;fill:#8ab4f8}.s1{stroke:#ff9a90;fill:#ff9a90}"
    ".s2{stroke:#5fce93;fill:#5fce93}.s3{stroke:#f2ba62;fill:#f2ba62}.s4{stroke:#caa8ff;fill:#caa8ff}}"
)


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """What is drawn of a variant.

    Attributes:
        score: The mean over cases; None if nothing was scored.
        score_interval: Of that mean; None without one.
        cost: USD a trial; None if no price is known.
        temperature: None if the variant sets none, or several.
        series: Of which side it is, counted from 0; sides have colours of their own.
    """

    label: str
    rate: Rate
    score: float | None
    score_interval: Interval | None
    cost: float | None
    temperature: float | None
    series: int = 0


def figures_of(sides: Iterable[RunSide]) -> list[VariantFigures]:
    """Return what is to be drawn of each variant of each side."""
    drawn = []
    names: dict[str, int] = {}
    for side in sides:
        parts = variants_of(side)
        for variant, part in parts.items():
            words = [*([variant] if len(parts) > 1 else []), side.name]
            series = names.setdefault(side.name, len(names))
            drawn.append(_figures(" · ".join(word for word in words if word), part, series))
    return drawn


def charts(figures: Sequence[VariantFigures]) -> dict[str, str]:
    """Return the charts that can be drawn, by the names of their files."""
    drawn = {"pass-rate.svg": _pass_rates(figures)}
    by_temperature = _points(figures, lambda figure: figure.temperature)
    if len({figure.x for figure in by_temperature}) > 1:
        drawn["score-by-temperature.svg"] = _scatter(
            "Score against temperature", "temperature", by_temperature, lambda value: f"{value:g}"
        )
    by_cost = _points(figures, lambda figure: figure.cost)
    if len(by_cost) > 1:
        drawn["quality-by-cost.svg"] = _scatter(
            "Score against cost",
            "USD per 1,000 trials",
            by_cost,
            lambda figure: f"{1000 * figure:.4g}",
        )
    return drawn


def _figures(label: str, side: RunSide, series: int) -> VariantFigures:
    tally = RateTally()
    results = side.results.values()
    for result in results:
        tally.add(result)
    scores = [result.score for result in results if result.score is not None]
    costs = [cost for result in results for cost in result.costs]
    return VariantFigures(
        label,
        tally.rate(),
        mean(scores) if scores else None,
        rate_interval(sum(scores), len(scores)) if scores else None,
        mean(costs) if costs else None,
        _temperature(results),
        series % len(_SERIES),
    )


def _temperature(results: Iterable[CaseResult]) -> float | None:
    values = {
        value
        for result in results
        for name, value in result.conditions.settings
        if name == "temperature"
    }
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
    series: int


def _points(
    figures: Iterable[VariantFigures], x: Callable[[VariantFigures], float | None]
) -> list[_Point]:
    points = []
    for figure in figures:
        at = x(figure)
        if at is not None and figure.score is not None:
            points.append(
                _Point(figure.label, at, figure.score, figure.score_interval, figure.series)
            )
    return points


def _pass_rates(figures: Sequence[VariantFigures]) -> str:
    height = 2 * _MARGIN + _ROW * max(1, len(figures))
    plot_x = _LABEL_WIDTH
    lines = list(_grid(plot_x, _MARGIN, height - _MARGIN, vertical=True))
    for row, figure in enumerate(figures):
        y = _MARGIN + _ROW * row + _ROW / 2
        at = f'x="{plot_x - 12}" y="{y + 4:g}" text-anchor="end"'
        lines.append(_text(at, _shortened(figure.label)))
        if figure.rate.share is not None:
            interval = figure.rate.interval
            low, high = (plot_x + _PLOT_WIDTH * end for end in (interval.low, interval.high))
            lines.append(_range(low, y, high, y, figure.series))
            lines.append(_mark(plot_x + _PLOT_WIDTH * figure.rate.share, y, figure.series))
        lines.append(_text(f'x="{plot_x + _PLOT_WIDTH + 12}" y="{y + 4:g}"', str(figure.rate)))
    title = "Pass rate, with 95 % intervals"
    return _svg(plot_x + _PLOT_WIDTH + _VALUE_WIDTH, height, title, lines)


def _scatter(title: str, name: str, points: Sequence[_Point], words: Callable[[float], str]) -> str:
    plot_x, top, height = 72, _MARGIN + 26, 260
    low, high = min(point.x for point in points), max(point.x for point in points)
    span = (high - low) or 1.0
    lines = list(_grid(plot_x, top, top + height, vertical=False))
    legend = plot_x + _PLOT_WIDTH + 56
    taken: Counter[float] = Counter()
    for number, point in enumerate(sorted(points, key=lambda point: (point.x, point.label)), 1):
        beside = _APART * taken[point.x]  # points of the same x stand beside each other
        taken[point.x] += 1
        x = plot_x + 30 + (_PLOT_WIDTH - 90) * (point.x - low) / span + beside
        y = top + height * (1 - point.y)
        if point.interval is not None:
            ends = (point.interval.low, point.interval.high)
            bottom, end = (top + height * (1 - _within(value)) for value in ends)
            lines.append(_range(x, bottom, x, end, point.series))
        lines.append(_mark(x, y, point.series))
        lines.append(_text(f'x="{x - 4:.1f}" y="{top - 6 - 12 * (number % 2)}"', str(number)))
        legend_text = f"{number}. {_shortened(point.label)}: {words(point.x)}, score {point.y:.3f}"
        lines.append(_mark(legend - 10, top + 18 * number - 4, point.series))
        lines.append(_text(f'x="{legend}" y="{top + 18 * number}"', legend_text))
    below = top + height + 20
    lines += [
        _text(f'x="{plot_x + 30}" y="{below}"', words(low), "soft"),
        _text(f'x="{plot_x + _PLOT_WIDTH - 60}" y="{below}"', words(high), "soft"),
        _text(
            f'x="{plot_x + _PLOT_WIDTH / 2:g}" y="{below + 18}" text-anchor="middle"', name, "soft"
        ),
    ]
    height = max(below + 34, top + 18 * (len(points) + 1))
    longest = max(len(_shortened(point.label)) for point in points)
    return _svg(legend + 8 * (longest + 28), height, f"{title}, with 95 % intervals", lines)


def _grid(plot_x: float, top: float, bottom: float, *, vertical: bool) -> Iterator[str]:
    for step in range(5):
        share = step / 4
        if vertical:
            x = plot_x + _PLOT_WIDTH * share
            yield f'<path class="grid" stroke="{_LINE}" d="M{x:g} {top}V{bottom}"/>'
            at = f'x="{x:g}" y="{bottom + 18}" text-anchor="middle"'
            yield _text(at, f"{share:.0%}", "soft")
        else:
            y = bottom - (bottom - top) * share
            yield f'<path class="grid" stroke="{_LINE}" d="M{plot_x} {y:g}h{_PLOT_WIDTH}"/>'
            at = f'x="{plot_x - 10}" y="{y + 4:g}" text-anchor="end"'
            yield _text(at, f"{share:g}", "soft")


def _text(at: str, words: str, kind: str = "ink") -> str:
    colour = _INK if kind == "ink" else _SOFT
    return f'<text class="{kind}" fill="{colour}" {at}>{escape(words)}</text>'


def _range(x1: float, y1: float, x2: float, y2: float, series: int) -> str:
    line = f'stroke="{_SERIES[series]}" stroke-width="2"'
    return f'<path class="s{series}" {line} d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def _mark(x: float, y: float, series: int) -> str:
    """Return a mark whose form tells its series as well as its colour does."""
    look = f'class="s{series}" fill="{_SERIES[series]}"'
    if series % 2:
        return f'<rect {look} x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'
    return f'<circle {look} cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))


def _shortened(text: str) -> str:
    shown = " ".join(visible(text).split())
    return shown if len(shown) <= _LONGEST_LABEL else f"{shown[: _LONGEST_LABEL - 1]}…"


def _svg(width: float, height: float, title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="ground" fill="{_GROUND}" width="100%" height="100%"/>\n'
        f'<text class="title ink" fill="{_INK}" x="16" y="26">{escape(title)}</text>\n'
        f"{body}\n</svg>\n"
    )
