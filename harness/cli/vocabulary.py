"""Options as the command line spells them."""

from __future__ import annotations

from harness.errors import HarnessError
from harness.wording import COMMAND, Words, worded


def shown(message: Words | HarnessError) -> str:
    """Return a message or an error as a person at the command line reads it."""
    if isinstance(message, HarnessError):
        return message.message_in(COMMAND)
    return worded(message, COMMAND)
