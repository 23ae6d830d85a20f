"""The options of a run that running one of its trials again has to repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model.json_fields import list_of, optional, required, wrong_type
from harness.wording import Option


@dataclass(frozen=True, slots=True)
class RerunOptions:
    """The options that running a trial again has to repeat.

    Attributes:
        assignments: `KEY=VALUE`, in the order in which they were set.
        repeat: The number of repeats, if it was not left to the suites.
        judge: The model that judges, if it was not left to the settings.
        base_url: The server, if it was not left to the settings.
        allow_code: Whether the project's own code may run.
    """

    assignments: tuple[str, ...] = ()
    repeat: int | None = None
    judge: str | None = None
    base_url: str | None = None
    allow_code: bool = False

    @classmethod
    def from_data(cls, data: Any) -> RerunOptions:
        """Return the options that the first line of a run file holds.

        Args:
            data: A mapping; or, in files of earlier versions, words of the command line.

        Raises:
            ValueError: It is neither, or an option has the wrong type.
        """
        if isinstance(data, list | tuple):
            data = _options_of_words(data)
        if not isinstance(data, Mapping):
            raise wrong_type("options", data, dict)
        return cls(
            assignments=tuple(list_of(data, "set", str)),
            repeat=optional(data, "repeat", int),
            judge=optional(data, "judge", str),
            base_url=optional(data, "base_url", str),
            allow_code=required(data, "allow_code", bool, default=False),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the options that are set, as plain data."""
        data = {
            "set": list(self.assignments),
            "repeat": self.repeat,
            "judge": self.judge,
            "base_url": self.base_url,
            "allow_code": self.allow_code,
        }
        return {name: value for name, value in data.items() if value}


def _options_of_words(words: Sequence[Any]) -> dict[str, Any]:
    """Return options that an earlier version wrote as words of the command line."""
    options: dict[str, Any] = {"set": []}
    names = {Option(name).flag: name for name in ("repeat", "judge", "base_url")}
    remaining = iter(words)
    for word in remaining:
        if word == Option("allow_code").flag:
            options["allow_code"] = True
        elif word == Option("set").flag:
            options["set"].append(next(remaining, None))
        elif word in names:
            options[names[word]] = next(remaining, None)
    repeat = options.get("repeat")
    if repeat is not None:
        try:
            options["repeat"] = int(repeat)
        except (TypeError, ValueError) as error:
            raise ValueError(f"`repeat` is not a whole number: {repeat!r}") from error
    return options
