"""What a service says is no command to the CI service that reads the log: processes, a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import command
from tests.support.replies import message_bytes
from tests.support.servers import answering, response, serving
from tests.support.suites import write_cases

pytestmark = pytest.mark.slow  # the command line in processes

COMMANDS = "::error::x\n  ::set-output name=a::b\nx ##[error]y ##vso[task.setvariable variable=a]z"
CASES = "".join(f"  - {{id: {name}, prompt: {name}, assert: [{{equals: x}}]}}\n" for name in "abcd")
ERROR = json.dumps({"type": "error", "error": {"type": "##vso[x]", "message": COMMANDS}}).encode()
ANSWERS = (
    response(message_bytes(COMMANDS)),
    response(ERROR, "400 Bad Request"),
    response(COMMANDS.encode(), "400 Bad Request", "text/plain"),
    response(COMMANDS.encode(), "200 OK", "text/plain"),
)


def commands_in(done: subprocess.CompletedProcess[str]) -> list[str]:
    lines = (done.stdout + "\n" + done.stderr).splitlines()
    return [
        line
        for line in lines
        if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line.lower()
    ]


def test_no_text_of_a_service_is_a_command_in_a_log(tmp_path: Path) -> None:
    path = write_cases(tmp_path, CASES)
    (tmp_path / "harness.toml").write_text('auth = "none"\nconcurrency = 1\n')
    run = [*command("run"), path.name, "--base-url"]
    tests = [sys.executable, "-m", "pytest", path.name, "-v", "--harness-base-url"]

    done = []
    for words in (run, [*run[:-1], "--json", "--base-url"], tests):
        with serving(answering(*ANSWERS)) as server:
            done.append(
                subprocess.run(
                    [*words, server.url], cwd=tmp_path, capture_output=True, text=True, check=False
                )
            )

    assert [commands_in(each) for each in done] == [[], [], []]
    assert json.loads(done[1].stdout)["exit_code"] == done[0].returncode != 0
    assert "4 failed" in done[2].stdout
    assert "x23#" in done[0].stdout
