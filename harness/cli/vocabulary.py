"""Options as the command line spells them."""

from __future__ import annotations

from harness.errors import HarnessError
from harness.wording import Option, Words, worded


class CommandLineVocabulary:
    """Spells options as flags of `harness`."""

    def option(self, option: Option) -> str:
        """Return a flag, with its value if it has one."""
        return " ".join(option.arguments)


_COMMAND_LINE = CommandLineVocabulary()


def shown(message: Words | HarnessError) -> str:
    """Return a message or an error as a person at the command line reads it."""
    if isinstance(message, HarnessError):
        return message.message_in(_COMMAND_LINE)
    return worded(message, _COMMAND_LINE)
