from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import SettingsError
from harness.loading.selection import Selection, Shard, names_of
from tests.support.suites import plan_of, write_cases
from tests.support.trials import case, trial


@pytest.mark.parametrize(
    ("options", "selected"),
    [
        ({"keyword": "refund"}, ["refund[x]", "refund[y]"]),
        ({"keyword": "REFUND and not [y]"}, ["refund[x]"]),
        ({"keyword": "(refund or other) and x"}, ["refund[x]", "other[x]"]),
        ({"tags": ["slow"]}, ["other[x]", "other[y]"]),
        ({"only": ["refund"]}, ["refund[x]", "refund[y]"]),
        ({"only": ["refund[x]", "test::other[y]"]}, ["refund[x]", "other[y]"]),
        ({"only": ["refun"]}, []),
    ],
)
def test_trials_are_selected(
    tmp_path: Path, options: dict[str, object], selected: list[str]
) -> None:
    path = write_cases(
        tmp_path,
        "  - {id: refund, prompt: Hi}\n  - {id: other, prompt: Hi, tags: [slow]}\n",
        "matrix: {model: [x, y]}\n",
    )

    ids = [trial.id for trial in plan_of(path, **options).trials()]
    assert ids == [f"test::{name}" for name in selected]


def test_a_trial_has_a_name_with_and_without_suite_variant_and_repeat() -> None:
    names = names_of(trial(of=case("a"), variant="x", repeat=2, repeats=3))

    assert {"a", "a[x]", "a#2", "a[x]#2"} <= names
    assert {f"test::{name}" for name in ("a", "a[x]", "a#2", "a[x]#2")} <= names
    assert len(names) == 8


def test_ids_of_an_earlier_run_select_those_trials_only() -> None:
    selection = Selection(ids=frozenset({"test::case-1"}))

    assert [selection.selects(trial(index)) for index in range(3)] == [False, True, False]
    assert selection.is_partial


def test_the_default_selects_everything() -> None:
    assert Selection().selects(trial())
    assert not Selection().is_partial


def test_a_shard_contains_every_nth_group() -> None:
    shard = Shard.read("2/3")

    assert [index for index in range(9) if shard.contains(index)] == [1, 4, 7]


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", " 1/2"])
def test_an_invalid_shard_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="invalid `shard") as caught:
        Shard.read(text)

    assert "2/5" in str(caught.value.fix)
