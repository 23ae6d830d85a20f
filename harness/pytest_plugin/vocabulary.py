"""Options as pytest's command line spells them."""

from __future__ import annotations

from harness.errors import HarnessError
from harness.pytest_plugin.options import OPTIONS
from harness.wording import Option, Words, worded


class PytestVocabulary:
    """Spells options as `--harness-…`; those that pytest does not have keep their own name."""

    def option(self, option: Option) -> str:
        """Return a flag, with its value if it has one."""
        name = option.flag.removeprefix("--")
        flag = f"--harness-{name}" if name in OPTIONS else option.flag
        return " ".join([flag, *option.arguments[1:]])


PYTEST = PytestVocabulary()


def shown(message: Words | HarnessError) -> str:
    """Return a message or an error as a person who runs pytest reads it."""
    if isinstance(message, HarnessError):
        return message.message_in(PYTEST)
    return worded(message, PYTEST)
