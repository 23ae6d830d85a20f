"""The baseline that a session is compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.model.settings import Settings

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import Baseline


class SessionBaseline:
    """Reads a baseline once.

    What `latest` names changes when the session's own run is written, so neither a baseline nor the
    error of one that cannot be read is looked for again.
    """

    def __init__(self, name: str | None, settings: Callable[[], Settings]) -> None:
        self._name, self._settings = name, settings
        self._baseline: Baseline | None = None
        self._error: HarnessError | None = None

    def read(self) -> Baseline | None:
        """Return the baseline, if there is one to compare with.

        Raises:
            SettingsError: The settings are unusable.
            StoreError: It cannot be read.
        """
        if self._error is not None:
            raise self._error
        if self._baseline is None and self._name is not None:
            from harness.app.compare import baseline_check  # most sessions do without

            try:
                self._baseline = baseline_check.open_baseline(self._name, self._settings())
            except HarnessError as error:
                self._error = error
                raise
        return self._baseline
