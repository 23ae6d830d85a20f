from __future__ import annotations

from harness.model.suite import Suite, Variant
from harness.pytest_plugin.session_trials import SessionTrials
from harness.pytest_plugin.workers import Worker
from tests.support.trials import HERE, case

TERSE, FULL = Variant("terse"), Variant("full")


def suite_of(**changes: object) -> Suite:
    one = case("a", **changes)
    return Suite("test", HERE, (one,), variants=(TERSE, FULL), request={"model": "m"})


def test_trials_are_numbered_on_over_all_tests() -> None:
    suite, trials = suite_of(repeat=2), SessionTrials(None)

    first = trials.collected(suite, suite.cases[0], TERSE)
    second = trials.own(suite, suite.cases[0], FULL)

    assert [trial.index for trial in (*first, *second)] == [0, 1, 2, 3]
    assert [trial.repeat for trial in first] == [1, 2]


def test_workers_collect_alike_and_number_their_own_trials_apart() -> None:
    suite = suite_of()
    workers = [SessionTrials(Worker(f"gw{number}", 2, "run-1")) for number in range(2)]

    collected = [
        [trial.index for trial in trials.collected(suite, suite.cases[0], TERSE)]
        for trials in workers
    ]
    own = [trials.own(suite, suite.cases[0], TERSE)[0].index for trials in workers]

    assert collected == [[0], [0]]
    assert len({0, *own}) == 3


def test_a_trial_is_compared_with_the_same_repeat_of_the_collected_variant() -> None:
    suite = suite_of(repeat=2, compared={"terse": frozenset({"full"})})
    trials = SessionTrials(None)
    terse = trials.collected(suite, suite.cases[0], TERSE)
    full = trials.collected(suite, suite.cases[0], FULL)

    peers = list(trials.peers(terse))

    assert [peer is wanted for peer, wanted in zip(peers, full, strict=True)] == [True, True]


def test_a_variant_that_was_not_collected_gets_trials_once() -> None:
    suite = suite_of(compared={"terse": frozenset({"full"})})
    trials = SessionTrials(None)
    terse = trials.collected(suite, suite.cases[0], TERSE)

    (first,), (second,) = trials.peers(terse), trials.peers(terse)

    assert first.variant.name == "full"
    assert first is second
