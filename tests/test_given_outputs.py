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


def test_a_trial_without_an_output_is_told_before_anything_is_judged(tmp_path: Path) -> None:
    (tmp_path / "t.suite.yaml").write_text(SUITE)
    (tmp_path / "o.jsonl").write_text('{"case": "a", "output": "yes"}\n')

    done = harness("score", "--outputs", "o.jsonl", "t.suite.yaml", cwd=tmp_path)

    assert done.returncode == 2
    assert "o.jsonl has no output of `t::b`" in done.stderr
    assert not (tmp_path / "reports").exists()
