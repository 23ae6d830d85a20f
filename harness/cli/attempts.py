"""What is done after a run: its errors are collected, because they must not hide the results."""

from __future__ import annotations

from collections.abc import Callable

from harness.cli.vocabulary import shown
from harness.errors import StoreError


def errors_of(action: Callable[[], None]) -> list[str]:
    """Do something and return what went wrong: nothing, or one message."""
    try:
        action()
    except StoreError as error:
        return [shown(error)]
    return []
