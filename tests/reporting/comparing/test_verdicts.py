"""Verdicts that were once wrong, or that people rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model.case_result import CaseKey, MetricScores
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.markdown import comparison_markdown
from harness.reporting.comparing.model import ChangeVerdict, ScopeKind
from harness.reporting.comparing.sentences import headline, needs_a_look
from harness.reporting.comparing.sides import RunSide
from harness.reporting.comparing.text import comparison_text
from tests.reporting.comparing.results import case_result, in_variants, side, side_with, whole

REGRESSED, INCONCLUSIVE = ChangeVerdict.REGRESSED, ChangeVerdict.INCONCLUSIVE


def test_more_repeats_than_before_that_find_a_few_failures_are_no_regression() -> None:
    comparison = whole(side("old", [(1, 1)] * 20), side("new", [(10, 10)] * 14 + [(9, 10)] * 6))

    assert comparison.verdict is INCONCLUSIVE
    assert comparison.p > 0.3


def test_errors_of_the_baseline_hide_nothing_that_broke() -> None:
    old = side_with(
        "old",
        *(case_result(f"c{n}", (0, 1), errored=1) for n in range(10)),
        *(case_result(f"c{n}", (1, 1)) for n in range(10, 50)),
    )
    new = side("new", [(1, 1)] * 10 + [(0, 1)] * 10 + [(1, 1)] * 30)

    comparison = whole(old, new)

    assert comparison.verdict is REGRESSED
    assert comparison.fixed == ()  # an error is no failure that was mended
    assert len(comparison.broken) == 10
    assert comparison.without_evidence[0] == "s::c0"
    assert "10 cases only errored in old and cannot be compared: s::c0" in (
        comparison_text([comparison])
    )


def test_it_is_told_if_errors_of_the_new_run_decide() -> None:
    new = side_with(
        "new",
        *(case_result(f"c{n}", (0, 1), errored=1) for n in range(8)),
        *(case_result(f"c{n}", (1, 1)) for n in range(8, 40)),
    )

    comparison = whole(side("old", [(1, 1)] * 40), new)

    assert comparison.verdict is REGRESSED
    (note,) = comparison.notes
    assert "errored trials decide: as they are counted, the pass rate changed by -20.0" in note
    assert "left out, by +0.0 points, p = 1.000" in note


def test_it_is_told_if_errors_of_the_old_run_would_decide() -> None:
    old = side_with(
        "old",
        *(case_result(f"c{n}", (0, 1), errored=1) for n in range(8)),
        *(case_result(f"c{n}", (1, 1)) for n in range(8, 40)),
    )
    new = side("new", [(0, 1)] * 8 + [(1, 1)] * 32)

    comparison = whole(old, new)

    assert comparison.verdict is not REGRESSED
    assert "taken for passed in the baseline, by -20.0 points" in comparison.notes[0]


def test_one_failing_repeat_decides_nothing_about_being_equivalent() -> None:
    passing = side("old", [(5, 5)] * 20)

    unchanged = whole(passing, side("new", [(5, 5)] * 20))
    one_failure = whole(passing, side("new", [(4, 5)] + [(5, 5)] * 19))

    assert unchanged.verdict is INCONCLUSIVE
    assert one_failure.verdict is INCONCLUSIVE


@pytest.mark.parametrize("repeats", [5, 10])
def test_copies_of_one_reply_count_once(repeats: int) -> None:
    """Three of 20 cases flipped; with replies that are all alike that is 3 trials, not 15."""
    counts = [(0, repeats)] * 3 + [(repeats, repeats)] * 17
    old = side("old", [(repeats, repeats)] * 20, distinct_replies=1)

    copied = whole(old, side("new", counts, distinct_replies=1))
    drawn = whole(side("old", [(repeats, repeats)] * 20), side("new", counts))

    assert copied.p == pytest.approx(0.25)
    assert copied.verdict is INCONCLUSIVE
    assert "20 cases gave the same reply in all repeats of either side" in comparison_text([copied])
    assert drawn.verdict is REGRESSED


def test_replies_that_are_alike_on_one_side_only_are_no_copies() -> None:
    old, new = side("old", [(5, 5)] * 20), side("new", [(0, 5)] * 3 + [(5, 5)] * 17)
    new.results |= {key: replace(r, distinct_replies=1) for key, r in new.results.items()}

    assert whole(old, new).trials.copies == 0


def test_a_case_that_breaks_in_all_variants_is_a_sentence() -> None:
    names = [f"v{number}" for number in range(12)]
    old = in_variants("main", {name: [(5, 5)] * 45 for name in names})
    new = in_variants("this run", {name: [(0, 5)] + [(5, 5)] * 44 for name in names})

    first, *parts = Comparer().compare_run(old, new)

    assert first.verdict is REGRESSED
    assert headline(first).startswith("REGRESSED: this run against main: `s::c0` broke in all 12")
    assert "broke in all 12 variants (60/60 -> 0/60), p < 0.001" in headline(first)
    assert {part.kind for part in parts} == {ScopeKind.VARIANT}
    assert [part.scope for part in parts] == names
    assert comparison_data(first)["cases"][0]["broken"] == 12


@pytest.mark.parametrize("others", [0, 1, 11])
def test_variants_that_did_not_change_weaken_no_gate(others: int) -> None:
    names = [f"v{number}" for number in range(others)]
    same = {name: [(1, 1)] * 20 for name in names}
    old = in_variants("old", {"a": [(1, 1)] * 20, **same})
    new = in_variants("new", {"a": [(0, 1)] * 6 + [(1, 1)] * 14, **same})

    assert whole(old, new).verdict is REGRESSED


def test_a_drop_that_is_surely_small_is_within_the_margin() -> None:
    old = side("old", [(100, 100)] * 40)
    new = side("new", [(99, 100)] * 40)

    comparison = whole(old, new, margin=0.1)

    assert comparison.p < 0.001
    assert comparison.verdict is ChangeVerdict.WITHIN_MARGIN
    assert headline(comparison).startswith("WORSE, WITHIN THE MARGIN: new against old")
    assert needs_a_look(comparison)
    assert whole(old, new, margin=0.001).verdict is REGRESSED


def test_a_score_regresses_though_every_case_passes() -> None:
    old = side("old", [(5, 5)] * 20, scores=(0.9, 0.92, 0.91, 0.9, 0.93))
    new = side("new", [(5, 5)] * 20, scores=(0.7, 0.74, 0.72, 0.7, 0.71))

    comparison = whole(old, new)

    assert comparison.difference == 0
    assert comparison.verdict is REGRESSED
    assert "score -0.198, p < 0.001" in headline(comparison)


def metric(score: float, *, is_reported: bool = False) -> tuple[MetricScores, ...]:
    return (MetricScores("politeness", (score,) * 3, is_reported),)


def test_a_named_metric_regresses_and_a_number_without_direction_does_not() -> None:
    def compared(*, is_reported: bool) -> ChangeVerdict | None:
        old = side("old", [(3, 3)] * 20, metrics=metric(0.9, is_reported=is_reported))
        new = side("new", [(3, 3)] * 20, metrics=metric(0.5, is_reported=is_reported))
        return whole(old, new).verdict

    assert compared(is_reported=False) is REGRESSED
    assert compared(is_reported=True) is not REGRESSED


def test_of_a_few_cases_one_may_vanish_and_is_named() -> None:
    old = side("old", [(1, 1)] * 10)

    one = whole(old, side("new", [(1, 1)] * 9))
    two = whole(old, side("new", [(1, 1)] * 8))

    assert one.verdict is not None
    assert one.removed == ("s::c9",)
    assert two.refusals == ("2 cases missing in new: s::c8, s::c9",)


def test_cases_that_were_added_stand_against_no_verdict() -> None:
    comparison = whole(side("old", [(1, 1)] * 5), side("new", [(1, 1)] * 9))

    assert comparison.verdict is not None
    assert comparison.added == ("s::c5", "s::c6", "s::c7", "s::c8")


def test_a_failing_case_that_is_skipped_now_is_told_in_the_verdict() -> None:
    new = side("new", [(1, 1)] * 9)
    new.add(case_result("c9", (0, 0), skipped=1, skip="later"))

    comparison = whole(side("old", [(1, 1)] * 9 + [(0, 1)]), new)

    assert comparison.verdict is not None
    assert headline(comparison).endswith("; 1 case that failed before is not judged now")


def test_failing_cases_that_are_skipped_now_are_told_though_there_is_no_verdict() -> None:
    new = side("new", [(1, 1)] * 8)
    for name in ("c8", "c9"):
        new.add(case_result(name, (0, 0), skipped=1, skip="later"))

    comparison = whole(side("old", [(1, 1)] * 8 + [(0, 1)] * 2), new)

    assert comparison.verdict is None
    told = "failed in old, not judged now: s::c8, s::c9"
    assert "; 2 cases that failed before are not judged now" in headline(comparison)
    assert f"\n  {told}" in comparison_text([comparison])
    assert told in comparison_markdown([comparison])


def test_a_list_says_how_many_cases_broke_and_in_how_many_variants() -> None:
    names = ("v1", "v2", "v3")
    old = in_variants("old", {name: [(1, 1)] * 9 for name in names})
    new = in_variants("new", {name: [(0, 1)] * 2 + [(1, 1)] * 7 for name in names})

    comparisons = Comparer().compare_run(old, new)

    assert "\nBroken (2 cases in 6 variants; passed" in comparison_text(comparisons)
    assert "<summary>Broken: 2 cases in 6 variants (passed" in comparison_markdown(comparisons)


def test_errors_that_are_excluded_are_not_missing() -> None:
    new = RunSide("new", excludes_errors=True)
    for number in range(20):
        new.add(case_result(f"c{number}", (0 if number < 5 else 1, 1), errored=int(number < 5)))

    comparison = whole(side("old", [(1, 1)] * 20), new)

    assert comparison.verdict is not None
    assert comparison.removed == ()


def test_cases_of_a_group_count_as_one() -> None:
    def grouped(name: str, failing: int) -> RunSide:
        return side_with(
            name,
            *(
                case_result(f"c{n}", (int(n >= failing), 1), group=f"document {n // 4}")
                for n in range(40)
            ),
        )

    comparison = whole(grouped("old", 0), grouped("new", 16))
    alone = whole(side("old", [(1, 1)] * 40), side("new", [(0, 1)] * 16 + [(1, 1)] * 24))

    assert comparison.trials.groups == 10
    assert comparison.p == pytest.approx(2 * 0.5**4)
    assert comparison.verdict is INCONCLUSIVE
    assert "10 groups were compared" in comparison_text([comparison])
    assert alone.verdict is REGRESSED


def test_a_group_of_one_case_is_no_group() -> None:
    old = side_with("old", case_result("c0", (1, 1), group="a"), case_result("c1", (1, 1)))

    assert whole(old, old).trials.groups == 0


def test_suites_have_verdicts_of_their_own_and_tags_if_asked() -> None:
    def sides(name: str, failing: int) -> RunSide:
        made = side_with(name)
        for suite in ("mail", "chat"):
            for number in range(20):
                passed = int(not (suite == "chat" and number < failing))
                result = case_result(f"c{number}", (passed, 1), tags=("smoke",) * (number % 2))
                made.add(replace(result, key=CaseKey(suite, result.key.case, "default")))
        return made

    old, new = sides("old", 0), sides("new", 12)
    plain = Comparer().compare_run(old, new)
    tagged = Comparer(by_tag=True).compare_run(old, new)

    assert {(c.kind, c.scope): c.verdict for c in plain[1:]} == {
        (ScopeKind.SUITE, "mail"): INCONCLUSIVE,
        (ScopeKind.SUITE, "chat"): REGRESSED,
    }
    assert (ScopeKind.TAG, "smoke") in {(c.kind, c.scope) for c in tagged}
    assert "suite chat" in comparison_text(plain)


def test_an_interval_and_a_p_value_that_disagree_are_told_apart() -> None:
    comparison = whole(
        side("old", [(5, 5)] * 60), side("new", [(0, 5)] * 2 + [(5, 5)] * 58), margin=0.01
    )

    assert comparison.interval is not None
    assert 0 in comparison.interval
    assert comparison.p < 0.001
    assert "for cases like these; p < 0.001 for these very cases" in headline(comparison)
    rows = comparison_text([comparison]).splitlines()
    (rate,) = (row for row in rows if row.startswith("pass rate"))
    (trials,) = (row for row in rows if row.startswith("trials"))
    assert "0.001" not in rate
    assert trials.endswith("< 0.001")


def test_a_level_beside_others_is_adjusted_for_them() -> None:
    old, drop = side("old", [(1, 1)] * 30), side("drop", [(0, 1)] * 6 + [(1, 1)] * 24)
    others = [(old, side(f"s{number}", [(1, 1)] * 30)) for number in range(4)]

    (alone,) = Comparer().compare([(old, drop)])
    together, *_ = Comparer().compare([(old, drop), *others])

    assert alone.verdict is REGRESSED
    assert together.p == pytest.approx(5 * alone.p)
    assert together.verdict is INCONCLUSIVE
    assert "(adjusted for 5 questions)" in headline(together)


def test_a_rerun_finds_nothing_where_nothing_fails_again() -> None:
    old, new = side("old", [(1, 1)] * 40), side("new", [(0, 1)] * 12 + [(1, 1)] * 28)
    first = whole(old, new)

    rerun = Comparer().compare_rerun(first, side("a", [(5, 5)] * 12), side("b", [(5, 5)] * 12))

    assert first.verdict is REGRESSED
    assert rerun.verdict is not REGRESSED


def test_a_rerun_finds_what_two_flips_could_not_show() -> None:
    first = whole(side("old", [(1, 1)] * 20), side("new", [(0, 1)] * 2 + [(1, 1)] * 18))

    rerun = Comparer().compare_rerun(first, side("a", [(5, 5)] * 2), side("b", [(0, 5)] * 2))

    assert first.verdict is INCONCLUSIVE
    assert rerun.verdict is REGRESSED


def test_one_case_that_fails_in_all_fresh_trials_is_enough_and_one_that_passes_once_is_not() -> (
    None
):
    first = whole(side("old", [(1, 1)] * 20), side("new", [(0, 1)] + [(1, 1)] * 19))

    always, mostly = (
        Comparer().compare_rerun(first, side("a", [(5, 5)]), side("b", [(passed, 5)]))
        for passed in (0, 1)
    )

    assert always.p == pytest.approx(4 * 2 / 252)  # its level is a quarter of the first run's
    assert (always.verdict, mostly.verdict) == (REGRESSED, INCONCLUSIVE)


def test_a_rerun_is_no_regression_of_a_run_that_passed_more_often() -> None:
    first = whole(
        side("old", [(0, 1)] * 5 + [(1, 1)] * 15), side("new", [(1, 1)] * 18 + [(0, 1)] * 2)
    )

    rerun = Comparer().compare_rerun(first, side("a", [(5, 5)] * 7), side("b", [(0, 5)] * 7))

    assert rerun.verdict is INCONCLUSIVE


def test_scores_of_several_levels_are_adjusted_for_each_other() -> None:
    old = side("old", [(5, 5)] * 20, scores=(0.9, 0.92, 0.91, 0.9, 0.93))
    new = side("new", [(5, 5)] * 20, scores=(0.89, 0.92, 0.9, 0.9, 0.93))

    (alone,) = Comparer().compare([(old, new)])
    several = Comparer().compare([(old, new)] * 4)

    assert alone.measures[0].p is not None
    assert several[0].measures[0].p == pytest.approx(min(1.0, 4 * alone.measures[0].p))


def test_asking_again_does_not_undo_the_margin() -> None:
    comparer = Comparer(margin=0.1)
    old, new = side("old", [(2, 2)] * 400), side("new", [(0, 2)] * 10 + [(2, 2)] * 390)

    first = comparer.compare_run(old, new)[0]

    rerun = comparer.compare_rerun(first, side("a", [(5, 5)] * 10), side("b", [(0, 5)] * 10))

    assert first.verdict is not REGRESSED
    assert rerun.verdict is ChangeVerdict.WITHIN_MARGIN


def test_without_a_case_in_common_there_is_no_verdict() -> None:
    new = side_with("new", case_result("c0", (0, 0), skipped=1, skip="later"))
    new.add(case_result("c1", (1, 1)))

    comparison = whole(side("old", [(1, 1)]), new)

    assert comparison.verdict is None
    assert comparison.refusals[0].startswith("no case is left to compare: s::c0")


def test_a_case_that_only_errors_now_did_not_break() -> None:
    new = side("new", [(5, 5)] * 9)
    new.add(case_result("c9", (0, 10), errored=10))

    comparison = whole(side("old", [(5, 5)] * 9 + [(10, 10)]), new)

    assert "`s::c9` passes less often (10/10 -> 0/10)" in headline(comparison)


def test_a_run_in_which_cases_were_only_fixed_needs_no_look() -> None:
    comparison = whole(side("old", [(0, 1)] + [(1, 1)] * 19), side("new", [(1, 1)] * 20))

    assert comparison.verdict is INCONCLUSIVE
    assert not needs_a_look(comparison)


def test_replies_that_are_not_known_are_not_counted_as_alike() -> None:
    comparison = whole(side("old", [(1, 1)] * 3), side("new", [(1, 1)] * 3))

    assert "with another reply" not in comparison_text([comparison])


def in_scores(name: str, *scores: float) -> RunSide:
    """Return a side of 60 cases that pass, of which some have lower scores."""
    lower = [*scores, *[1.0] * (60 - len(scores))]
    return side_with(
        name,
        *(case_result(f"c{n}", (1, 1), scores=(score,)) for n, score in enumerate(lower)),
    )


@pytest.mark.parametrize(
    ("margin", "verdict"), [(0.05, REGRESSED), (0.3, ChangeVerdict.WITHIN_MARGIN)]
)
def test_a_score_that_is_worse_within_the_margin_is_not_called_unchanged(
    margin: float, verdict: ChangeVerdict
) -> None:
    comparison = whole(in_scores("old"), in_scores("new", *[0.5] * 10), margin=margin)

    assert comparison.verdict is verdict
    assert "score -0.083" in headline(comparison)
    assert needs_a_look(comparison) == (verdict is ChangeVerdict.WITHIN_MARGIN)


def test_of_what_a_suite_computes_others_from_fewer_may_be_better() -> None:
    metric = MetricScores("fp", (1.0,)), MetricScores("fp", (0.0,))
    old, new = (
        side(name, [(1, 1)] * 20, metrics=(each,))
        for name, each in zip(("old", "new"), metric, strict=True)
    )

    tested = whole(old, new)
    new.formula_inputs = {("s", "fp")}
    input_ = whole(old, new)

    assert tested.verdict is REGRESSED
    assert tested.measures[-1].p is not None
    assert input_.verdict is not REGRESSED
    assert input_.measures[-1].p is None


def test_a_baseline_of_errors_alone_is_named_and_the_run_not_blamed() -> None:
    old = side("old", [(0, 1)] * 3, errored=1)

    comparison = whole(old, side("new", [(1, 1)] * 3))

    assert comparison.refusals == ("3 cases only errored in old: s::c0, s::c1, s::c2",)


def test_few_groups_can_never_show_a_regression_however_many_trials_they_have() -> None:
    results = [case_result(f"c{n}", (5, 5), group=f"g{n % 4}") for n in range(20)]

    comparison = whole(side_with("old", *results), side_with("new", *results))

    assert comparison.trials.least_p == 2**-3


def test_a_case_whose_replies_are_copies_in_all_variants_is_one_case() -> None:
    results = [
        case_result("c0", (3, 3), variant, distinct_replies=1) for variant in ("a", "b", "c")
    ]

    assert whole(side_with("old", *results), side_with("new", *results)).trials.copies == 1


def test_scores_that_moved_for_certain_are_not_called_unchanged() -> None:
    old = side("old", [(1, 1)] * 30, scores=(1.0,))
    same = side("new", [(1, 1)] * 30, scores=(1.0,))
    jittered = side_with(
        "new", *(case_result(f"c{n}", (1, 1), scores=(0.9 if n < 3 else 1.0,)) for n in range(30))
    )
    lower = side("new", [(1, 1)] * 30, scores=(0.6,))

    words = [headline(whole(old, new)) for new in (same, jittered, lower)]

    assert words[0].startswith("UNCHANGED: new against old: no case changed; a drop of")
    assert words[1].startswith("UNCHANGED: new against old: no case changed its verdict; a drop")
    assert words[2].startswith("REGRESSED: ")


@pytest.mark.parametrize("repeats", [1, 5])
def test_more_repeats_than_before_hide_no_lower_score(repeats: int) -> None:
    old = side("old", [(1, 1)] * 19, scores=(1.0,))
    new = side("new", [(repeats, repeats)] * 19, scores=(0.6,) * repeats)

    assert whole(old, new).verdict is REGRESSED


def test_groups_that_are_too_few_are_counted_as_groups() -> None:
    one = [side(name, [(1, 1)] * 40, group="doc") for name in ("old", "new")]

    assert headline(whole(*one)).endswith("no case changed; 1 group is too few to find a drop")


def test_errors_of_cases_that_are_not_compared_are_not_counted_as_failures() -> None:
    old, new = (
        side_with(
            name,
            *(case_result(f"c{n}", (0, 1), errored=1) for n in range(2)),
            *(case_result(f"c{n}", (1, 1)) for n in range(2, 12)),
        )
        for name in ("old", "new")
    )

    text = comparison_text([whole(old, new)])

    assert "new: 12 trials, 0 errored and counted as failed, 2 errored in cases that are" in text


def test_markdown_names_what_was_not_compared() -> None:
    old, new = side("old", [(1, 1)] * 9), side("new", [(1, 1)] * 10)

    text = comparison_markdown([whole(old, new)])

    assert "- 9 cases compared" in text
    assert "- new, not compared: s::c9" in text


def test_cases_and_variants_are_in_the_order_of_the_new_run() -> None:
    names = ["v1", "v2", "v10"]
    new = in_variants("new", {name: [(0, 1)] * 12 for name in names})
    old = side_with(
        "old",
        *(
            case_result(f"c{n}", (1, 1), name)
            for name in sorted(names)
            for n in sorted(range(12), key=str)
        ),
    )

    comparisons = Comparer().compare_run(old, new)

    assert [part.scope for part in comparisons[1:]] == names
    assert [str(pair.new.key) for pair in comparisons[1].broken][:3] == [
        "s::c0[v1]",
        "s::c1[v1]",
        "s::c2[v1]",
    ]
