"""`harness assertions`."""

from __future__ import annotations

import click

_EPILOG = """\b
Examples:
  harness assertions                 list all, one per line
  harness assertions calls_tool      describe one
"""


@click.command("assertions", epilog=_EPILOG)
@click.argument("name", required=False)
@click.option("--page", is_flag=True, help="Print the documentation page, in Markdown.")
def assertions_command(name: str | None, *, page: bool) -> int:
    """List the assertions, or describe the one called NAME."""
    from harness.app.plan import documentation  # only this command needs it

    if page:
        click.echo(documentation.assertions_documentation(), nl=False)
    elif name is None:
        click.echo("\n".join(documentation.list_assertions()).rstrip())
    else:
        click.echo(documentation.explain_assertion(name))
    return 0
