"""A cache of rendered trials, up to a limit."""

from __future__ import annotations

from harness.model.request import PreparedTrial
from harness.model.suite import Case, Suite, Trial, Variant

MAX_CHARACTERS = 16_000_000
_OVERHEAD = 1_000  # in characters: the objects round the texts of a trial

_Entry = tuple[Suite, Case, Variant, PreparedTrial]


class PreparedTrials:
    """Caches the trials rendered first, up to a number of characters, and always the latest.

    Args:
        max_characters: The limit on the rendered texts of cached trials.
    """

    def __init__(self, max_characters: int = MAX_CHARACTERS) -> None:
        # The run goes through the cases in the order of the check before it. Evicting the oldest
        # trial would evict each one just before it is needed, so the cache never evicts: once it is
        # full, a trial is rendered again. The latest is cached for its repeats, which come next.
        self._remaining = max_characters
        self._entries: dict[tuple[int, int], _Entry] = {}
        self._latest: _Entry | None = None

    def get(self, trial: Trial) -> PreparedTrial | None:
        """Return the trial, or another repeat of it, if it is cached."""
        key = (id(trial.case), id(trial.variant))
        for entry in (self._entries.get(key), self._latest):
            # The entry keeps the objects alive, so no others can have their ids.
            if (
                entry is not None
                and entry[1] is trial.case
                and entry[2] is trial.variant
                and entry[0] is trial.suite  # its variables and settings count, too
            ):
                return entry[3]
        return None

    def add(self, trial: Trial, prepared: PreparedTrial, characters: int) -> None:
        """Add a rendered trial with its size in characters, if there is room."""
        entry = self._latest = (trial.suite, trial.case, trial.variant, prepared)
        size = characters + _OVERHEAD
        if size <= self._remaining:
            self._remaining -= size
            self._entries[id(trial.case), id(trial.variant)] = entry
