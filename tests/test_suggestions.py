from __future__ import annotations

import pytest

from harness.suggestions import closest, write_instead


@pytest.mark.parametrize(
    ("name", "candidates", "match"),
    [
        ("contians", ["equals", "contains"], "contains"),
        ("MAX-COST", ["max_cost"], "max_cost"),
        ("zebra", ["equals"], None),
        ("anything", [], None),
    ],
)
def test_the_closest_candidate_ignores_case_and_dashes(
    name: str, candidates: list[str], match: str | None
) -> None:
    assert closest(name, candidates) == match


def test_a_fix_names_the_closest_candidate() -> None:
    assert write_instead("contians", ["equals", "contains"]) == "write `contains`"


def test_a_fix_lists_the_candidates_if_none_is_close() -> None:
    assert write_instead("zebra", ["a", "b"]) == "write one of `a`, `b`"


def test_a_fix_lists_at_most_twelve_candidates() -> None:
    fix = write_instead("zebra", [f"n{number}" for number in range(14)])

    assert fix.endswith("`n11` and 2 more")


def test_without_candidates_the_name_has_to_go() -> None:
    assert write_instead("zebra", []) == "remove it"
