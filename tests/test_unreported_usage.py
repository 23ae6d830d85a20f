"""What a service does not report is not zero: processes and a real server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import harness, latest, outcomes_of
from tests.support.replies import message_bytes
from tests.support.servers import answering, response, serving
from tests.support.suites import write_cases

pytestmark = pytest.mark.slow  # the command line in processes

CASES = """\
  - {id: a, prompt: a, assert: [{contains: hello}]}
  - {id: b, prompt: b, assert: [{max_output_tokens: 50}]}
  - {id: c, prompt: c, assert: [{that: usage.input_tokens < 50}]}
  - {id: d, prompt: d, assert: [{max_cost: 0.5}]}
"""
PRICES = (
    "[prices]\nclaude-haiku-4-5 = {input = 1.0, output = 5.0}\nm = {input = 1.0, output = 5.0}\n"
)
ABSENT: dict[str, Any] = {
    "absent": {},
    "null": None,
    "zero": {"input_tokens": 0, "output_tokens": 0},
}


def run(
    folder: Path, usage: dict[str, int] | None, *options: str, prices: str = PRICES
) -> subprocess.CompletedProcess[str]:
    path = write_cases(folder, CASES)
    (folder / "harness.toml").write_text(prices)
    answer = answering(response(message_bytes("hello", usage=usage)))
    with serving(answer) as server:
        return harness(
            "run", path.name, "--base-url", server.url, "--concurrency", "1", *options, cwd=folder
        )


@pytest.mark.parametrize("usage", ABSENT.values(), ids=ABSENT)
def test_limits_are_errored_and_totals_say_so(tmp_path: Path, usage: dict[str, int] | None) -> None:
    done = run(tmp_path, usage)

    outcomes = {name[-1]: each for name, each in outcomes_of(latest(tmp_path)).items()}
    labels = {name: outcome["outcome"] for name, outcome in outcomes.items()}
    assert labels == {"a": "passed", "b": "errored", "c": "errored", "d": "errored"}
    assert all(outcome["cost"] is None for outcome in outcomes.values())
    assert done.returncode == 3
    assert "4 trials without all token counts" in done.stdout
    assert "at least 0 + 0 tokens" in done.stdout


def test_a_bounded_run_stops_after_the_first_such_reply(tmp_path: Path) -> None:
    done = run(tmp_path, None, "--max-cost", "1")

    assert done.returncode == 4
    assert len(outcomes_of(latest(tmp_path))) < 4
    assert "did not report the tokens of a reply" in done.stdout + done.stderr
    assert "limit the time or the number of trials instead" in done.stdout + done.stderr


def test_reported_counts_are_judged(tmp_path: Path) -> None:
    done = run(tmp_path, {"input_tokens": 10, "output_tokens": 5}, "--max-cost", "1")

    assert done.returncode == 0
    assert "40 + 20 tokens" in done.stdout


def test_a_limit_on_cost_without_a_price_is_a_warning_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    path = write_cases(tmp_path, CASES)
    (tmp_path / "harness.toml").write_text("")

    done = harness("validate", path.name, cwd=tmp_path)
    strict = harness("validate", "--strict", path.name, cwd=tmp_path)
    data = json.loads(harness("validate", "--json", path.name, cwd=tmp_path).stdout)

    assert done.returncode == 0
    assert "`max_cost` cannot be judged: there is no price for" in done.stdout
    assert "1 warning" in done.stdout
    assert strict.returncode == 2
    assert data["warnings"][0]["fix"] == "add it to [prices] in harness.toml"
