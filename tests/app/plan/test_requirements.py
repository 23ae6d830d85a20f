"""What the selected trials need: a judge model, and permission to run code of the project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.app.plan.planning import Plan
from harness.app.plan.requirements import (
    check_code,
    configured_judges,
    missing_requirements,
    required_judges,
    requirement_errors,
)
from harness.errors import BrokenSuitesError, SettingsError
from harness.model.suite import Trial
from tests.support.suites import plan_of, write_cases, write_suite

JUDGED = "  - {id: a, prompt: one, assert: [{judge: It is polite.}]}\n"
MIXED = """\
  - {id: plain, prompt: one, tags: [quick], assert: [{contains: hello}]}
  - {id: judged, prompt: two, assert: [{any_of: [{contains: x}, {judge: It is polite.}]}]}
  - {id: coded, prompt: three, assert: [{all_of: [{python: "checks.py:fine"}]}]}
  - {id: both, prompt: four, skip: not now, assert: [{judge: x}, {python: "checks.py:fine"}]}
"""
NO_JUDGE = "this assertion needs a judge model, but none is configured"
NO_CODE = "`checks.py:fine` would run code of the project, which is not allowed"


def mixed(folder: Path, **options: Any) -> Plan:
    (folder / "checks.py").write_text("def fine(output): return True\n")
    return plan_of(write_cases(folder, MIXED), **options)


def test_a_judge_that_is_missing_is_reported_where_it_is_needed(tmp_path: Path) -> None:
    path = write_cases(tmp_path, JUDGED)

    with pytest.raises(SettingsError) as caught:
        required_judges(plan_of(path))

    assert str(caught.value).startswith(f"{path}:4:36: {NO_JUDGE}")


def test_the_judges_are_those_of_the_settings_unless_a_suite_has_its_own(tmp_path: Path) -> None:
    ours = write_cases(tmp_path, JUDGED)
    own = write_suite(
        tmp_path,
        f"suite: own\nrequest: {{model: m}}\njudge: {{model: strict}}\ncases:\n{JUDGED}",
        "own.suite.yaml",
    )

    judges = required_judges(plan_of(ours, own, flags={"judge": "lenient"}))

    assert judges == {"lenient": f"{ours}:4:36", "strict": f"{own}:5:36"}


def test_code_that_is_not_allowed_is_reported_at_every_place(tmp_path: Path) -> None:
    cases = "".join(
        f"  - {{id: c{n}, prompt: one, assert: [{{python: checks.py:fine}}]}}\n" for n in range(3)
    )
    (tmp_path / "checks.py").write_text("def fine(output): return True\n")
    path = write_cases(tmp_path, cases, "assert: [{python: checks.py:fine}]\n")

    with pytest.raises(BrokenSuitesError) as caught:
        check_code(plan_of(path))

    errors = caught.value.errors
    assert {error.problem for error in errors} == {NO_CODE}
    assert [error.span.line for error in errors] == [3, 5, 6, 7]
    assert "allow_code" in str(errors[0].fix)


def test_code_that_is_allowed_needs_nothing(tmp_path: Path) -> None:
    check_code(mixed(tmp_path, flags={"allow_code": True}))


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, [NO_JUDGE, NO_CODE]),
        ({"only": ["plain"]}, []),
        ({"tags": ["quick"]}, []),
        ({"keyword": "plain or judged"}, [NO_JUDGE]),
        ({"only": ["coded"]}, [NO_CODE]),
        ({"only": ["both"]}, []),
        ({"shard": "1/4"}, []),
        ({"shard": "2/4"}, [NO_JUDGE]),
        ({"ids": frozenset({"test::coded"})}, [NO_CODE]),
    ],
)
def test_only_what_is_selected_and_not_skipped_asks_for_anything(
    tmp_path: Path, options: dict[str, Any], missing: list[str]
) -> None:
    plan = mixed(tmp_path, **options)

    found = list(map(str, missing_requirements(plan)))

    assert [words in text for words, text in zip(missing, found, strict=True)] == [True] * len(
        missing
    )


def test_as_errors_each_suite_without_a_judge_and_each_place_of_code_is_named(
    tmp_path: Path,
) -> None:
    judged = JUDGED + JUDGED.replace("id: a", "id: b")
    first = write_cases(tmp_path, judged)
    second = write_suite(
        tmp_path, f"suite: own\nrequest: {{model: m}}\ncases:\n{judged}", "own.suite.yaml"
    )
    (tmp_path / "checks.py").write_text("def fine(output): return True\n")
    coded = "".join(
        f"  - {{id: c{n}, prompt: one, assert: [{{python: checks.py:fine}}]}}\n" for n in range(2)
    )
    third = write_suite(
        tmp_path, f"suite: coded\nrequest: {{model: m}}\ncases:\n{coded}", "coded.suite.yaml"
    )

    errors = requirement_errors(plan_of(first, second, third))

    assert [(str(error.span), error.problem) for error in errors] == [
        (f"{first}:4:36", NO_JUDGE),
        (f"{second}:4:36", NO_JUDGE),
        (f"{third}:4:37", NO_CODE),
        (f"{third}:5:37", NO_CODE),
    ]


def test_as_errors_too_only_what_is_selected_asks_for_anything(tmp_path: Path) -> None:
    assert requirement_errors(mixed(tmp_path, only=["plain", "both"])) == []


def test_a_variant_asks_for_the_judge_that_compares_it_and_the_one_it_is_compared_with_does_not(
    tmp_path: Path,
) -> None:
    cases = """\
  - {id: plain, prompt: one, assert: [{contains: hello}]}
  - {id: compared, prompt: two, assert: [{prefer: It is kind., over: terse}]}
"""
    path = write_cases(tmp_path, cases, "variants: {terse: {}, polite: {}}\n")

    for name in ("plain[polite]", "compared[terse]"):
        assert required_judges(plan_of(path, only=[name])) == {}
    with pytest.raises(SettingsError, match=NO_JUDGE):
        required_judges(plan_of(path, only=["compared[polite]"]))


def test_a_run_records_the_judges_of_its_suites_whatever_is_selected(tmp_path: Path) -> None:
    plan = mixed(tmp_path, only=["plain"], flags={"judge": "lenient"})

    assert required_judges(plan) == {}
    assert configured_judges(plan) == {"lenient"}
    assert configured_judges(mixed(tmp_path)) == set()


def test_of_a_plan_whose_trials_are_asked_for_one_by_one_only_those_count(tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text("def fine(output): return True\n")
    book = app.SuiteBook(app.RunOptions([tmp_path]))
    suite = book.load(write_cases(tmp_path, MIXED))
    plan = book.plan(is_interactive=True)
    plain, judged, coded, _ = (Trial(suite, case, suite.variants[0], 1, 1) for case in suite.cases)

    required_judges(plan)
    check_code(plan)
    required_judges(plan, [plain, coded])
    check_code(plan, [plain, judged])
    with pytest.raises(SettingsError, match=NO_JUDGE):
        required_judges(plan, [plain, judged])
    with pytest.raises(BrokenSuitesError, match="not allowed"):
        check_code(plan, [coded])
