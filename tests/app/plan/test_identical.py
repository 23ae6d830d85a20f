"""Variants of a plan that would send the same request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.app.plan.options import RunOptions
from harness.app.plan.planning import SuiteBook
from harness.model.identical_variants import Cause, IdenticalVariants
from tests.support.suites import plan_of, write_cases

HEAD = "matrix: {temperature: [0, 0.7, 1]}\n"
CASES = """\
  - {id: free, prompt: Hi}
  - {id: fixed, prompt: Hi, request: {temperature: 1}, tags: [smoke]}
  - id: also-fixed
    prompt: Ho
    request: {temperature: 0.5}
  - {id: skipped, prompt: Hi, request: {temperature: 1}, skip: later}
"""


def found(folder: Path, **options: Any) -> tuple[IdenticalVariants, ...]:
    return plan_of(write_cases(folder, CASES, HEAD), **options).identical_variants()


def test_cases_with_the_same_variants_and_causes_are_one_finding(tmp_path: Path) -> None:
    (finding,) = found(tmp_path)

    assert finding.variants == ("0", "0.7", "1")
    assert (finding.cases, finding.examples) == (2, ("fixed", "also-fixed"))
    (reason,) = finding.reasons
    assert (reason.span and reason.span.line, reason.others) == (6, 1)


@pytest.mark.parametrize(
    ("options", "variants", "cases"),
    [
        ({"tags": ["smoke"]}, ("0", "0.7", "1"), 1),
        ({"keyword": "not 0.7"}, ("0", "1"), 2),
        ({"only": ["fixed[0]", "fixed[1]"]}, ("0", "1"), 1),
        ({"shard": "1/9"}, ("0", "0.7", "1"), 2),
        ({"shard": "2/9", "keyword": "not 0.7"}, ("0", "1"), 2),
        ({"repeat": 3, "only": ["fixed[0]#2", "fixed[1]#3"]}, ("0", "1"), 1),
    ],
)
def test_only_what_is_selected_counts_in_whichever_shard(
    tmp_path: Path, options: dict[str, Any], variants: tuple[str, ...], cases: int
) -> None:
    (finding,) = found(tmp_path, **options)

    assert (finding.variants, finding.cases) == (variants, cases)


@pytest.mark.parametrize("keyword", ["free", "0.7", "skipped"])
def test_a_selection_without_two_like_variants_has_no_finding(tmp_path: Path, keyword: str) -> None:
    assert found(tmp_path, keyword=keyword) == ()


def test_repeats_are_no_variants(tmp_path: Path) -> None:
    path = write_cases(tmp_path, "  - {id: a, prompt: Hi, repeat: 5}\n")

    assert plan_of(path).identical_variants() == ()


def test_another_plan_of_the_same_suites_knows_them_too(tmp_path: Path) -> None:
    plan = plan_of(write_cases(tmp_path, CASES, HEAD))
    book = SuiteBook(RunOptions([tmp_path]))

    book.include(plan)

    assert book.plan().identical_variants() == plan.identical_variants()


def test_an_interactive_plan_counts_what_it_will_be_asked_for(tmp_path: Path) -> None:
    book = SuiteBook(RunOptions([tmp_path]))
    planned = book.load(write_cases(tmp_path, CASES, HEAD))
    later = book.read(write_cases(tmp_path, CASES, HEAD))

    plan = book.plan(is_interactive=True, will_ask=lambda _case, variant: variant.name != "1")

    assert [one.variants for one in plan.identical_in(planned)] == [("0", "0.7")]
    assert [one.variants for one in plan.identical_in(later)] == [("0", "0.7", "1")]


def test_rows_with_other_columns_have_reasons_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"tone": "x"}\n{"other": 1}\n{"tone": "y"}\n')
    case = "  - {id: 'r-{{ row }}', dataset: rows.jsonl, prompt: Hi}\n"
    path = write_cases(tmp_path, case, "matrix: {vars: {tone: [kind, terse]}}\n")

    findings = plan_of(path).identical_variants()

    assert [(one.reasons[0].cause, one.examples) for one in findings] == [
        (Cause.DATASET, ("r-1", "r-3")),
        (Cause.UNUSED, ("r-2",)),
    ]
