"""The first and the last line of a run file, typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.rerun_options import RerunOptions
from harness.model.run_file import MergeHead, RunEnd, RunHead, ShardHead
from harness.model.suite_head import MetricHead, SuiteHead

TEXT = st.text(max_size=5)
OPTIONAL_TEXT = st.none() | st.text(min_size=1, max_size=5)
COUNT = st.integers(1, 9)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
OPTIONS = st.builds(
    RerunOptions,
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | COUNT,
    OPTIONAL_TEXT,
    OPTIONAL_TEXT,
    st.booleans(),
)
METRICS = st.lists(
    st.builds(MetricHead, TEXT, TEXT, NUMBER, NUMBER), max_size=2, unique_by=lambda one: one.name
)
SUITES = st.builds(
    SuiteHead, TEXT, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple), COUNT,
    METRICS.map(tuple), st.none() | st.dictionaries(TEXT, TEXT, max_size=2),
)  # fmt: skip
HEADS = st.builds(
    RunHead,
    id=TEXT,
    started=TEXT,
    harness=TEXT,
    pid=st.none() | COUNT,
    command=st.lists(TEXT, max_size=2).map(tuple),
    git=OPTIONAL_TEXT,
    dirty=st.none() | st.booleans(),
    previous_run_file=OPTIONAL_TEXT,
    partial=st.booleans(),
    shard=st.none() | st.builds(ShardHead, COUNT, COUNT, OPTIONAL_TEXT),
    merged=st.none()
    | st.builds(MergeHead, st.lists(TEXT).map(tuple), st.lists(COUNT, max_size=2).map(tuple)),
    judge=OPTIONAL_TEXT,
    simulated=st.booleans(),
    options=OPTIONS,
    suites=st.lists(SUITES, max_size=2).map(tuple),
    settings=st.dictionaries(TEXT, TEXT, max_size=2),
)
ENDS = st.builds(
    RunEnd,
    st.sampled_from(["finished", "interrupted", "stopped"]),
    st.none() | st.integers(0, 130),
    st.floats(0, 1e6),
    OPTIONAL_TEXT,
    st.none() | COUNT,
    st.lists(st.tuples(st.floats(0, 10), COUNT), max_size=2).map(tuple),
    st.fixed_dictionaries({"total": st.just({"trials": 1}), "groups": st.just([{"suite": "a"}])}),
)


@given(HEADS)
def test_a_first_line_that_was_written_is_read_as_it_was(head: RunHead) -> None:
    assert RunHead.from_data(json.loads(json.dumps(head.as_data()))) == head


@given(ENDS)
def test_a_last_line_that_was_written_is_read_as_it_was(end: RunEnd) -> None:
    assert RunEnd.from_data(json.loads(json.dumps(end.as_data()))) == end


def test_missing_keys_have_defaults_and_unknown_ones_are_left_out() -> None:
    head = RunHead.from_data({"kind": "run", "format": 1, "id": "r1", "from_the_future": [1]})

    assert head == RunHead("r1")
    assert "from_the_future" not in head.as_data()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"id": 5}, "`id` is a whole number, and should be text"),
        ({"id": None}, "`id` is null, and should be text"),
        ({"started": True}, "`started` is true or false, and should be text"),
        ({"pid": "1"}, "`pid` is text, and should be a whole number"),
        ({"partial": 1}, "`partial` is a whole number, and should be true or false"),
        ({"command": "harness"}, "`command` is text, and should be a list"),
        ({"command": [1]}, "`command` has a whole number where text belongs"),
        ({"suites": "none"}, "`suites` is text, and should be a list"),
        ({"suites": ["a"]}, "`suites` has text where an object belongs"),
        ({"suites": [{"name": "a", "cases": 1.5}]}, "`cases` is a number, and should be a whole"),
        ({"suites": [{"metrics": {"m": 1}}]}, "`m` is a whole number, and should be an object"),
        ({"shard": {"number": 1}}, "`of` is missing"),
        ({"shard": [1, 2]}, "`shard` is a list, and should be an object"),
        ({"merged": {"runs": [], "missing": ["2"]}}, "`missing` has text where a whole number"),
        ({"options": 5}, "`options` is a whole number, and should be an object"),
        ({"options": {"set": "a=b"}}, "`set` is text, and should be a list"),
        ({"options": {"repeat": True}}, "`repeat` is true or false, and should be a whole number"),
        ({"options": ["--repeat", "many"]}, "`repeat` is not a whole number: 'many'"),
        ({"settings": []}, "`settings` is a list, and should be an object"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RunHead.from_data(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"status": 5}, "`status` is a whole number"),
        ({"seconds": "1"}, "`seconds` is text, and should be a number"),
        ({"exit_code": [1]}, "`exit_code` is a list"),
        ({"limits": [[1]]}, "`limits` has something that is not a pair of numbers"),
        ({"limits": [[1, "2"]]}, "`limits` has something that is not a pair of numbers"),
    ],
)
def test_a_value_of_the_last_line_of_the_wrong_type_is_named(
    data: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        RunEnd.from_data(data)


def test_groups_are_read_when_they_are_asked_for() -> None:
    assert RunEnd.from_data({"groups": [{"suite": "a"}]}).groups == ({"suite": "a"},)
    with pytest.raises(ValueError, match="`groups` has text where an object belongs"):
        _ = RunEnd.from_data({"groups": ["x"]}).groups


def test_an_end_that_does_not_say_so_is_not_that_of_a_finished_run() -> None:
    assert not RunEnd.from_data({"kind": "end", "exit_code": 0}).is_finished
    assert RunEnd.from_data({"kind": "end", "status": "finished"}).is_finished


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"merged": {"runs": ["a"], "missing": []}}, True),
        ({"partial": True}, False),
        ({"shard": {"number": 1, "of": 2}}, False),
        ({"merged": {"runs": ["a"], "missing": [2]}}, False),
    ],
)
def test_a_run_has_all_cases_unless_some_were_selected_or_are_missing(
    changes: dict[str, Any], expected: bool
) -> None:
    assert RunHead.from_data({"id": "r1", **changes}).has_all_cases is expected


def test_judges_are_listed_one_by_one() -> None:
    assert RunHead("r1", judge="a, b").judges == ("a", "b")
    assert RunHead("r1").judges == ()
