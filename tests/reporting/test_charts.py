"""Pictures of variants."""

from __future__ import annotations

import pytest
from lxml import etree

from harness.reporting.charts import VariantFigures, charts, figures_of
from harness.reporting.comparing.sides import side_of
from harness.reporting.rates import Rate
from harness.stats.distributions import Interval
from tests.support.trials import case, record

SVG = "{http://www.w3.org/2000/svg}"


def figures(label: str, share: float, **changes: float | None) -> VariantFigures:
    values: dict[str, float | None] = {"cost": None, "temperature": None, **changes}
    return VariantFigures(
        label,
        Rate(20 * share, 20, Interval(share / 2, share)),
        share,
        Interval(share - 0.1, share + 0.1),
        values["cost"],
        values["temperature"],
    )


def texts(chart: str) -> list[str]:
    root = etree.fromstring(chart.encode())
    return ["".join(match.itertext()) for match in root.iter(f"{SVG}text")]


def test_pass_rates_are_drawn_and_written_a_row_a_variant() -> None:
    drawn = charts([figures("one", 0.5), figures("two", 1.0)])

    assert list(drawn) == ["pass-rate.svg"]
    words = texts(drawn["pass-rate.svg"])
    assert {"one", "two"} <= set(words)
    assert "10/20 50.0 % [25.0, 50.0]" in words
    root = etree.fromstring(drawn["pass-rate.svg"].encode())
    centres = [float(match.attrib["cx"]) for match in root.iter(f"{SVG}circle")]
    assert centres == [330 + 360 * 0.5, 330 + 360]


def test_scores_are_drawn_against_temperature_and_cost_where_there_are_several() -> None:
    points = [figures(f"t{n}", 0.9 - n / 10, temperature=n / 2, cost=n / 1000) for n in range(3)]

    drawn = charts(points)

    assert set(drawn) == {"pass-rate.svg", "score-by-temperature.svg", "quality-by-cost.svg"}
    assert "2. t1: 0.5, score 0.800" in texts(drawn["score-by-temperature.svg"])
    assert "3. t2: 2, score 0.700" in texts(drawn["quality-by-cost.svg"])


@pytest.mark.parametrize("label", ["<script>", "a&b", "x" * 500, "\x1b[31m", "\u202eabc", "\ud800"])
def test_every_label_is_plain_text(label: str) -> None:
    for chart in charts([figures(label, 0.5, cost=1.0), figures("b", 0.5, cost=2.0)]).values():
        root = etree.fromstring(chart.encode())

        assert not list(root.iter(f"{SVG}script"))
        assert len(chart) < 20_000


def test_no_case_and_no_score_is_drawn_as_nothing() -> None:
    empty = VariantFigures("none", Rate(0, 0, Interval(0, 1)), None, None, None, None)

    drawn = charts([empty])

    assert "-" in texts(drawn["pass-rate.svg"])
    assert charts([])["pass-rate.svg"].startswith("<svg")


def test_figures_are_means_over_cases() -> None:
    one = case("a")
    records = [
        record(n, label, of=one, repeat=n + 1, repeats=2, cost=0.01)
        for n, label in enumerate(["passed", "failed"])
    ]
    records.append(record(2, of=case("b"), cost=0.04))

    (figures,) = figures_of([side_of("run", records)])

    assert figures.label == "run"
    assert figures.score == pytest.approx(0.75)
    assert figures.cost == pytest.approx(0.02)
    assert str(figures.rate).startswith("1.5/2 75.0 %")
