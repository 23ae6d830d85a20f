"""A setting with its source, and readers for settings of simple types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.assertions.parameters import ArgumentError, read_duration
from harness.errors import SettingsError
from harness.suggestions import write_instead
from harness.wording import Option, Wording, Words


@dataclass(frozen=True, slots=True)
class SettingValue:
    """The value of a setting, and where it was set.

    Attributes:
        name: The setting as its source spells it: an option, HARNESS_BASE_URL, `base_url`.
        file: The settings file; None for other sources.
        folder: What relative paths start from.
    """

    value: Any
    name: Option | str
    file: Path | None = None
    folder: Path = Path()

    def error(self, template: str, fix: Words, **parts: str) -> SettingsError:
        """Return an error about this setting.

        Args:
            template: The problem, with a placeholder `{name}` for the setting.
            fix: What to write instead.
            parts: The other placeholders of the template.
        """
        source = f"{self.file}: " if self.file else ""
        problem = Wording("{source}" + template, source=source, name=self.name, **parts)
        return SettingsError(problem, fix)

    def refused(self, fix: Words) -> SettingsError:
        """Return the error that the value cannot be used."""
        return self.error("invalid {name}: {value}", fix, value=repr(self.value))

    def invalid(self, expected: str) -> SettingsError:
        """Return the error that the value is not what was expected."""
        return self.refused(f"write {expected}")

    def unknown_key(self, key: str, allowed: list[str]) -> SettingsError:
        """Return the error that a table has a key that it cannot have."""
        fix = write_instead(key, allowed)
        return self.error("unknown key `{key}` in {name}", fix, key=key)

    def item(self, key: str, value: Any) -> SettingValue:
        """Return what a table has under a key."""
        table = self.name.name if isinstance(self.name, Option) else self.name.strip("`")
        return replace(self, value=value, name=f"`{table}.{key}`")


def read_table(setting: SettingValue) -> dict[str, Any]:
    """Return a table as it is."""
    if not isinstance(setting.value, dict):
        raise setting.invalid('a table such as {model = "claude-haiku-4-5"}')
    return setting.value


def read_text(setting: SettingValue) -> str:
    """Return a text that is not blank."""
    if not isinstance(setting.value, str) or not setting.value.strip():
        raise setting.invalid("a text")
    return setting.value


def read_flag(setting: SettingValue) -> bool:
    """Return a truth value."""
    if not isinstance(setting.value, bool):
        raise setting.invalid("true or false")
    return setting.value


def read_seconds(setting: SettingValue) -> float:
    """Return a duration such as 5 or `2m` in seconds."""
    try:
        return read_duration(setting.value)
    except ArgumentError as error:
        raise setting.refused(error.fix) from error


def whole_number_to(maximum: int) -> Callable[[SettingValue], int]:
    """Return a reader of whole numbers from 1 to `maximum`."""

    def read(setting: SettingValue) -> int:
        try:
            number = int(setting.value)  # from the environment it is text
        except (OverflowError, TypeError, ValueError):
            number = 0
        if isinstance(setting.value, bool | float) or not 1 <= number <= maximum:
            raise setting.invalid(f"a whole number from 1 to {maximum}")
        return number

    return read


def read_path(setting: SettingValue) -> Path:
    """Return a path; a relative one starts from the folder of the settings file."""
    if "\0" in read_text(setting):
        raise setting.invalid("a path")
    return setting.folder / read_text(setting)


def read_existing_file(setting: SettingValue) -> Path:
    """Return the path of a file that exists."""
    path = read_path(setting)
    if not path.is_file():
        raise setting.invalid("the path of a file that exists")
    return path
