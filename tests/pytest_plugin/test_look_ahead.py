from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from harness.model.suite import Trial
from harness.pytest_plugin.look_ahead import LookAhead, window_of
from tests.support.trials import trial


@dataclass(eq=False)
class FakeTest:
    """A test of a case with some repeats."""

    trials: Sequence[Trial]
    case_key: tuple[str, str, str] = ("test", "a", "default")
    excuse: str | None = None
    will_run: bool = True
    service_times: tuple[float, float] | None = None


def made_tests(*repeats: int) -> list[FakeTest]:
    return [FakeTest([trial(index) for index in range(number)]) for number in repeats]


def asked(ahead: LookAhead, tests: Sequence[FakeTest], position: int) -> list[int]:
    """Return the positions of the tests that are due when pytest has got to one."""
    return [tests.index(test) for test in ahead.due(tests[position]) if isinstance(test, FakeTest)]


def going_on() -> bool:
    return False


@pytest.mark.parametrize(
    ("repeats", "window", "first", "second"),
    [
        ([1, 1, 1, 1, 1], 2, [0, 1], [2]),
        ([1, 1, 1, 1, 1], 99, [0, 1, 2, 3, 4], []),
        ([5, 1, 1], 2, [0], [1, 2]),
        ([1, 5, 1], 2, [0], [1]),
        ([2, 2, 2], 4, [0, 1], [2]),
        ([], 2, None, None),
    ],
)
def test_at_most_a_window_of_trials_is_ahead_of_the_test_that_runs(
    repeats: list[int], window: int, first: list[int] | None, second: list[int] | None
) -> None:
    tests = made_tests(*repeats)
    ahead = LookAhead(tests, window, going_on)

    if first is not None:
        assert asked(ahead, tests, 0) == first
        assert asked(ahead, tests, 1) == second


def test_tests_that_pytest_leaves_out_are_not_asked_for_later() -> None:
    tests = made_tests(1, 1, 1, 1)
    ahead = LookAhead(tests, 1, going_on)

    assert asked(ahead, tests, 2) == [2]
    assert asked(ahead, tests, 0) == []


def test_a_session_that_is_ending_asks_for_nothing_more() -> None:
    tests = made_tests(1, 1, 1)
    taken: list[FakeTest] = []
    ahead = LookAhead(tests, 99, lambda: len(taken) == 2)

    for test in ahead.due(tests[0]):
        assert isinstance(test, FakeTest)
        taken.append(test)

    assert taken == tests[:2]


def test_a_test_that_could_not_be_asked_for_is_due_again() -> None:
    tests = made_tests(1, 1)
    ahead = LookAhead(tests, 99, going_on)

    assert next(ahead.due(tests[0])) is tests[0]

    assert asked(ahead, tests, 0) == [0, 1]


def test_a_test_of_another_kind_asks_for_nothing() -> None:
    (stranger,) = made_tests(1)
    ahead = LookAhead(made_tests(1, 1), 99, going_on)

    assert list(ahead.due(stranger)) == []


def test_a_session_that_may_end_early_sends_one_window_ahead() -> None:
    assert window_of(50, may_end_early=True) == 50
    assert window_of(50, may_end_early=False) > 50
