from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.loading.selection import Selection
from harness.loading.trials import trials_of
from harness.model.suite import Suite, Variant
from tests.support.trials import HERE, case

REPEATS = st.lists(st.integers(1, 3), min_size=1, max_size=8)


@given(REPEATS, st.integers(1, 5), st.sampled_from([None, "c1 or c3", "not c0"]))
def test_shards_are_the_whole_run_in_equal_shares_that_keep_repeats_together(
    repeats: list[int], of: int, keyword: str | None
) -> None:
    cases = tuple(case(f"c{n}", repeat=number) for n, number in enumerate(repeats))
    suites = [Suite("s", HERE, cases, (Variant("x"), Variant("y")))]
    whole = list(trials_of(suites, Selection.of(keyword)))

    shares = [
        list(trials_of(suites, Selection.of(keyword, shard=f"{number}/{of}")))
        for number in range(1, of + 1)
    ]

    indexes = sorted(trial.index for share in shares for trial in share)
    assert indexes == [trial.index for trial in whole] == list(range(len(whole)))
    groups = [{(t.case.id, t.variant.name) for t in share} for share in shares]
    assert sum(map(len, groups)) == len({(t.case.id, t.variant.name) for t in whole})
    assert max(map(len, groups)) - min(map(len, groups)) <= 1
