"""What a person reads about a judge and human labels."""

from __future__ import annotations

import pytest

from harness.reporting.judge_agreement import (
    agreement_data,
    agreement_lines,
    kappa_shortfall,
    prevalence_note,
)
from harness.stats.agreement import Agreement
from harness.stats.rates import rate_interval

MIXED = Agreement(both_pass=45, only_judge=2, only_people=5, both_fail=8)


def test_agreement_kappa_and_both_rates_have_a_line_each() -> None:
    assert list(agreement_lines(MIXED)) == [
        "agreement 88.3 % of 60",
        "Cohen's kappa 0.625 [0.344, 0.825] (substantial)",
        "the judge passes 45 of the 50 outputs that people pass (TPR 90 % [79, 96])",
        "the judge fails 8 of the 10 outputs that people fail (TNR 80 % [44, 96])",
    ]


def test_a_rate_of_labels_that_are_missing_has_no_line() -> None:
    lines = list(agreement_lines(Agreement(both_pass=9, only_people=1)))

    assert lines[1:] == [
        "Cohen's kappa 0.000 [-0.238, 0.908] (poor)",
        "the judge passes 9 of the 10 outputs that people pass (TPR 90 % [54, 99])",
        "note: people pass every output, so there is no TNR and kappa says nothing; "
        "add outputs that people fail",
    ]


def test_an_undefined_kappa_is_a_dash() -> None:
    assert "Cohen's kappa - (undefined: all labels are the same)" in agreement_lines(Agreement(9))
    assert list(agreement_lines(Agreement())) == ["nothing could be judged"]


@pytest.mark.parametrize(
    ("agreement", "words"),
    [
        (Agreement(), ""),
        (MIXED, ""),
        (Agreement(80, 2, 6, 12), ""),
        (Agreement(88, 2, 2, 8), "90 % of people's labels are `pass`, which lowers kappa"),
        (Agreement(3, 1, 1, 95), "96 % of people's labels are `fail`, which lowers kappa"),
        (Agreement(998, 0, 1, 1), "99 % of people's labels are `pass`"),
        (Agreement(88, 2, 2, 8), "widens its interval; add outputs that people fail"),
        (Agreement(0, 3, 0, 7), "people fail every output, so there is no TPR"),
        (Agreement(0, 3, 0, 7), "add outputs that people pass"),
    ],
)
def test_uneven_labels_have_a_note(agreement: Agreement, words: str) -> None:
    note = prevalence_note(agreement)

    assert words in note
    assert bool(words) is bool(note)


@pytest.mark.parametrize(
    ("agreement", "least", "words"),
    [
        (Agreement(45, 2, 5, 48), 0.6, ""),
        (Agreement(50, 0, 0, 50), 0.9, ""),
        (MIXED, 0.3, ""),
        (MIXED, 0.7, "kappa 0.625 [0.344, 0.825] is below 0.7"),
        (
            MIXED,
            0.5,
            "kappa 0.625 [0.344, 0.825] is not shown to be at least 0.5: its interval begins below "
            "that; about 570 labels would probably show it",
        ),
        (
            MIXED,
            0.62,
            "kappa 0.625 [0.344, 0.825] is not shown to be at least 0.62: its interval begins "
            "below that; kappa is too close to 0.62 for more labels to help",
        ),
        (Agreement(9), 0.5, "kappa is undefined, so it is not shown to be at least 0.5"),
        (Agreement(), -1, "kappa is undefined, so it is not shown to be at least -1"),
    ],
)
def test_a_gate_is_missed_unless_the_whole_interval_reaches_it(
    agreement: Agreement, least: float, words: str
) -> None:
    assert kappa_shortfall(agreement, least) == words


def test_the_data_have_the_ends_of_all_intervals() -> None:
    data = agreement_data(MIXED)

    ends = rate_interval(8, 10)
    assert data["kappa_interval"] == pytest.approx([0.344, 0.825], abs=1e-3)
    assert data["tnr"] == {"share": 0.8, "labels": 10, "interval": [ends.low, ends.high]}
    assert data["tpr"]["share"] == 0.9
    assert data["note"] is None
    assert sum(data["table"].values()) == 60


def test_the_data_of_nothing_are_null() -> None:
    data = agreement_data(Agreement())

    assert (data["agreement"], data["kappa"], data["kappa_interval"]) == (None, None, None)
    assert data["tpr"] == {"share": None, "labels": 0, "interval": None}
