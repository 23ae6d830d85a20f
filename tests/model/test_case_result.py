"""What the repeats of a case add up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.case_result import (
    CaseConditions,
    CaseKey,
    CaseLabel,
    CaseResult,
    MetricScores,
    pooled,
)

KEY = CaseKey("triage", "refund", "haiku")


def result(  # a row of the table
    passed: int = 0,
    failed: int = 0,
    errored: int = 0,
    skipped: int = 0,
    unjudged: int = 0,
    *,
    pass_rate: float = 1.0,
    xfail: str | None = None,
) -> CaseResult:
    return CaseResult(
        KEY,
        pass_rate=pass_rate,
        xfail=xfail,
        passed=passed,
        failed=failed,
        errored=errored,
        skipped=skipped,
        unjudged=unjudged,
    )


@pytest.mark.parametrize(
    ("case", "label"),
    [
        (result(passed=3), "passed"),
        (result(failed=3), "failed"),
        (result(passed=2, failed=1), "flaky"),
        (result(passed=4, failed=1, pass_rate=0.8), "flaky-allowed"),
        (result(passed=3, failed=2, pass_rate=0.8), "flaky"),
        (result(failed=5, pass_rate=0.1), "failed"),
        (result(errored=2), "errored"),
        (result(passed=4, errored=1), "errored"),
        (result(failed=1, errored=4), "failed"),
        (result(passed=1, failed=1, errored=1), "flaky"),
        (result(passed=4, failed=1, errored=3, pass_rate=0.8), "errored"),
        (result(skipped=2), "skipped"),
        (result(unjudged=2), "unjudged"),
        (result(passed=1, unjudged=2), "passed"),
        (result(failed=2, xfail="known"), "xfailed"),
        (result(errored=2, xfail="known"), "xfailed"),
        (result(passed=1, failed=1, xfail="known"), "xfailed"),
        (result(passed=2, xfail="known"), "xpassed"),
        (result(skipped=2, xfail="known"), "skipped"),
    ],
    ids=str,
)
def test_a_case_has_exactly_one_label(case: CaseResult, label: str) -> None:
    assert case.label == label


def test_errors_do_not_make_a_case_flaky() -> None:
    case = result(passed=4, errored=1)

    assert not case.label.is_flaky
    assert case.label.needs_attention
    assert not case.label.fails_run


def test_the_rest_of_the_labels_follows_from_their_names() -> None:
    assert {label for label in CaseLabel if label.fails_run} == {"failed", "flaky"}
    assert {label for label in CaseLabel if label.is_flaky} == {"flaky", "flaky-allowed"}
    assert {label for label in CaseLabel if label.needs_attention} == {
        "failed", "flaky", "errored"
    }  # fmt: skip
    assert {label for label in CaseLabel if label.passes} == {"passed", "flaky-allowed", "xpassed"}


def test_an_expected_failure_is_outside_of_pass_rates_whatever_comes_of_it() -> None:
    assert not result(failed=2, xfail="known").is_rated
    assert not result(passed=2, xfail="known").is_rated
    assert result(errored=1).is_rated
    assert not result(unjudged=3).is_rated


@given(
    passed=st.integers(0, 9),
    failed=st.integers(0, 9),
    errored=st.integers(0, 9),
    rate=st.floats(0.01, 1),
)
def test_the_share_lies_in_its_interval(
    passed: int, failed: int, errored: int, rate: float
) -> None:
    case = result(passed, failed, errored, pass_rate=rate)

    assert 0 <= case.interval.low <= case.interval.high <= 1
    if case.share is None:
        assert not case.judged
    else:
        assert case.interval.low - 1e-12 <= case.share <= case.interval.high + 1e-12


@given(passed=st.integers(0, 30), failed=st.integers(0, 30))
def test_the_chance_of_three_passes_in_a_row_has_the_interval_of_the_rate(
    passed: int, failed: int
) -> None:
    case = result(passed, failed)
    chain, interval = case.chain, case.chain_interval

    if chain is None or interval is None:
        assert (chain, interval, case.judged < 3) == (None, None, True)
    else:
        assert chain in interval
        assert interval.low == pytest.approx(case.interval.low**3 if passed > 2 else 0.0)
        assert interval.high == pytest.approx(case.interval.high**3)


def test_the_data_of_a_case_has_the_interval_of_three_passes_in_a_row() -> None:
    data = result(passed=6, failed=4).as_data()

    assert data["pass_all_3"] == pytest.approx(1 / 6)
    assert data["pass_all_3_interval"] == pytest.approx([0.02050, 0.64289], abs=1e-5)
    assert result(passed=2).as_data()["pass_all_3_interval"] is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (CaseKey("triage", "refund", "default"), "triage::refund"),
        (CaseKey("triage", "refund", "haiku-0.7"), "triage::refund[haiku-0.7]"),
        (CaseKey("triage", "refund"), "triage::refund"),
        (CaseKey("v1.2", "a.b", "x"), "v1.2::a.b[x]"),
    ],
)
def test_a_key_is_printed_in_one_way(key: CaseKey, name: str) -> None:
    assert str(key) == name


def test_a_number_over_several_variants_names_none_of_them() -> None:
    cold = CaseResult(CaseKey("s", "c", "cold"), passed=2, replies=frozenset({"a"}), costs=(1.0,))
    warm = CaseResult(CaseKey("s", "c", "warm"), failed=1, replies=frozenset({"a", "b"}))

    both = pooled([cold, warm])

    assert str(both.key) == "s::c"
    assert (both.passed, both.judged, both.distinct_replies, both.cost) == (2, 3, 2, 1.0)
    assert both.pooled == 2
    assert pooled([cold]) is cold


def test_metrics_and_tags_of_several_variants_are_put_together() -> None:
    cold = CaseResult(
        CaseKey("s", "c", "cold"),
        metrics=(MetricScores("tone", (0.5, 1.0)), MetricScores("words", (7.0,))),
        tags=("smoke",),
        group="terms.pdf",
    )
    warm = CaseResult(
        CaseKey("s", "c", "warm"),
        metrics=(MetricScores("length", (3.0,)), MetricScores("words", (9.0,), is_reported=True)),
        tags=("nightly", "smoke"),
        group="terms.pdf",
    )

    both = pooled([cold, warm])

    assert both.metrics == (
        MetricScores("length", (3.0,)),
        MetricScores("tone", (0.5, 1.0)),
        MetricScores("words", (7.0, 9.0), is_reported=True),
    )
    assert both.tags == ("nightly", "smoke")
    assert both.group == both.as_data()["group"] == "terms.pdf"


def test_replies_of_several_variants_are_not_counted_where_a_baseline_has_none() -> None:
    known = CaseResult(KEY, passed=2, distinct_replies=1, replies=frozenset({"a"}))
    unknown = CaseResult(KEY, passed=2, distinct_replies=1)

    assert pooled([known, known]).distinct_replies == 1
    assert pooled([known, unknown]).distinct_replies == 0


def test_conditions_are_put_together() -> None:
    one = CaseConditions(models=frozenset({"a"}), rules=frozenset({(None, 1.0)}))
    other = CaseConditions(models=frozenset({"b"}), rules=frozenset({(None, 1.0)}))

    both = one | other

    assert both.models == {"a", "b"}
    assert both.rules == {(None, 1.0)}


def test_the_split_of_one_trial_is_its_label() -> None:
    assert result(passed=1).split == "passed"
    assert result(passed=2, failed=1).split == "2/3"
    assert result(errored=1).split == "errored"
