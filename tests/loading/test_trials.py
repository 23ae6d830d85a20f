"""Which trials a selection leaves, and which of them a shard has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import SettingsError
from harness.loading.selection import Selection, Shard
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

    places = sorted(trial.index for share in shares for trial in share)
    assert places == [trial.index for trial in whole] == list(range(len(whole)))
    units = [{(t.case.id, t.variant.name) for t in share} for share in shares]
    assert sum(map(len, units)) == len({(t.case.id, t.variant.name) for t in whole})
    assert max(map(len, units)) - min(map(len, units)) <= 1


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", " 1/2"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="invalid") as caught:
        Shard.read(text)

    assert "2/5" in str(caught.value.fix)
