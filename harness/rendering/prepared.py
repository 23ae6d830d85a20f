"""Trials that were rendered already, as far as there is room for them."""

from __future__ import annotations

from harness.model.request import PreparedTrial
from harness.model.suite import Case, Suite, Trial, Variant

MOST_CHARACTERS = 16_000_000
_CHARACTERS_OF_OBJECTS = 1_000  # what holds the texts of a trial takes about as much memory

_Entry = tuple[Suite, Case, Variant, PreparedTrial]


class PreparedTrials:
    """Keeps what is rendered first, up to a number of characters, and the latest.

    The run goes through the cases in the order of the check before it. Dropping the oldest to make
    room would therefore drop each trial just before it is needed; so what comes once the room is
    taken is rendered again instead, but for the repeats of a trial, which follow one another.
    """

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._room = most_characters
        self._kept: dict[tuple[int, int], _Entry] = {}
        self._latest: _Entry | None = None

    def get(self, trial: Trial) -> PreparedTrial | None:
        """Return a trial, or another repeat of it, that was rendered, if it is kept."""
        key = (id(trial.case), id(trial.variant))
        for entry in (self._kept.get(key), self._latest):
            # The entry holds the objects, so their ids cannot have passed to others.
            if (
                entry is not None
                and entry[1] is trial.case
                and entry[2] is trial.variant
                and entry[0] is trial.suite  # its variables and settings count, too
            ):
                return entry[3]
        return None

    def add(self, trial: Trial, prepared: PreparedTrial, characters: int) -> None:
        """Keep a trial that was rendered into this many characters, if there is room."""
        entry = self._latest = (trial.suite, trial.case, trial.variant, prepared)
        size = characters + _CHARACTERS_OF_OBJECTS
        if size <= self._room:
            self._room -= size
            self._kept[id(trial.case), id(trial.variant)] = entry
