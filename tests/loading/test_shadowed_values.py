"""Why variants that are written differently send the same request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.model.identical_variants import Cause, IdenticalVariants
from tests.support.suites import plan_of, write_cases

CASE = "  - {id: a, prompt: Hi}\n"
TONES = "matrix: {vars: {tone: [kind, terse]}}\n"
HEATS = "matrix: {temperature: [0, 0.7]}\n"


def found(folder: Path, head: str, case: str = CASE, **options: Any) -> IdenticalVariants:
    (finding,) = plan_of(write_cases(folder, case, head), **options).identical_variants()
    return finding


@pytest.mark.parametrize(
    ("head", "case", "cause", "name", "line"),
    [
        (HEATS, "  - {id: a, prompt: Hi, request: {temperature: 1}}\n", "case", "temperature", 5),
        (TONES, "  - {id: a, prompt: '{{ tone }}', vars: {tone: x}}\n", "case", "tone", 5),
        (TONES, CASE, "unused", "tone", None),
        (
            TONES,
            "  - {id: a, prompt: Hi, assert: [{contains: '{{ tone }}'}]}\n",
            "expected",
            "tone",
            None,
        ),
        (TONES, "  - {id: a, prompt: '{{ tone is string }}'}\n", "equal", "tone", None),
        (
            "variants: {a: {request: {top_k: 1}}, b: {}}\nmatrix: {top_k: [5]}\n",
            CASE,
            "matrix",
            "top_k",
            4,
        ),
        ("variants: {a: {}, b: {vars: {}}}\n", CASE, "name", "", None),
        (
            "variants: {a: {request: {extra: {seed: 1}}}, b: {request: {extra: {seed: 2}}}}\n",
            "  - {id: a, prompt: Hi, request: {extra: {seed: 3}}}\n",
            "case",
            "extra",
            5,
        ),
        (
            "variants: {a: {request: {max_tokens: 4096}}, b: {}}\n",
            CASE,
            "equal",
            "max_tokens",
            None,
        ),
        ("matrix: {system: ['{{ 1 }}', '1']}\n", CASE, "equal", "system", None),
        ("matrix: {temperature: [0, 0.0]}\n", CASE, "name", "", None),
    ],
)
def test_the_value_that_wins_is_named_with_its_place(
    tmp_path: Path, head: str, case: str, cause: str, name: str, line: int | None
) -> None:
    (reason,) = found(tmp_path, head, case).reasons

    assert (reason.cause, reason.name.partition(".")[2]) == (Cause(cause), name)
    assert (None if reason.span is None else reason.span.line) == line


@pytest.mark.parametrize(
    ("head", "column"),
    [
        (HEATS, 10),
        (TONES, 17),
        ("variants: {one: {}, two: {}}\n", 21),
        ("variants: {one: {}}\nmatrix: {temperature: [0, 0.7]}\n", 10),
    ],
)
def test_the_finding_is_at_the_axis_or_at_the_variant_that_repeats_another(
    tmp_path: Path, head: str, column: int
) -> None:
    finding = found(tmp_path, head, "  - {id: a, prompt: Hi, request: {temperature: 1}}\n")

    assert (finding.span.line, finding.span.column) == (2 + head.count("\n"), column)


def test_a_column_of_a_dataset_wins_over_a_variable_of_the_variants(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("tone\nx\ny\n")
    case = "  - {id: 'r-{{ row }}', dataset: rows.csv, prompt: '{{ tone }}'}\n"

    finding = found(tmp_path, TONES, case)

    (reason,) = finding.reasons
    assert (finding.cases, finding.examples) == (2, ("r-1", "r-2"))
    assert (reason.cause, reason.span and reason.span.column) == (Cause.DATASET, 34)


@pytest.mark.parametrize(
    ("head", "case", "assignment", "name"),
    [
        (HEATS, CASE, "request.temperature=0", "request.temperature"),
        (TONES, "  - {id: a, prompt: '{{ tone }}'}\n", "vars.tone=x", "vars.tone"),
    ],
)
def test_what_is_set_for_the_whole_run_wins_over_all(
    tmp_path: Path, head: str, case: str, assignment: str, name: str
) -> None:
    (reason,) = found(tmp_path, head, case, assignments=[assignment]).reasons

    assert (reason.cause, reason.name, reason.span) == (Cause.OVERRIDE, name, None)


def test_each_axis_that_makes_no_difference_has_its_reason(tmp_path: Path) -> None:
    head = "matrix: {temperature: [0, 0.7], vars: {tone: [kind, terse]}}\n"
    case = "  - {id: a, prompt: Hi, request: {temperature: 1}}\n"

    finding = found(tmp_path, head, case)

    assert finding.variants == ("0-kind", "0-terse", "0.7-kind", "0.7-terse")
    assert [reason.cause for reason in finding.reasons] == [Cause.CASE, Cause.UNUSED]
