"""Small charts of a value from run to run, drawn in Python so that they need no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 168.0, 36.0
_MARGIN = 4.0


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of their runs, the newest last; None where there is none.

    Attributes:
        bands: The ends of the interval of each value.
        lowest: The lower end of the axis; None takes the least value.
        highest: The upper end, likewise.
    """

    values: Sequence[float | None]
    bands: Sequence[tuple[float, float]] = ()
    lowest: float | None = None
    highest: float | None = None


def sparkline(series: Series, label: str) -> Markup:
    """Return a chart as SVG.

    Args:
        series: What to draw.
        label: What it shows, in words.
    """
    values = [(run, value) for run, value in enumerate(series.values) if value is not None]
    low = min((value for _, value in values), default=0.0)
    high = max((value for _, value in values), default=1.0)
    low = low if series.lowest is None else series.lowest
    high = high if series.highest is None else series.highest

    def point(run: int, value: float) -> tuple[float, float]:
        across = run / (len(series.values) - 1) if len(series.values) > 1 else 0.5
        share = (value - low) / (high - low) if high > low else 0.5
        inner_width, inner_height = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
        return _MARGIN + across * inner_width, HEIGHT - _MARGIN - share * inner_height

    band = Markup("")
    if series.bands and len(values) > 1:
        upper = [point(run, series.bands[run][1]) for run, _ in values]
        lower = [point(run, series.bands[run][0]) for run, _ in reversed(values)]
        band = Markup('<polygon class="band" points="{}"/>').format(_points([*upper, *lower]))
    line = _points([point(run, value) for run, value in values])
    dot = Markup("")
    if values:
        x, y = point(*values[-1])
        dot = Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(f"{x:.1f}", f"{y:.1f}")
    return Markup(
        '<svg class="sparkline" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">'
        '{}<polyline class="line" points="{}"/>{}</svg>'
    ).format(WIDTH, HEIGHT, label, band, line, dot)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
