"""Agreement of two labellers, against statsmodels."""

from __future__ import annotations

import random

import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from harness.stats.agreement import Agreement


def test_kappa_is_that_of_statsmodels() -> None:
    source = random.Random(4711)
    for _ in range(300):
        a, b, c, d = (source.randint(1, 40) for _ in range(4))

        agreement = Agreement(a, b, c, d)

        assert agreement.kappa == pytest.approx(cohens_kappa([[a, c], [b, d]]).kappa, abs=1e-12)
        assert agreement.share == pytest.approx((a + d) / (a + b + c + d))


@pytest.mark.parametrize(
    ("table", "kappa", "words"),
    [
        ((5, 0, 0, 5), 1.0, "almost perfect"),
        ((0, 5, 5, 0), -1.0, "poor"),
        ((5, 5, 5, 5), 0.0, "poor"),
        ((9, 1, 1, 9), 0.8, "substantial"),
        ((7, 3, 3, 7), 0.4, "fair"),
        ((10, 0, 0, 0), None, "undefined: all labels are the same"),
        ((0, 0, 0, 0), None, "undefined: all labels are the same"),
    ],
)
def test_kappa_has_words(table: tuple[int, ...], kappa: float | None, words: str) -> None:
    agreement = Agreement(*table)

    assert agreement.kappa == (None if kappa is None else pytest.approx(kappa))
    assert agreement.words == words
