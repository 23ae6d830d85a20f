"""Combinations of a matrix that are no variants."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.suites import plan_of, problems_in, write_suite

SUITE = """suite: t
request: {model: m}
variants: {plain: {}, warm: {}}
prompts: {short: "Hi {{ tone }}", long: "Good day {{ tone }}"}
matrix:
  temperature: [0, 0.5]
  vars: {tone: [polite, terse]}
  exclude: %s
cases: [{id: a}]
"""


def variants(folder: Path, exclude: str) -> list[str]:
    suite = write_suite(folder, SUITE % exclude)
    return [trial.variant.name for trial in plan_of(suite).trials()]


@pytest.mark.parametrize(
    ("exclude", "left", "excluded"),
    [
        ("[{prompt: short}]", 8, "short"),
        ("[{variant: warm, temperature: 0.5}]", 12, "warm-long-0.5-polite"),
        ("[{vars: {tone: terse}}]", 8, "terse"),
        ("[{temperature: 0}, {variant: plain, prompt: long}]", 6, "plain-long"),
    ],
)
def test_combinations_with_all_values_of_an_entry_are_no_variants(
    tmp_path: Path, exclude: str, left: int, excluded: str
) -> None:
    names = variants(tmp_path, exclude)

    assert len(names) == left
    assert not any(excluded in name for name in names)


@pytest.mark.parametrize(
    ("exclude", "position", "problem", "fix"),
    [
        (
            "[{prompt: shrot}]",
            "8:22",
            "`prompt` has no value `shrot`",
            "write `short`",
        ),
        (
            "[{model: m}]",
            "8:21",
            "the variants do not differ in `model`",
            "write one of `variant`, `prompt`, `temperature`, `vars.tone`",
        ),
        (
            "[{vars: {tone: rude}}]",
            "8:27",
            "`vars.tone` has no value `rude`",
            "write one of `polite`, `terse`",
        ),
        (
            "[{prompt: short}, {prompt: long}]",
            "8:12",
            "every combination is excluded",
            "remove one of its entries",
        ),
        ("[{}]", "8:13", "`exclude[0]` is empty", "write at least one entry, or remove the key"),
    ],
)
def test_an_entry_that_excludes_nothing_or_all_is_a_mistake(
    tmp_path: Path, exclude: str, position: str, problem: str, fix: str
) -> None:
    path = write_suite(tmp_path, SUITE % exclude)

    (error,) = problems_in(path)

    assert str(error) == f"{path}:{position}: {problem}\n  fix: {fix}"
