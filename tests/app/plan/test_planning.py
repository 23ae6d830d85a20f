"""Plans: which trials are selected, who judges them, and what is wrong with suites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.app.plan.options import RunOptions
from harness.app.plan.planning import Plan, SuiteBook, plan_run, suite_text
from harness.errors import BrokenSuitesError, NothingSelectedError
from harness.model.case_result import CaseKey
from harness.model.rerun_options import RerunOptions
from tests.support.suites import plan_of, write_cases, write_suite

CASES = """\
  - {id: a, prompt: one, repeat: 2, tags: [smoke], assert: [{contains: hello}]}
  - {id: b, prompt: two}
"""
VARIANTS = "variants: {short: {}, long: {}}\n"


def small(folder: Path, **options: Any) -> Plan:
    return plan_of(write_cases(folder, CASES, VARIANTS), **options)


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ({}, 6),
        ({"repeat": 3}, 12),
        ({"tags": ["smoke"]}, 4),
        ({"keyword": "short and not b"}, 2),
        ({"only": ["b[long]"]}, 1),
        ({"only": ["a", "test::b[long]"]}, 5),
        ({"shard": "1/2"}, 3),
        ({"ids": frozenset({"test::b[long]"})}, 1),
        ({"ids": frozenset(), "cases": frozenset({CaseKey("test", "a", "long")})}, 2),
        (
            {
                "ids": frozenset({"test::b[long]"}),
                "cases": frozenset({CaseKey("test", "a", "long")}),
                "repeat": 3,
            },
            3,
        ),
    ],
)
def test_the_selected_trials_are_counted(
    tmp_path: Path, options: dict[str, Any], number: int
) -> None:
    chosen = small(tmp_path, **options)

    assert chosen.count() == number == len(list(chosen.trials()))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"keyword": "zzz"}, "none of the 2 cases is selected"),
        ({"only": ["a", "x", "b[none]"]}, "`only` matches no trial: `b[none]`, `x`"),
        ({"only": ["x"]}, "`only` matches no trial: `x`"),
        ({"only": ["x"], "tags": ["smoke"]}, "`only` matches no trial: `x`"),
        ({"only": ["b"], "tags": ["smoke"]}, "none of the 2 cases is selected"),
        ({"only": ["a#3"]}, "`only` matches no trial: `a#3`"),
        ({"keyword": "short and b", "shard": "2/2"}, "this shard is empty"),
        ({"keyword": "zzz", "shard": "2/2"}, "none of the 2 cases is selected"),
    ],
)
def test_a_selection_without_trials_says_why(
    tmp_path: Path, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(NothingSelectedError) as caught:
        small(tmp_path, **options).count()

    assert str(caught.value).startswith(problem)


def test_an_id_whose_trials_are_all_in_another_shard_is_no_mistake(tmp_path: Path) -> None:
    chosen = small(tmp_path, only=["a[short]", "b[long]"], shard="1/2")

    assert [trial.id for trial in chosen.trials()] == ["test::a[short]#1", "test::a[short]#2"]
    assert chosen.count() == 2


def test_a_folder_without_suites_says_so(tmp_path: Path) -> None:
    with pytest.raises(NothingSelectedError, match="no suites were found"):
        plan_of(tmp_path).count()


def test_all_mistakes_of_all_files_are_reported_each_file_from_its_top(tmp_path: Path) -> None:
    late = "  - {id: a, prompt: '{{ x }}'}\n  - {id: b, prompt: Hi, assert: [{contians: x}]}\n"
    head = "suite: one\nrequest: {model: m}\ncases:\n"
    one = write_suite(tmp_path, head + late, "one.suite.yaml")
    two = write_suite(tmp_path, "suite: two\n", "two.suite.yaml")

    with pytest.raises(BrokenSuitesError) as caught:
        plan_run(RunOptions([tmp_path]))

    places = [(error.span.path, error.span.line) for error in caught.value.errors]
    assert places == sorted(places)
    assert {path for path, _ in places} == {one, two}


def test_a_second_suite_of_the_same_name_is_refused(tmp_path: Path) -> None:
    first = write_cases(tmp_path, CASES)
    second = write_suite(tmp_path, first.read_text(), "second.suite.yaml")

    with pytest.raises(BrokenSuitesError, match="a second suite is called `test`") as caught:
        plan_of(first, second)

    assert caught.value.errors[0].span.path == second


def test_a_suite_of_plain_data_is_checked_but_not_added(tmp_path: Path) -> None:
    book = SuiteBook(RunOptions([tmp_path]))
    data = {"suite": "made", "request": {"model": "m"}, "cases": [{"id": "a", "prompt": "Hi"}]}

    suite = book.make(tmp_path / "made", data)

    assert (suite.name, len(suite.cases)) == ("made", 1)
    assert book.plan().suites == ()
    broken = {**data, "cases": [{"id": "a", "promt": "Hi"}]}
    with pytest.raises(BrokenSuitesError) as caught:
        book.make(tmp_path / "made", broken)
    written = suite_text(broken).splitlines()
    lines = {error.span.line for error in caught.value.errors}
    assert any('"promt"' in written[line - 1] for line in lines)


def test_an_interactive_plan_selects_nothing_and_expects_every_variant(tmp_path: Path) -> None:
    book = SuiteBook(RunOptions([tmp_path], keyword="short"))
    suite = book.load(write_cases(tmp_path, CASES, VARIANTS))

    chosen, interactive = book.plan(), book.plan(is_interactive=True)

    trial = next(chosen.trials())
    assert list(interactive.trials()) == []
    assert chosen.expected_variants(trial) == frozenset({"short"})
    assert interactive.expected_variants(trial) == frozenset({"short", "long"})
    assert trial.suite is suite


def test_a_plan_keeps_what_running_a_trial_again_needs(tmp_path: Path) -> None:
    flags = {"base_url": "simulator", "judge": "j", "concurrency": 3}

    chosen = small(tmp_path, assignments=["request.top_k=1"], repeat=2, flags=flags)

    assert chosen.options == RerunOptions(("request.top_k=1",), 2, "j", "simulator")
