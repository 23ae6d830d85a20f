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
from harness.model.request_ranges import API_RANGES, RequestRanges

if TYPE_CHECKING:
    from harness.simulator.rules import Rules


@asynccontextmanager
async def simulator_beside(rules: Rules, ranges: RequestRanges = API_RANGES) -> AsyncIterator[str]:
    """Run the simulator on this machine until the block ends; yield its base URL."""
    # Imported here because most runs have a service, and need neither starlette nor uvicorn.
    from harness.simulator.application import Simulator
    from harness.simulator.server import running

    async with running(Simulator(rules, ranges=ranges)) as base_url:
        yield base_url


def simulator_rules(path: Path | None, latency: float | None = None) -> Rules:
    """Return the rules of a file, or the rules of a simulator without a file.

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
        # The schema checks shapes; whether a pattern compiles is known only once it is compiled.
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
        port: The port; 0 chooses a free one.
        rules: The file of rules; None uses the rules in the settings of the current folder.
        key: The only key to accept; None accepts all.
        latency: Seconds before each reply whose rule sets no latency.
        ready: Is called with the base URL and the file of rules once the server accepts requests.

    Raises:
        BrokenSuitesError: The rules are broken.
        SettingsError: The port is taken, or the settings are unusable.
    """
    from harness.simulator.application import Simulator
    from harness.simulator.server import serve

    settings = read_settings(Path(), {}, {})
    chosen = rules or settings.simulator_rules
    ranges = settings.service.ranges
    simulator = Simulator(simulator_rules(chosen, latency), key=key, ranges=ranges)
    serve(simulator, host, port, lambda url: ready(url, chosen))
