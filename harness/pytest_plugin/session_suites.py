"""The suites of a session, and the settings that hold for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness import app
from harness.model.identical_variants import IdenticalVariants
from harness.model.settings import Settings
from harness.model.suite import Case, Suite, Variant


class SessionSuites:
    """Loads suites, each file once.

    Attributes:
        has_reported_settings: Whether a suite was refused because the settings are unusable; every
            other suite would say the same.
    """

    def __init__(self, options: Callable[[Path], app.RunOptions], start: Path) -> None:
        self._options, self._start = options, start
        self._book: app.SuiteBook | None = None
        self._suites: dict[Path, Suite] = {}
        self._paths: dict[Path, Path] = {}
        self.has_reported_settings = False

    @property
    def settings(self) -> Settings:
        """The settings of the session.

        Raises:
            SettingsError: They, or the options, are unusable.
        """
        return self._book_at(self._start).settings

    def load(self, path: Path) -> Suite:
        """Return the suite in a file, which is read once.

        Raises:
            BrokenSuitesError: Its mistakes.
            SettingsError: The settings or options are unusable.
        """
        file = path.resolve()
        if file not in self._suites:
            self._suites[file] = self._book_at(path).load(Path(os.path.relpath(path)))
            self._paths[file] = path
        return self._suites[file]

    def is_first(self, path: Path) -> bool:
        """Return whether a loaded suite was found under this path, and is not a link to it."""
        return self._paths.get(path.resolve()) == path

    def load_beside(self, path: Path, test: Path) -> Suite:
        """Return the suite in a file as it is now; without others, a test's settings hold.

        Raises:
            BrokenSuitesError: Its mistakes.
            SettingsError: The settings or options are unusable.
        """
        return self._book_at(test).read(Path(os.path.relpath(path)))

    def make(self, name: Path, data: Mapping[str, Any]) -> Suite:
        """Return the suite that is plain data, said to stand in a file of that name.

        Raises:
            BrokenSuitesError: Its mistakes.
            SettingsError: The settings or options are unusable.
        """
        return self._book_at(name.parent).make(name, data)

    def identical_in(
        self, suite: Suite, is_selected: Callable[[Case, Variant], bool]
    ) -> tuple[IdenticalVariants, ...]:
        """Return the selected variants of a loaded suite that would send the same request."""
        return self._book_at(self._start).identical_in(suite, is_selected)

    def plan(self, will_ask: Callable[[Case, Variant], bool]) -> app.Plan:
        """Return the plan of a run whose trials are asked for one by one.

        Args:
            will_ask: Says of which of the collected cases and variants.
        """
        return self._book_at(self._start).plan(is_interactive=True, will_ask=will_ask)

    def _book_at(self, start: Path) -> app.SuiteBook:
        """Return what loads suites; the settings are those that hold where the first one lies."""
        if self._book is None:
            self._book = app.SuiteBook(self._options(start))
        return self._book
