"""The settings of a project, for those who load no suites."""

from __future__ import annotations

from pathlib import Path

from harness.app.plan.options import RunOptions
from harness.loading.settings import read_settings
from harness.model.settings import Settings


def project_settings(options: RunOptions) -> Settings:
    """Return the settings of the project that the first path belongs to.

    Raises:
        SettingsError: They are unusable.
    """
    start = options.paths[0] if options.paths else Path()
    return read_settings(start, options.environment, options.flags, options.ini)
