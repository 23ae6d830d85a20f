"""`harness score --outputs`: one's own outputs, judged by a suite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.processes import harness, latest, outcomes_of

pytestmark = pytest.mark.slow  # the command line in processes

SUITE = """\
suite: t
request: {model: m}
cases:
  - {id: a, prompt: Hi, assert: [{contains: yes}]}
  - {id: b, prompt: Ho, assert: [{contains: yes}, {max_latency: 1s}]}
"""


def test_outputs_are_judged_without_a_server_or_a_key(tmp_path: Path) -> None:
    (tmp_path / "t.suite.yaml").write_text(SUITE)
    lines = [{"case": "a", "output": "yes"}, {"case": "b", "output": "no"}]
    (tmp_path / "o.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    done = harness("score", "--outputs", "o.jsonl", "t.suite.yaml", cwd=tmp_path)
    table = harness("report", "latest", "--format", "jsonl", "-o", "-", cwd=tmp_path)

    assert done.returncode == 1
    assert "2 trials came with their replies, so no request was sent" in done.stdout
    outcomes = outcomes_of(latest(tmp_path))
    assert {name: one["outcome"] for name, one in outcomes.items()} == {
        "t::a": "passed",
        "t::b": "failed",
    }
    assert {json.loads(line)["answered_by"] for line in table.stdout.splitlines()} == {"given"}


def test_outputs_that_stand_in_a_suite_are_judged_without_a_server_or_a_model(
    tmp_path: Path,
) -> None:
    (tmp_path / "rows.csv").write_text("answer,want\nthe capital is Paris,Paris\nno idea,Rome\n")
    (tmp_path / "t.suite.yaml").write_text(
        "suite: t\ncases:\n"
        "  - {id: 'a-{{ row }}', dataset: rows.csv, output: '{{ answer }}',"
        " assert: [{contains: '{{ want }}'}]}\n"
        "  - {id: b, prompt: 'What was asked', output: plain, assert: [{equals: plain}]}\n"
    )

    done = harness("run", "t.suite.yaml", cwd=tmp_path)

    assert done.returncode == 1
    assert "3 trials came with their replies, so no request was sent" in done.stdout
    assert {name: one["outcome"] for name, one in outcomes_of(latest(tmp_path)).items()} == {
        "t::a-1": "passed",
        "t::a-2": "failed",
        "t::b": "passed",
    }


def test_a_suite_may_have_given_outputs_beside_prompts(tmp_path: Path) -> None:
    (tmp_path / "t.suite.yaml").write_text(
        "suite: t\nrequest: {model: m}\ncases:\n"
        "  - {id: a, prompt: Hi, output: yes, assert: [{equals: 'yes'}]}\n"
        "  - {id: b, prompt: Hi, assert: [{matches: .}]}\n"
    )

    done = harness("run", "t.suite.yaml", "--base-url", "simulator", cwd=tmp_path)

    assert done.returncode == 0
    assert "1 trial came with" in done.stdout
    origins = {n: o["reply"]["origin"] for n, o in outcomes_of(latest(tmp_path)).items()}
    assert origins == {"t::a": "given", "t::b": "service"}


def test_a_trial_without_an_output_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    (tmp_path / "t.suite.yaml").write_text(SUITE)
    (tmp_path / "o.jsonl").write_text('{"case": "a", "output": "yes"}\n')

    done = harness("score", "--outputs", "o.jsonl", "t.suite.yaml", cwd=tmp_path)

    assert done.returncode == 2
    assert "o.jsonl has no output of `t::b`" in done.stderr
    assert not (tmp_path / "reports").exists()
