"""`harness simulate`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness import app
from harness.printable import visible

_EPILOG = """\b
Examples:
  harness simulate --port 8000
  harness simulate --rules my.rules.yaml --latency 0.2
  HARNESS_API_KEY=any harness run suites --base-url http://127.0.0.1:8000
"""


@click.command("simulate", epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="0 picks a free one.",
)
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML file with the replies.  [default: `simulator_rules` of the settings]",
)
@click.option("--key", help="Accept only this API key.  [default: any key]")
@click.option("--latency", type=click.FloatRange(0), help="Seconds to wait before each reply.")
def simulate_command(
    host: str, port: int, rules: Path | None, key: str | None, latency: float | None
) -> int:
    """Run the simulator, a server that speaks the Messages API without a model."""
    app.serve_simulator(host, port, rules, key, latency, _ready)
    return 0


def _ready(url: str, rules: Path | None) -> None:
    rules_text = (
        f"rules from {visible(str(rules))}" if rules else "no rules, so every reply is the same"
    )
    click.echo(f"simulator (no model) listening on {url}, {rules_text}; press Ctrl-C to stop")
    sys.stdout.flush()
