"""What starting costs: heavy imports happen where they are used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = ("httpx", "jinja2", "jsonschema", "rich", "aiohttp", "starlette", "tabulate", "yaml")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_but_itself() -> None:
    assert modules_after("import harness") - modules_after("pass") == {"harness"}


def test_an_assertion_package_imports_nothing_heavy() -> None:
    names = "AssertionRegistry, Duration, TrueOnly, Reply, Verdict"

    assert modules_after(f"from harness import {names}").isdisjoint(HEAVY)


def test_the_command_line_starts_without_the_client_and_the_simulator() -> None:
    loaded = modules_after("import harness.cli")

    assert loaded.isdisjoint({*HEAVY, "sqlite3", "statistics"} - {"yaml"})


def test_a_suite_whose_templates_only_put_in_variables_is_planned_without_jinja(
    tmp_path: Path,
) -> None:
    suite = tmp_path / "a.suite.yaml"
    suite.write_text(
        "suite: a\nrequest: {model: m}\n"
        "cases: [{id: b, vars: {x: 1}, prompt: 'Hi {{ x }}', assert: [{contains: y}]}]\n"
    )

    planning = f"app.plan_run(app.RunOptions(paths=[Path({str(suite)!r})]))"
    loaded = modules_after(f"from pathlib import Path; from harness import app; {planning}")

    assert "yaml" in loaded
    assert "jinja2" not in loaded


def test_importing_httpx_for_the_client_leaves_its_command_line_out() -> None:
    loaded = modules_after("import harness.client.transport")

    assert "httpx" in loaded
    assert loaded.isdisjoint({"httpx._main", "pygments", "rich"})


def test_a_command_imports_no_other_and_comparing_plans_nothing() -> None:
    loaded = modules_after(
        "from click.testing import CliRunner; from harness.cli.main import group; "
        "CliRunner().invoke(group, ['compare', 'no', 'such'])"
    )

    assert "harness.app.compare.comparing" in loaded
    assert loaded.isdisjoint({"harness.cli.run", "harness.app.plan.planning", *HEAVY})
