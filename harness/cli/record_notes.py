"""Prints what to know of the records that a command reads."""

from __future__ import annotations

from collections.abc import Iterable

import click

from harness import app
from harness.printable import visible


def print_record_notes(
    names: Iterable[str], options: app.RunOptions, *, compared_within: str | None = None
) -> None:
    """Print notes about runs and baselines on standard error, away from reports and documents.

    Args:
        names: The runs and baselines.
        options: Say where they are kept.
        compared_within: A run whose variants are compared with each other.
    """
    notes = dict.fromkeys(note for name in names for note in app.record_notes(name, options))
    if compared_within is not None and (same := app.same_request_note(compared_within, options)):
        notes[same] = None
    print_notes(notes)


def print_notes(notes: Iterable[str]) -> None:
    """Print notes on standard error, each once: a run may be compared with itself."""
    for note in dict.fromkeys(notes):
        click.echo(f"note: {visible(note)}", err=True)
