"""Where a run comes from and what it came to, as its file says it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness import __version__
from harness.app.execute.run_metadata import run_end, run_head, suite_head
from harness.exit_code import ExitCode
from harness.model.rerun_options import RerunOptions
from harness.model.run_file import RunHead
from harness.model.suite_head import MetricHead
from harness.running.stopping import INTERRUPTED, Stop
from tests.support.suites import plan_of, write_cases, write_suite
from tests.support.trials import record, summed

CASES = """\
  - {id: a, prompt: one, vars: {n: 1}}
  - {id: b, prompt: two}
"""
STARTED = datetime(2026, 11, 1, 10, 15, 0, 123456, tzinfo=UTC)


def head_of(*paths: Path, previous: Path | None = None, **options: Any) -> RunHead:
    plan = plan_of(*paths, **options)
    return run_head("r1", STARTED, plan, plan.settings, ["harness", "run"], previous)


def test_a_run_says_when_it_began_who_ran_it_and_what_it_followed(tmp_path: Path) -> None:
    head = head_of(write_cases(tmp_path, CASES), previous=tmp_path / "old.jsonl")

    assert (head.id, head.started) == ("r1", "2026-11-01T10:15:00.123+00:00")
    assert (head.harness, head.command) == (__version__, ("harness", "run"))
    assert head.previous_run_file == str(tmp_path / "old.jsonl")
    assert (head.simulated, head.judge, head.shard, head.partial) == (False, None, None, False)


def test_a_key_is_in_no_setting(tmp_path: Path) -> None:
    environment = {"HARNESS_API_KEY": "sk-secret-1", "HARNESS_BASE_URL": "https://example.com"}

    head = head_of(write_cases(tmp_path, CASES), environment=environment)

    assert head.settings["base_url"] == "https://example.com"
    assert "sk-secret-1" not in str(head.as_data())


def test_options_that_a_rerun_needs_are_kept_as_data(tmp_path: Path) -> None:
    flags = {"base_url": "simulator", "judge": "j", "allow_code": True, "concurrency": 4}

    head = head_of(
        write_cases(tmp_path, CASES), flags=flags, repeat=3, assignments=["request.top_k=1"]
    )

    assert head.options == RerunOptions(("request.top_k=1",), 3, "j", "simulator", allow_code=True)
    assert head.simulated


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, False),
        ({"only": ["test::a"]}, True),
        ({"keyword": "a"}, True),
        ({"shard": "1/2"}, False),
    ],
)
def test_a_run_is_partial_if_cases_were_selected_but_not_as_a_shard(
    tmp_path: Path, options: dict[str, Any], expected: bool
) -> None:
    head = head_of(write_cases(tmp_path, CASES), **options)

    assert head.partial is expected


def test_shards_of_one_plan_have_one_hash_and_other_variables_another(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    first, second = head_of(path, shard="1/2").shard, head_of(path, shard="2/2").shard
    other = head_of(write_cases(tmp_path, CASES.replace("n: 1", "n: 2")), shard="1/2").shard

    assert first is not None
    assert second is not None
    assert other is not None
    assert (first.number, first.of, second.number) == (1, 2, 2)
    assert first.plan == second.plan
    assert first.plan != other.plan


def test_a_suite_is_described_with_its_variants_and_metrics(tmp_path: Path) -> None:
    text = """\
suite: desk
description: The desk.
request: {model: m}
variants: {short: {request: {max_tokens: 5}}, long: {request: {max_tokens: 500}}}
metrics: {half: {value: spam.mean / 2, min: 0.1}}
cases:
  - {id: a, prompt: one, assert: [{contains: x, metric: spam}]}
"""
    (suite,) = plan_of(write_suite(tmp_path, text)).suites

    head = suite_head(suite)

    assert (head.name, head.description, head.cases) == ("desk", "The desk.", 1)
    assert head.variants == ("short", "long")
    assert head.metrics == (MetricHead("half", "spam.mean / 2", min=0.1),)
    assert (head.path, head.sha256) == (str(suite.span.path), suite.digest)


def test_a_suite_is_described_with_the_files_that_it_includes(tmp_path: Path) -> None:
    (tmp_path / "ask.md").write_text("Hello")
    (suite,) = plan_of(write_cases(tmp_path, "  - {id: a, prompt: {file: ask.md}}\n")).suites

    assert suite_head(suite).files == {"ask.md": hashlib.sha256(b"Hello").hexdigest()}


@pytest.mark.parametrize(
    ("stop", "status", "why"),
    [
        (None, "finished", None),
        (INTERRUPTED, "interrupted", INTERRUPTED.why),
        (Stop("the budget is spent", ExitCode.STOPPED), "stopped", "the budget is spent"),
    ],
)
def test_an_end_says_how_and_why_it_came(stop: Stop | None, status: str, why: str | None) -> None:
    summary = summed(record(0), record(1, "failed"))

    end = run_end(summary, ExitCode.FAILED, stop, 2.5, 7, [(0.0, 4)])

    assert (end.status, end.stopped, end.exit_code) == (status, why, 1)
    assert (end.seconds, end.planned, end.limits) == (2.5, 7, ((0.0, 4),))
    assert end.summary["total"]["trials"] == 2


def test_variants_that_send_the_same_request_are_named_in_their_suite(tmp_path: Path) -> None:
    same = "  - {id: a, prompt: one, request: {temperature: 1}}\n"
    path = write_cases(tmp_path, same, "matrix: {temperature: [0, 0.7]}\n")

    head = head_of(path, shard="1/2")

    assert [found.variants for found in head.identical_variants] == [("0", "0.7")]
    assert RunHead.from_data(head.as_data()).as_data() == head.as_data()
