"""The command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEY = {"HARNESS_API_KEY": "sk-canary-4711"}


def harness(
    *arguments: str | Path, cwd: Path, environment: Mapping[str, str] = KEY
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment_with(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "harness", *map(str, arguments)]


def environment_with(environment: Mapping[str, str] = KEY) -> dict[str, str]:
    ours = ("HARNESS_", "GITHUB_")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**plain, **environment}


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def latest(folder: Path) -> Path:
    return folder / "reports" / "latest" / "run.jsonl"


def outcomes_of(path: Path) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in lines_of(path) if line["kind"] == "outcome"}
