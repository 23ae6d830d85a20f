"""Small charts of how a value went, drawn here so that they need no script."""

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
        bands: For each value the ends of what it may really be.
        lowest: The least that the chart has room for; None leaves it to the values.
        highest: The most, likewise.
    """

    values: Sequence[float | None]
    bands: Sequence[tuple[float, float]] = ()
    lowest: float | None = None
    highest: float | None = None


def sparkline(series: Series, told: str) -> Markup:
    """Return a chart as SVG.

    Args:
        series: What to draw.
        told: What it shows, in words.
    """
    known = [(place, value) for place, value in enumerate(series.values) if value is not None]
    low = min((value for _, value in known), default=0.0)
    high = max((value for _, value in known), default=1.0)
    low = low if series.lowest is None else series.lowest
    high = high if series.highest is None else series.highest

    def point(place: int, value: float) -> tuple[float, float]:
        across = place / (len(series.values) - 1) if len(series.values) > 1 else 0.5
        share = (value - low) / (high - low) if high > low else 0.5
        inner_width, inner_height = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
        return _MARGIN + across * inner_width, HEIGHT - _MARGIN - share * inner_height

    band = Markup("")
    if series.bands and len(known) > 1:
        upper = [point(place, series.bands[place][1]) for place, _ in known]
        lower = [point(place, series.bands[place][0]) for place, _ in reversed(known)]
        band = Markup('<polygon class="band" points="{}"/>').format(_points([*upper, *lower]))
    line = _points([point(place, value) for place, value in known])
    dot = Markup("")
    if known:
        x, y = point(*known[-1])
        dot = Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(f"{x:.1f}", f"{y:.1f}")
    return Markup(
        '<svg class="sparkline" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">'
        '{}<polyline class="line" points="{}"/>{}</svg>'
    ).format(WIDTH, HEIGHT, told, band, line, dot)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
