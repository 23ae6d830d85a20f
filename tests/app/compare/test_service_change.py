"""Whether the service changed, estimated without being fooled by what flipped."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from harness.app.compare.service_change import drawn_unflipped, service_change
from harness.model.case_result import CaseKey
from harness.reporting.comparing.sides import RunSide
from tests.reporting.comparing.results import case_result, side_with


def test_an_unchanged_service_is_not_blamed_for_the_cases_that_chance_chose() -> None:
    """Cases that flipped pass less often again; the sample of the others makes up for that."""
    source, differences, sure = random.Random(11), [], 0
    for _ in range(300):
        chances = [source.choice([0.6, 0.9, 0.97]) for _ in range(60)]
        before, today = ([source.random() < chance for chance in chances] for _ in range(2))
        flipped = [n for n in range(60) if before[n] != today[n]]
        others = [n for n in range(60) if before[n] == today[n]]
        drawn = source.sample(others, min(20, len(others)))
        change = service_change(
            side_with("b", *(case_result(f"c{n}", (int(before[n]), 1)) for n in range(60))),
            again(chances, flipped, 5, source),
            again(chances, drawn, 1, source),
            len(others),
        )
        assert change is not None
        differences.append(change.difference)
        sure += change.is_sure

    assert sum(differences) / 300 == pytest.approx(0, abs=0.02)
    assert sure / 300 <= 0.06


def again(chances: list[float], numbers: list[int], times: int, source: random.Random) -> RunSide:
    """Return some cases asked again."""
    return side_with(
        "again",
        *(
            case_result(f"c{n}", (sum(source.random() < chances[n] for _ in range(times)), times))
            for n in numbers
        ),
    )


def test_a_service_that_fails_now_is_told_with_what_it_was_estimated_from() -> None:
    before = side_with("b", *(case_result(f"c{n}", (1, 1)) for n in range(40)))
    flipped = side_with("f", *(case_result(f"c{n}", (0, 5)) for n in range(10)))
    drawn = side_with("d", *(case_result(f"c{n}", (int(n > 14), 1)) for n in range(10, 30)))

    change = service_change(before, flipped, drawn, 30)

    assert change is not None
    assert change.difference == pytest.approx(-(10 + 1.5 * 5) / 40)
    assert change.is_sure
    assert "drawn from the others" in change.sentence()


def test_without_a_sample_of_the_others_nothing_is_said() -> None:
    before = side_with("b", case_result("c0", (1, 1)), case_result("c1", (1, 1)))
    flipped = side_with("f", case_result("c0", (0, 5)))
    errored = side_with("d", case_result("c1", (0, 1), errored=1))

    assert service_change(before, flipped, RunSide("d"), 1) is None
    assert service_change(before, flipped, errored, 1) is None
    assert service_change(before, flipped, RunSide("d"), 0) is not None


def test_the_sample_is_the_same_for_the_same_record() -> None:
    keys = [CaseKey("s", f"c{n}", "default") for n in range(100)]

    first, second = (drawn_unflipped(keys, Path("run.jsonl")) for _ in range(2))

    assert first == second
    assert first != drawn_unflipped(keys, Path("another/run.jsonl"))
    assert len(first) == len(set(first)) == 20
    assert drawn_unflipped(keys[:3], Path("run.jsonl")) != []


def test_a_document_that_fails_as_a_whole_is_one_piece_of_evidence() -> None:
    def side(name: str, passed: range, numbers: range, *, in_groups: bool) -> RunSide:
        groups = {n: f"doc {n // 5}" if in_groups else None for n in numbers}
        cases = (case_result(f"c{n}", (int(n in passed), 1), group=groups[n]) for n in numbers)
        return side_with(name, *cases)

    changes = [
        service_change(
            side("b", range(40), range(40), in_groups=in_groups),
            side("f", range(0), range(15), in_groups=in_groups),
            side("d", range(15, 40), range(15, 35), in_groups=in_groups),
            25,
        )
        for in_groups in (False, True)
    ]

    alone, grouped = (change for change in changes if change is not None)
    assert alone.difference == grouped.difference == pytest.approx(-15 / 40)
    assert alone.is_sure
    assert not grouped.is_sure
