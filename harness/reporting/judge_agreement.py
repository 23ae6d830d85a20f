"""How far a judge agrees with people: lines for the terminal and plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from harness.reporting.rates import Rate
from harness.stats.agreement import Agreement
from harness.stats.distributions import Interval
from harness.stats.rates import rate_interval

_ONE_SIDED = 0.9  # from this share of equal labels on, kappa is low even if agreement is high

_MOST_LABELS = 100_000  # more than anyone labels by hand


def true_positive_rate(agreement: Agreement) -> Rate:
    """Return how many of the outputs that people pass the judge passes."""
    passed, labels = agreement.both_pass, agreement.people_pass
    return Rate(passed, labels, rate_interval(passed, labels))


def true_negative_rate(agreement: Agreement) -> Rate:
    """Return how many of the outputs that people fail the judge fails."""
    failed, labels = agreement.both_fail, agreement.people_fail
    return Rate(failed, labels, rate_interval(failed, labels))


def agreement_lines(agreement: Agreement) -> Iterator[str]:
    """Yield the lines of the terminal about agreement, kappa, both rates and prevalence."""
    if agreement.share is None:
        yield "nothing could be judged"
        return
    yield f"agreement {100 * agreement.share:.1f} % of {agreement.n:,}"
    yield f"Cohen's kappa {_kappa_words(agreement)} ({agreement.words})"
    for rate, judge, people, name in (
        (true_positive_rate(agreement), "passes", "pass", "TPR"),
        (true_negative_rate(agreement), "fails", "fail", "TNR"),
    ):
        if rate.cases:
            counts = f"{rate.passed:,} of the {rate.cases:,} outputs that people {people}"
            yield f"the judge {judge} {counts} ({name} {rate.short})"
    note = prevalence_note(agreement)
    if note:
        yield f"note: {note}"


def prevalence_note(agreement: Agreement) -> str:
    """Return what uneven labels of people mean for kappa; empty if they are not uneven.

    Source:
        Feinstein and Cicchetti (1990), "High Agreement but Low Kappa".
    """
    labels = {"pass": agreement.people_pass, "fail": agreement.people_fail}
    rare, common = sorted(labels, key=lambda label: labels[label])
    if not agreement.n:
        return ""
    add = f"add outputs that people {rare}"
    if not labels[rare]:
        rate = "TPR" if rare == "pass" else "TNR"
        return f"people {common} every output, so there is no {rate} and kappa says nothing; {add}"
    share = labels[common] / agreement.n
    if share < _ONE_SIDED:
        return ""
    # rounded down, because 100 % would be a case of its own
    most = f"{math.floor(100 * share)} % of people's labels are `{common}`"
    return f"{most}, which lowers kappa and widens its interval; {add}"


def kappa_shortfall(agreement: Agreement, least: float) -> str:
    """Return why kappa is not shown to be at least this; empty if its whole interval is."""
    kappa, interval = agreement.kappa, agreement.kappa_interval
    if kappa is None or interval is None:
        return f"kappa is undefined, so it is not shown to be at least {least:g}"
    if interval.low >= least:
        return ""
    words = f"kappa {_kappa_words(agreement)}"
    if kappa < least:
        return f"{words} is below {least:g}"
    shortfall = f"{words} is not shown to be at least {least:g}: its interval begins below that"
    needed = agreement.labels_needed(least)
    if needed is None or needed > _MOST_LABELS:
        return f"{shortfall}; kappa is too close to {least:g} for more labels to help"
    return f"{shortfall}; about {_rounded_up(needed):,} labels would probably show it"


def agreement_data(agreement: Agreement) -> dict[str, Any]:
    """Return the agreement as plain data."""
    return {
        "agreement": agreement.share,
        "kappa": agreement.kappa,
        "kappa_interval": _ends(agreement.kappa_interval),
        "tpr": _rate_data(true_positive_rate(agreement)),
        "tnr": _rate_data(true_negative_rate(agreement)),
        "note": prevalence_note(agreement) or None,
        "table": {
            "both_pass": agreement.both_pass,
            "only_judge": agreement.only_judge,
            "only_people": agreement.only_people,
            "both_fail": agreement.both_fail,
        },
    }


def _rate_data(rate: Rate) -> dict[str, Any]:
    ends = _ends(rate.interval) if rate.cases else None
    return {"share": rate.share, "labels": rate.cases, "interval": ends}


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _kappa_words(agreement: Agreement) -> str:
    kappa, interval = agreement.kappa, agreement.kappa_interval
    if kappa is None or interval is None:
        return "-"
    return f"{kappa:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _rounded_up(labels: int) -> int:
    """Return a number with two significant digits: more would claim to know more."""
    unit: int = 10 ** max(0, len(str(labels)) - 2)
    return math.ceil(labels / unit) * unit
