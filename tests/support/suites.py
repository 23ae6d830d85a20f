"""Suites written for a test, and loaded the way the command line loads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness import app
from harness.errors import BrokenSuitesError, SuiteError


def write_suite(folder: Path, text: str, name: str = "test.suite.yaml") -> Path:
    """Write a suite below `folder`, which is made the root of a project."""
    (folder / "harness.toml").touch()
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def write_cases(folder: Path, cases: str, head: str = "") -> Path:
    """Write a suite with a model and these cases, each line of them indented by two."""
    return write_suite(folder, f"suite: test\nrequest: {{model: m}}\n{head}cases:\n{cases}")


def plan_of(*paths: Path, **options: Any) -> app.Plan:
    """Load suites with an empty environment."""
    environment: Mapping[str, str] = options.pop("environment", {})
    return app.plan_run(app.RunOptions(paths=paths, environment=environment, **options))


def problems_in(*paths: Path, **options: Any) -> tuple[SuiteError, ...]:
    """Return what loading finds wrong."""
    try:
        plan_of(*paths, **options)
    except BrokenSuitesError as error:
        return error.errors
    return ()
