from __future__ import annotations

from typing import Any

import pytest

from harness.loading.variants import Level, combine, request_axis, variable_axis
from harness.model.suite import Turn


def test_without_axes_there_is_one_variant_without_a_name_of_its_own() -> None:
    (variant,) = combine([[], []])

    assert (variant.name, variant.request, variant.vars) == ("default", {}, {})


def test_later_axes_win_and_vary_fastest() -> None:
    named = [
        Level("a", "variant", "a", {"model": "x", "top_k": 1}),
        Level("b", "variant", "b"),
    ]
    axis = [Level("1", "model", 1, {"model": "y"}), Level("2", "model", 2, vars={"tone": "kind"})]

    variants = combine([named, [], axis])

    assert [(variant.name, variant.request, variant.vars) for variant in variants] == [
        ("a-1", {"model": "y", "top_k": 1}, {}),
        ("a-2", {"model": "x", "top_k": 1}, {"tone": "kind"}),
        ("b-1", {"model": "y"}, {}),
        ("b-2", {}, {"tone": "kind"}),
    ]
    assert [variant.coordinates for variant in variants] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert variants[1].levels == {"variant": "a", "model": "2"}


def test_of_several_prompts_the_last_axis_wins() -> None:
    one, two = (Turn(({"role": "user", "content": text},)) for text in ("one", "two"))
    named = [Level("a", "variant", "a", turns=(one,)), Level("b", "variant", "b")]
    prompts = [Level("p", "prompt", "p", turns=(two,))]

    assert [variant.turns for variant in combine([named])] == [(one,), ()]
    assert [variant.turns for variant in combine([named, prompts])] == [(two,), (two,)]


def test_combinations_can_be_excluded_and_keep_the_places_of_the_others() -> None:
    axes = [[Level(f"{axis}{n}", axis, n, vars={axis: n}) for n in range(2)] for axis in ("x", "y")]

    variants = combine(axes, lambda levels: [level.written for level in levels] == [0, 1])

    assert [variant.coordinates for variant in variants] == [(0, 0), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("field", "values", "names"),
    [
        ("model", ["claude-haiku-4-5", "vendor/m"], ["haiku-4-5", "vendor-m"]),
        ("temperature", [0.0, 1], ["0.0", "1"]),
        ("stream", [True, False], ["stream", "no-stream"]),
        ("system", [{"file": "prompts/terse.md"}, "x" * 33], ["terse", "system-2"]),
        ("system", ["a!", "a?"], ["system-1", "system-2"]),
        ("stop_sequences", [["x"], ["y"]], ["stop_sequences-1", "stop_sequences-2"]),
    ],
)
def test_a_value_is_named_after_itself_or_else_after_its_axis(
    field: str, values: list[Any], names: list[str]
) -> None:
    assert [level.name for level in request_axis(field, values, values)] == names


def test_a_request_axis_sends_the_text_of_a_file_that_it_is_named_after() -> None:
    (level,) = request_axis("system", ["Be terse."], [{"file": "terse.md"}])

    assert (level.name, level.request) == ("terse", {"system": "Be terse."})


def test_a_variable_axis_sets_variables() -> None:
    (level,) = variable_axis("tone", ["polite"])

    assert (level.name, level.request, level.vars) == ("polite", {}, {"tone": "polite"})
