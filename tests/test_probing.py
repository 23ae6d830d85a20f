"""`harness probe` as a process, and the warnings of the runs after it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.processes import harness

SUITE = """\
suite: t
request: {model: m, extra: {tools: [{name: find}]}}
cases: [{id: a, prompt: Hi, assert: [{contains: simulator}]}]
"""


def test_a_probe_prints_a_table_and_later_runs_warn(tmp_path: Path) -> None:
    (tmp_path / "t.suite.yaml").write_text(SUITE)

    done = harness("probe", "m", "--base-url", "simulator", "--markdown", "probe.md", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("24 requests to simulator with m: up to about")
    assert "cache_control     ignored" in done.stdout
    assert "| cache\\_control" in (tmp_path / "probe.md").read_text()
    block = "{type: text, text: x, cache_control: {type: ephemeral}}"
    cached = SUITE.replace("request: {", f"request: {{system: [{block}], ")
    (tmp_path / "t.suite.yaml").write_text(cached)
    run = harness("run", "t.suite.yaml", "--base-url", "simulator", cwd=tmp_path)
    assert run.returncode == 0, run.stdout
    assert "`cache_control` is ignored by simulator (probed on" in run.stderr + run.stdout


def test_json_is_one_document(tmp_path: Path) -> None:
    done = harness("probe", "m", "--base-url", "simulator", "--json", cwd=tmp_path)

    data = json.loads(done.stdout)
    assert (data["server"], data["model"], data["calls"]) == ("simulator", "m", 24)
    assert {"feature", "treatment", "evidence"} == set(data["findings"][0])
    assert done.stderr == ""


def test_a_server_that_is_not_there_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    done = harness("probe", "m", "--base-url", "http://127.0.0.1:9", "--auth", "none", cwd=tmp_path)

    assert done.returncode == 2
    assert "cannot connect to http://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
