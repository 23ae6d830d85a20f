"""Runs compared case by case: what is said of them, and how often it is wrong."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from harness.model.case_result import CaseConditions, CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.markdown import comparison_markdown
from harness.reporting.comparing.model import ChangeVerdict, Comparison, ScopeKind
from harness.reporting.comparing.sentences import headline
from harness.reporting.comparing.sides import (
    RunSide,
    new_variants,
    side_of,
)
from harness.reporting.comparing.text import comparison_text
from tests.support.trials import record

Chance = Callable[[int], float]
ROUNDS = int(os.environ.get("TEST_ROUNDS", "40"))


def result(index: int, label: str, repeat: int = 1, **changes: Any) -> OutcomeRecord:
    made = record(index, label)
    made["case"], made["repeat"] = f"case-{index}", repeat
    made["fingerprints"] = {"inputs": "i", "request": "r", "expectations": "e"}
    if made["reply"] is not None:  # repeats whose replies are alike would count once
        content = [{"type": "text", "text": f"billing {repeat}"}]
        made["reply"] = {**made["reply"], "message": {"content": content}}
    made.update(changes)  # type: ignore[typeddict-item]
    return made


def side(name: str, labels: Iterable[str]) -> RunSide:
    records = [result(index, label) for index, label in enumerate(labels)]
    return side_of(name, records)


def compared(old: RunSide, new: RunSide) -> Comparison:
    """Return the comparison of two runs as a whole."""
    return Comparer().compare_run(old, new)[0]


def drawn(name: str, chance: Chance, cases: int, repeats: int, source: random.Random) -> RunSide:
    records = [
        result(case, "passed" if source.random() < chance(case) else "failed", repeat)
        for case in range(cases)
        for repeat in range(1, repeats + 1)
    ]
    return side_of(name, records)


def test_a_clear_drop_is_a_regression_and_its_cases_are_named() -> None:
    comparison = compared(
        side("old", ["passed"] * 40), side("new", ["failed"] * 8 + ["passed"] * 32)
    )

    assert comparison.verdict is ChangeVerdict.REGRESSED
    assert [pair.new.key.case for pair in comparison.broken] == [f"case-{n}" for n in range(8)]
    assert comparison.passing.difference == pytest.approx(-0.2)
    assert comparison.passing.interval is not None
    assert comparison.passing.interval.high < 0
    text = comparison_text([comparison])
    assert text.startswith("REGRESSED: new against old: pass rate -20.0 points [")
    assert "Broken (8; passed before, but no longer do):" in text


def test_a_clear_rise_is_an_improvement() -> None:
    comparison = compared(
        side("old", ["failed"] * 9 + ["passed"] * 9), side("new", ["passed"] * 18)
    )

    assert comparison.verdict is ChangeVerdict.IMPROVED
    assert len(comparison.fixed) == 9


def test_few_cases_are_inconclusive_and_never_called_unchanged() -> None:
    comparison = compared(side("old", ["passed"] * 10), side("new", ["failed"] + ["passed"] * 9))

    assert comparison.verdict is ChangeVerdict.INCONCLUSIVE
    assert "to find 5 points:" in comparison.power
    assert comparison.power in comparison_text([comparison])
    assert "INCONCLUSIVE" in headline(comparison)


def test_many_alike_cases_are_equivalent() -> None:
    comparison = compared(side("old", ["passed"] * 300), side("new", ["passed"] * 300))

    assert comparison.verdict is ChangeVerdict.EQUIVALENT


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fingerprints": {"inputs": "x", "request": "r", "expectations": "e"}}, "other inputs"),
        ({"fingerprints": {"inputs": "i", "request": "r", "expectations": "x"}}, "assertions"),
        ({"threshold": 0.5}, "another threshold or pass_rate"),
    ],
)
def test_what_is_not_alike_gets_no_verdict(changes: dict[str, Any], words: str) -> None:
    old = side_of("old", [result(n, "passed") for n in range(30)])
    new = side_of(
        "new", [result(n, "failed", **(changes if n == 3 else {})) for n in range(30)],
    )  # fmt: skip

    comparison = compared(old, new)

    assert comparison.verdict is None
    assert words in comparison.refusals[0]
    assert "test::case-3" in comparison.refusals[0]
    assert "pass rate" not in comparison_text([comparison])
    assert "pass rate" in comparison_text([comparison], is_forced=True)
    assert comparison_data(comparison)["verdict"] is None


def test_more_than_a_twentieth_missing_gets_no_verdict_and_none_is_dropped_silently() -> None:
    comparison = compared(side("old", ["passed"] * 20), side("new", ["passed"] * 18))

    assert comparison.verdict is None
    assert comparison.refusals == ("2 cases missing in new: test::case-18, test::case-19",)
    assert comparison.removed == ("test::case-18", "test::case-19")


def test_errors_count_as_failures_and_are_told() -> None:
    comparison = compared(
        side("old", ["passed"] * 20), side("new", ["errored"] * 9 + ["passed"] * 11)
    )

    assert comparison.verdict is ChangeVerdict.REGRESSED
    assert "9 errored and counted as failed" in comparison_text([comparison])


def test_cases_whose_repeats_disagree_are_newly_flaky() -> None:
    old = drawn("old", lambda _case: 1.0, 5, 4, random.Random(1))
    records = [
        result(case, "failed" if case == 2 and repeat == 1 else "passed", repeat)
        for case in range(5)
        for repeat in range(1, 5)
    ]
    comparison = compared(old, side_of("new", records))

    assert [pair.new.key.case for pair in comparison.newly_flaky] == ["case-2"]
    assert "test::case-2 4/4 -> 3/4" in comparison_text([comparison])


def repeated(name: str, passed: Iterable[int], repeats: int, variant: str = "default") -> RunSide:
    """Return a side whose cases passed so often of so many repeats."""
    records = [
        result(case, "passed" if repeat <= often else "failed", repeat, variant=variant)
        for case, often in enumerate(passed)
        for repeat in range(1, repeats + 1)
    ]
    return side_of(name, records)


def variants_of(old: RunSide, new: RunSide) -> dict[str | None, Comparison]:
    """Return the comparisons of the variants by their names."""
    return {
        comparison.scope: comparison
        for comparison in Comparer().compare_run(old, new)
        if comparison.kind is ScopeKind.VARIANT
    }


def change_all(side_: RunSide, **changes: Any) -> None:
    side_.results |= {key: replace(result, **changes) for key, result in side_.results.items()}


def test_repeats_and_cases_that_point_in_two_directions_give_no_verdict() -> None:
    few = repeated("old", [2] * 10, 2), repeated("new", [1] * 10, 2)
    many = [repeated(name, [often] * 5, 40) for name, often in (("old", 10), ("new", 30))]
    for side_, more in zip(few, many, strict=True):
        side_.results |= {
            CaseKey(key.suite, f"{key.case}-many", key.variant): result
            for key, result in more.results.items()
        }

    comparison = compared(*few)

    assert comparison.p < 0.001
    assert comparison.trials.excess > 0 > comparison.difference
    assert comparison.verdict is ChangeVerdict.INCONCLUSIVE


@pytest.mark.parametrize("passed", [[1, 1], [1, 1, 1, 1], [2, 2, 1]])
def test_few_cases_without_a_change_are_not_called_equivalent(passed: list[int]) -> None:
    comparison = compared(repeated("old", passed, 2), repeated("new", passed, 2))

    assert comparison.verdict is ChangeVerdict.INCONCLUSIVE
    assert comparison.interval is not None
    assert comparison.interval.high - comparison.interval.low > 0.2


def test_a_rate_whose_cases_are_all_alike_has_an_interval_all_the_same() -> None:
    comparison = compared(repeated("old", [4, 4], 5), repeated("new", [4, 4], 5))

    assert comparison.rates[0].share == pytest.approx(0.8)
    assert comparison.rates[0].interval.low < 0.5


def test_cases_that_move_without_flipping_are_listed() -> None:
    old, new = repeated("old", [19] * 3, 20), repeated("new", [19, 19, 3], 20)
    for side_ in (old, new):
        change_all(side_, pass_rate=0.1)

    comparison = compared(old, new)

    assert [pair.new.key.case for pair in comparison.moved] == ["case-2"]
    assert comparison_data(comparison)["moves"]["moved"][0]["new"] == [3, 20]
    assert "Moved (1; pass more or less often" in comparison_text([comparison])


def test_a_variant_of_which_all_was_skipped_keeps_its_count() -> None:
    records = [
        result(n, "skipped" if variant == "b" else "passed", variant=variant)
        for n in range(4)
        for variant in ("a", "b")
    ]
    old = RunSide(
        "old", repeated("", [1] * 4, 1, "a").results | repeated("", [1] * 4, 1, "b").results
    )

    by_scope = variants_of(old, side_of("new", records))

    assert by_scope["b"].verdict is None
    assert by_scope["b"].new.skipped.total() == 4
    assert by_scope["b"].not_compared == tuple(f"test::case-{n}[b]" for n in range(4))
    assert by_scope["b"].removed == ()
    assert by_scope["a"].new.skipped.total() == 0


def test_a_variant_that_is_gone_is_refused_and_a_new_one_is_only_told() -> None:
    old = RunSide(
        "old", repeated("", [1] * 3, 1, "gone").results | side("", ["passed"] * 3).results
    )
    new = RunSide(
        "new", repeated("", [1] * 3, 1, "added").results | side("", ["passed"] * 3).results
    )

    by_scope = variants_of(old, new)

    assert set(by_scope) == {"gone", "default"}
    assert by_scope["gone"].verdict is None
    assert "3 cases missing in new" in by_scope["gone"].refusals[0]
    assert by_scope["default"].verdict is not None
    assert new_variants(old, new) == ["added"]


def test_errors_may_be_left_out_and_are_told_then_too() -> None:
    records = [result(n, "errored" if n < 2 else "passed") for n in range(60)]
    new = side_of("new", records, excludes_errors=True)

    comparison = compared(side("old", ["passed"] * 60), new)

    assert comparison.broken == ()
    assert comparison.passing.cases == 58
    assert "2 errored and left out" in comparison_text([comparison])


def test_more_repeats_than_before_are_no_other_prompt() -> None:
    old, new = repeated("old", [3] * 9, 3), repeated("new", [5] * 9, 5)
    for side_, repeats in ((old, 3), (new, 5)):
        requests = frozenset(f"repeat {n}" for n in range(repeats))
        change_all(side_, conditions=CaseConditions(requests=requests))

    assert compared(old, new).factors == ()


def test_cases_that_lost_their_group_are_told() -> None:
    old, new = side("old", ["passed"] * 2), side("new", ["passed"] * 2)
    change_all(old, group="report.pdf")

    (lost,) = compared(old, new).factors
    assert lost == "2 cases without their `group`: test::case-0, test::case-1"
    assert compared(new, old).factors == ()


def test_markdown_has_the_verdict_first_and_obeys_nobody() -> None:
    comparison = compared(side("a|b<script>", ["passed"] * 40), side("n", ["failed"] * 40))

    text = comparison_markdown([comparison])

    assert text.startswith("### REGRESSED: n against a\\|b&lt;script&gt;")
    assert "<details><summary>Broken: 40" in text
    assert "<script>" not in text
    assert len(text.encode()) < 60_000


def test_an_interval_of_a_pass_rate_stays_within_what_is_possible() -> None:
    comparison = compared(repeated("old", [5, 5, 0], 5), repeated("new", [0, 5, 5], 5))
    few = compared(repeated("old", [4, 1], 5), repeated("new", [1, 4], 5))

    for one in (comparison, few):
        interval = one.passing.interval
        assert interval is not None
        assert -1 <= interval.low <= interval.high <= 1
    assert "[-100.0, +100.0]" in comparison_text([few])


def test_an_estimate_stands_beside_the_interval_of_its_own_method() -> None:
    comparison = compared(repeated("old", [5] * 8, 5), repeated("new", [0, *[5] * 7], 5))

    data = comparison_data(comparison)

    assert data["difference"] == comparison.difference
    assert data["interval"]["low"] <= data["difference"] <= data["interval"]["high"]
    assert data["headline"] == headline(comparison)


def test_no_change_is_plus_zero_points() -> None:
    comparison = compared(side("old", ["passed"] * 9), side("new", ["passed"] * 9))

    assert headline(comparison).startswith("UNCHANGED: new against old: no case changed; a drop of")
    assert "+0.0 points" in comparison_text([comparison])
    assert "-0.0" not in comparison_text([comparison])


def test_an_expected_failure_is_not_compared() -> None:
    records = [result(n, "passed") for n in range(9)]
    expected = [result(n, "failed" if n == 3 else "passed") for n in range(9)]
    expected[3]["xfail"] = "known"

    comparison = compared(side_of("old", records), side_of("new", expected))

    assert comparison.broken == ()
    assert comparison.rates[1].share == 1.0
    assert comparison.not_compared == ("test::case-3",)
