"""What is said of variants that send the same request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.model.identical_variants import (
    Cause,
    IdenticalVariants,
    Reason,
    counted,
    grouped,
    merged,
)
from harness.source import Span
from harness.wording import worded

AXIS = Span(Path("triage.suite.yaml"), 12, 3)
SHADOW = Reason(Cause.CASE, "request.temperature", Span(Path("triage.suite.yaml"), 31, 7), 13)
FOUND = IdenticalVariants("triage", AXIS, ("0.0", "0.7"), 14, ("a", "b"), (SHADOW,))


def test_a_finding_names_the_axis_the_variants_the_cases_and_the_value_that_wins() -> None:
    assert str(FOUND) == (
        "triage.suite.yaml:12:3: the variants `0.0` and `0.7` of 14 cases send the same request:"
        " the case sets `temperature` itself (triage.suite.yaml:31:7 and 13 more)"
    )


def test_a_single_case_is_named() -> None:
    assert replace(FOUND, cases=1).subject == "`0.0` and `0.7` of the case `a`"


def test_many_variants_are_counted() -> None:
    many = replace(FOUND, variants=tuple("abcdef"))

    assert many.subject == "`a`, `b`, `c` and 3 more of 14 cases"
    assert replace(many, variants=tuple("abcd")).subject == "`a`, `b`, `c` and `d` of 14 cases"


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_and_a_fix(cause: Cause) -> None:
    reason = Reason(cause, "vars.tone")

    assert str(reason.words)
    assert "{name}" not in str(reason.words) + str(reason.fix)


def test_an_option_of_the_run_is_spelled_by_the_way_in() -> None:
    class Shouting:
        def option(self, option: Any) -> str:
            return str(option.value).upper()

    found = replace(FOUND, reasons=(Reason(Cause.OVERRIDE, "request.top_k"), SHADOW))

    assert ": `REQUEST.TOP_K` wins over the variants; the case sets" in worded(
        found.problem, Shouting()
    )
    assert "leave out `REQUEST.TOP_K`" in worded(found.fix, Shouting())


def test_what_a_run_file_holds_is_read_back() -> None:
    found = replace(FOUND, reasons=(SHADOW, Reason(Cause.UNUSED, "vars.tone")))

    assert IdenticalVariants.from_data(found.as_data()) == found


@pytest.mark.parametrize(
    "change",
    [{"variants": None}, {"line": "x"}, {"reasons": [3]}, {"reasons": [{"cause": "luck"}]}],
    ids=str,
)
def test_data_that_is_something_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="`identical_variants` cannot be read"):
        IdenticalVariants.from_data({**FOUND.as_data(), **change})


def test_a_pair_of_variants_counts_once_in_a_suite() -> None:
    three = replace(FOUND, variants=("0.0", "0.7", "1.0"), cases=1)
    elsewhere = replace(FOUND, suite="other")

    assert counted(()) == ""
    assert counted([FOUND]) == (
        "1 pair of variants sent the same request: `0.0` and `0.7` of 14 cases"
        " (triage.suite.yaml:12:3)"
    )
    assert counted([FOUND, three]).startswith("3 pairs of variants")
    assert counted([FOUND, three, elsewhere]).startswith("4 pairs of variants")
    assert counted([FOUND, three, elsewhere]).endswith("; 2 more like this")


def test_shards_of_one_run_tell_the_same_once() -> None:
    part = replace(FOUND, cases=3, reasons=(replace(SHADOW, others=2),))
    other = replace(FOUND, variants=("0.0", "1.0"))

    assert merged([part, FOUND, other, FOUND]) == (FOUND, other)


def test_pairs_on_one_axis_for_one_reason_are_told_together() -> None:
    pairs = [replace(FOUND, variants=(f"{model}-0", f"{model}-1")) for model in "abc"]
    other = replace(FOUND, cases=2)

    together, alone = grouped([*pairs, other])

    assert together.headline == (
        "the variants `a-0` and `a-1` of 14 cases send the same request (and 2 more like them)"
    )
    assert alone.headline == other.headline
