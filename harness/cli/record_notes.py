"""Prints what to know of the records that a command reads."""

from __future__ import annotations

from collections.abc import Iterable

import click

from harness import app
from harness.printable import visible


def print_record_notes(names: Iterable[str], options: app.RunOptions) -> None:
    """Print notes about runs and baselines on standard error, away from reports and documents."""
    notes = dict.fromkeys(note for name in names for note in app.record_notes(name, options))
    for note in notes:  # a run that is compared with itself has the same note twice
        click.echo(f"note: {visible(note)}", err=True)
