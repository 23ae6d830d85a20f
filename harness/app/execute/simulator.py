"""The simulator, beside a run or as a server of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import BrokenSuitesError, SuiteError
from harness.loading.nodes import data_of
from harness.loading.settings import read_settings
from harness.loading.shape import ShapeChecker
from harness.loading.yaml_reader import compose, read_source

if TYPE_CHECKING:
    from harness.simulator.rules import Rules


@asynccontextmanager
async def simulator_beside(rules: Rules) -> AsyncIterator[str]:
    """Run the simulator on this machine until the block ends, and give its base URL."""
    from harness.simulator.application import Simulator
    from harness.simulator.server import running

    async with running(Simulator(rules)) as base_url:
        yield base_url


def simulator_rules(path: Path | None, latency: float | None = None) -> Rules:
    """Return the simulator's rules from a file, or none.

    Raises:
        BrokenSuitesError: The file is broken.
    """
    from harness.simulator.rules import Rules
    from harness.simulator.rules_file import RULES_SCHEMA, rules_from

    if path is None:
        return Rules(latency=latency or 0.0)
    problems: list[SuiteError] = []
    try:
        node = compose(read_source(path), problems)
        data = data_of(node)
        problems += ShapeChecker(RULES_SCHEMA).problems(node, data)
        if not problems:
            return rules_from(data, latency=latency)
    except SuiteError as error:
        problems.append(error)
    except re.error as error:
        fix = "mend the pattern"
        problems.append(SuiteError(node.span, f"a pattern is broken: {error}", fix))
    raise BrokenSuitesError(problems)


def serve_simulator(
    host: str,
    port: int,
    rules: Path | None,
    key: str | None,
    latency: float | None,
    ready: Callable[[str, Path | None], None],
) -> None:
    """Run the simulator as a server until it is interrupted.

    Args:
        host: The address to listen on.
        port: The port; 0 takes a free one.
        rules: What to answer; None takes the rules of the settings that hold in this folder.
        key: The only key to accept.
        latency: Seconds before a reply for which no rule says otherwise.
        ready: Is told the base URL and the rules.

    Raises:
        BrokenSuitesError: The rules are broken.
        SettingsError: The port is taken, or the settings are unusable.
    """
    from harness.simulator.application import Simulator
    from harness.simulator.server import serve

    chosen = rules or read_settings(Path(), {}, {}).simulator_rules
    simulator = Simulator(simulator_rules(chosen, latency), key=key)
    serve(simulator, host, port, lambda url: ready(url, chosen))
