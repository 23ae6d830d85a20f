from __future__ import annotations

import pytest

from harness.model.suite import Case, Overrides, Suite, Trial, Turn, Variant
from tests.support.trials import HERE, case, expectation


def trial(one: Case, *, variant: str = "default", repeats: int = 1) -> Trial:
    variants = (Variant("a"), Variant("b"), Variant("c"))
    return Trial(Suite("s", HERE, (one,), variants), one, Variant(variant), 1, repeats)


@pytest.mark.parametrize(
    ("variant", "repeats", "trial_id"),
    [
        ("default", 1, "s::x"),
        ("default", 2, "s::x#1"),
        ("a", 1, "s::x[a]"),
        ("a", 2, "s::x[a]#1"),
    ],
)
def test_an_id_has_a_variant_and_a_repeat_only_if_there_are_several(
    variant: str, repeats: int, trial_id: str
) -> None:
    assert trial(case("x"), variant=variant, repeats=repeats).id == trial_id


def test_suite_variant_case_and_command_line_win_in_this_order() -> None:
    layers = [dict.fromkeys("wxyz"[: 4 - number], number) for number in range(4)]
    one = case("x", request=layers[2], vars=layers[2])
    suite = Suite(
        "s", HERE, (one,), request=layers[0], vars=layers[0],
        overrides=Overrides(layers[3], layers[3]),
    )  # fmt: skip

    merged = Trial(suite, one, Variant("v", layers[1], layers[1]), 1, 1)

    assert merged.request == merged.vars == {"w": 3, "x": 2, "y": 1, "z": 0}


def test_the_peers_of_a_trial_are_the_variants_it_is_compared_with() -> None:
    one = trial(case("x", compared={"b": frozenset({"a", "c"})}), variant="b")

    assert [peer.id for peer in one.peers()] == ["s::x[a]", "s::x[c]"]
    assert list(trial(case("x"), variant="b").peers()) == []


def test_a_case_has_the_expectations_of_its_turns_first() -> None:
    first, last = expectation(argument="first"), expectation(argument="last")
    one = case("x", turns=(Turn((), (first,)), Turn(())), expectations=(last,))

    assert one.all_expectations == (first, last)


@pytest.mark.parametrize(
    ("weight", "is_warning", "decides"),
    [(1.0, False, True), (0.0, False, False), (1.0, True, False)],
)
def test_a_warning_and_a_weight_of_0_never_decide(
    weight: float, *, is_warning: bool, decides: bool
) -> None:
    assert expectation(weight=weight, is_warning=is_warning).decides == decides


def test_a_negated_expectation_is_spelt_as_in_yaml() -> None:
    assert expectation("contains", is_negated=True).key == "not_contains"
    assert expectation("contains").key == "contains"
