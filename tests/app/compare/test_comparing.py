"""Levels of something inside one run, and the exit status of comparisons."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from harness.app.compare.comparing import compare_levels, comparison_status
from harness.app.plan.options import RunOptions
from harness.errors import SettingsError
from harness.exit_code import RunStatus
from harness.model.record import OutcomeRecord
from harness.model.suite_head import SuiteHead
from harness.reporting.comparing.compare import Comparer
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sides import RunSide
from harness.reporting.comparing.text import comparison_text
from tests.app.report.test_merge_shards import write_run
from tests.support.trials import case, record


def grid(cases: int = 3) -> list[OutcomeRecord]:
    """Return a run of two models at two temperatures; the second model fails everything."""
    records: list[OutcomeRecord] = []
    for number in range(cases):
        for model, label in (("good", "passed"), ("bad", "failed")):
            for temperature in (0.0, 0.7):
                made = record(
                    len(records),
                    label,
                    of=case(f"c{number}"),
                    variant=f"{model}-{temperature}",
                )
                made["request"] = {"model": model, "temperature": temperature, "messages": []}
                made["fingerprints"] = {"inputs": "i", "request": "r", "expectations": "e"}
                records.append(made)
    return records


def levels(path: Path, by: str, reference: str | None = None) -> list[Comparison]:
    options = RunOptions((path.parent,))
    return compare_levels(str(path), by, reference, options, Comparer())


def test_a_number_pooled_over_temperatures_names_no_variant(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", grid())

    (comparison,) = levels(path, "model", "good")

    assert comparison_data(comparison)["broken"] == ["test::c0", "test::c1", "test::c2"]
    assert "[bad" not in comparison_text([comparison])
    assert all(pair.new.judged == 2 for pair in comparison.broken)


def test_a_level_that_one_case_sets_for_itself_is_no_reference(tmp_path: Path) -> None:
    records = grid()
    for made in records[:4]:  # the first case
        made["request"] = {"model": "good", "temperature": 0.5, "messages": []}
    path = write_run(tmp_path / "run.jsonl", records)

    names = {(one.old.name, one.new.name) for one in levels(path, "temperature")}

    assert names == {("0.0", "0.7"), ("0.0", "0.5")}


def test_a_level_of_one_variant_names_it(tmp_path: Path) -> None:
    records = [made for made in grid() if made["variant"].endswith("0.0")]
    path = write_run(tmp_path / "run.jsonl", records)

    (comparison,) = levels(path, "model", "good")

    assert comparison_data(comparison)["broken"][0] == "test::c0[bad-0.0]"


def test_a_trial_that_sent_nothing_belongs_to_the_level_of_its_variant(tmp_path: Path) -> None:
    records = grid()
    records[0]["request"] = None
    records[0]["outcome"] = "errored"
    path = write_run(tmp_path / "run.jsonl", records)

    (comparison,) = levels(path, "model", "good")

    assert {comparison.old.name, comparison.new.name} == {"good", "bad"}
    assert comparison.old.errored == 1


def test_trials_that_errored_and_are_left_out_are_not_missing(tmp_path: Path) -> None:
    records = grid()
    records[2]["outcome"] = records[3]["outcome"] = "errored"  # one case of the model `bad`
    path = write_run(tmp_path / "run.jsonl", records)

    (comparison,) = compare_levels(
        str(path), "model", "good", RunOptions((tmp_path,)), Comparer(), excludes_errors=True
    )

    assert not comparison.refusals


def test_what_is_not_judged_in_any_suite_is_named(tmp_path: Path) -> None:
    labels = {("c0", "y"): "skipped", ("c0", "x"): "failed"}
    records = [
        record(number, labels.get((name, variant), "passed"), of=case(name), variant=variant)
        for number, (name, variant) in enumerate(product(("c0", "c1"), "xy"))
    ]
    others = [{**made, "suite": "other", "index": made["index"] + 9} for made in records]
    path = write_run(tmp_path / "run.jsonl", [*records, *others])  # type: ignore[list-item]

    (comparison,) = levels(path, "variant", "x")

    words = comparison_text([comparison])
    assert "2 cases that failed before are not judged now" in words
    assert "missing" not in words


@pytest.mark.parametrize(
    ("by", "reference", "words"),
    [("variant", "nope", "`nope` is not a variant"), ("temperature", "2", "is not a temperature")],
)
def test_a_reference_that_is_none_of_the_levels_is_refused(
    tmp_path: Path, by: str, reference: str, words: str
) -> None:
    path = write_run(tmp_path / "run.jsonl", grid())

    with pytest.raises(SettingsError, match=words):
        levels(path, by, reference)


@pytest.mark.parametrize("by", ["prompt", "tone", "vars.tone"])
def test_any_axis_of_the_variants_can_be_compared(tmp_path: Path, by: str) -> None:
    axis = by if by == "prompt" else "vars.tone"
    variants = {"a-x": "a", "a-y": "a", "b-x": "b", "b-y": "b"}
    records = [
        record(4 * n + m, "failed" if level == "b" else "passed", of=case(f"c{n}"), variant=name)
        for n in range(3)
        for m, (name, level) in enumerate(variants.items())
    ]
    suite = SuiteHead("test", levels={name: {axis: one} for name, one in variants.items()})
    path = write_run(tmp_path / "run.jsonl", records, suites=[suite.as_data()])

    (comparison,) = levels(path, by, "a")

    assert (comparison.old.name, comparison.new.name) == ("a", "b")
    assert comparison_data(comparison)["broken"] == ["test::c0", "test::c1", "test::c2"]


def test_an_axis_that_a_run_does_not_have_is_refused(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run.jsonl", grid())

    with pytest.raises(SettingsError, match="do not differ in `promt`") as caught:
        levels(path, "promt")

    assert "`model`, `temperature`, `variant`" in str(caught.value.fix)


REFUSED: ChangeVerdict | None = None


@pytest.mark.parametrize(
    ("verdicts", "is_forced", "needs_conclusion", "status"),
    [
        ([ChangeVerdict.EQUIVALENT], False, False, RunStatus.PASSED),
        ([ChangeVerdict.INCONCLUSIVE], False, False, RunStatus.PASSED),
        ([ChangeVerdict.INCONCLUSIVE], False, True, RunStatus.INCONCLUSIVE),
        ([ChangeVerdict.IMPROVED, ChangeVerdict.REGRESSED], False, True, RunStatus.FAILED),
        ([REFUSED], False, False, RunStatus.UNUSABLE),
        ([REFUSED], True, False, RunStatus.PASSED),
        ([REFUSED], True, True, RunStatus.INCONCLUSIVE),
        ([REFUSED, ChangeVerdict.REGRESSED], False, False, RunStatus.FAILED),
    ],
)
def test_the_worst_verdict_decides_the_exit_status(
    verdicts: list[ChangeVerdict | None],
    is_forced: bool,
    needs_conclusion: bool,
    status: RunStatus,
) -> None:
    (made,) = Comparer().compare([(RunSide("a"), RunSide("b"))])
    comparisons = [replace(made, verdict=verdict) for verdict in verdicts]

    assert (
        comparison_status(comparisons, is_forced=is_forced, needs_conclusion=needs_conclusion)
        is status
    )
