"""The simulator beside a run, and the rules it answers by."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from harness.app.execute.simulator import simulator_beside, simulator_rules
from harness.errors import BrokenSuitesError
from harness.simulator.rules import Rules

BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}


def test_without_a_file_there_are_the_built_in_rules() -> None:
    assert simulator_rules(None).answer(BODY).latency == 0.0
    assert simulator_rules(None, latency=0.5).answer(BODY).latency == 0.5


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("ruels: []\n", 1, "ruels"),
        ("rules:\n  - {text: '(', replies: [x]}\n", None, "pattern"),
        ("rules: [\n", None, ""),
    ],
)
def test_broken_rules_are_reported_where_they_are_written(
    tmp_path: Path, text: str, line: int | None, problem: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)

    with pytest.raises(BrokenSuitesError) as caught:
        simulator_rules(path)

    error = caught.value.errors[0]
    assert error.span.path == path
    assert problem in str(error)
    assert line is None or error.span.line == line


def test_the_rules_of_a_file_decide_what_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("rules:\n  - {text: '^Hi$', replies: [Ho]}\n")

    assert simulator_rules(path).answer(BODY).text == "Ho"


def test_it_runs_until_the_block_ends() -> None:
    async def statuses() -> tuple[int, bool]:
        async with simulator_beside(Rules()) as url, httpx.AsyncClient() as client:
            headers = {"x-api-key": "k"}
            answer = await client.post(f"{url}/v1/messages", json=BODY, headers=headers)
        try:
            async with httpx.AsyncClient() as client:
                await client.get(url)
        except httpx.ConnectError:
            return answer.status_code, True
        return answer.status_code, False

    assert asyncio.run(statuses()) == (200, True)
