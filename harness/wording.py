"""Messages that name options as data, so that each way in shows them as its own.

A mistake found deep inside may be fixed on the command line (`--judge MODEL`), under pytest
(`--harness-judge MODEL`) or in Python (`judge="MODEL"`). Only the way in knows which of them the
reader has, so an error holds a `Wording`, and the way in renders it with its `Vocabulary`.
Run files and reports are read by anyone, so they name no option, and commands as they are typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a run or a command, and the value to give it.

    Attributes:
        name: As in Python, such as `max_cost`.
        value: None where only the option is meant, or where it takes none.
    """

    name: str
    value: str | None = None

    @property
    def flag(self) -> str:
        """The option as a command of `harness` spells it."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The option with its value, as arguments of a command of `harness`."""
        return (self.flag,) if self.value is None else (self.flag, self.value)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of `harness` with its options; it reads the same in every way in."""

    name: str
    options: tuple[Option, ...] = ()

    def __str__(self) -> str:
        words = [word for option in self.options for word in option.arguments]
        return " ".join(["harness", self.name, *words])


RESUME = Command("run", (Option("resume"),))


class Vocabulary(Protocol):
    """How a way in spells options."""

    def option(self, option: Option) -> str:
        """Return an option, with its value if it has one."""


class CommandVocabulary:
    """Spells options as flags of `harness`."""

    def option(self, option: Option) -> str:
        """Return a flag, with its value if it has one."""
        return " ".join(option.arguments)


COMMAND = CommandVocabulary()


class PythonVocabulary:
    """Spells options as keyword arguments, for errors that are read without a way in."""

    def option(self, option: Option) -> str:
        """Return a keyword, or a keyword argument."""
        return option.name if option.value is None else f'{option.name}="{option.value}"'


PYTHON = PythonVocabulary()


@dataclass(frozen=True, slots=True, init=False)
class Wording:
    """A text with named placeholders for options, commands and texts.

    What a user wrote belongs into a placeholder and never into the template, because it may hold
    braces: `Wording("invalid {shard}", shard=Option("shard", text))`.
    """

    template: str
    parts: tuple[tuple[str, Option | Command | Wording | str], ...]

    def __init__(self, template: str, /, **parts: Option | Command | Wording | str) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "parts", tuple(parts.items()))

    def render(self, vocabulary: Vocabulary) -> str:
        """Return the text in the words of a way in."""
        shown: dict[str, Any] = {
            name: vocabulary.option(part) if isinstance(part, Option) else worded(part, vocabulary)
            for name, part in self.parts
        }
        return self.template.format_map(shown)

    def __str__(self) -> str:
        return self.render(PYTHON)


Words = str | Wording
"""Text of a message: plain where it names no option."""


def worded(words: Words | Command, vocabulary: Vocabulary) -> str:
    """Return a text in the words of a way in."""
    return words.render(vocabulary) if isinstance(words, Wording) else str(words)
