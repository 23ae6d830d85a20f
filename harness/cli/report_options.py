"""Which reports a command writes, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import app

_NAMES = ("run_file", "junit", "markdown", "html", "csv", "quiet", "as_json")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Where the record and the reports of a run go, and how much is printed."""

    run_file: Path | None = None
    junit: Path | None = None
    markdown: Path | None = None
    html: Path | None = None
    csv: Path | None = None
    is_quiet: bool = False
    as_json: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> ReportOptions:
        """Take the options about reports out of a command's options."""
        return cls(*(options.pop(name) for name in _NAMES))

    def check(self) -> None:
        """Make sure, before anything is sent, that the files can be written.

        Raises:
            SettingsError: One of them cannot.
        """
        for name, path in self.files().items():
            app.check_report(path, self.run_file, name)

    def files(self) -> dict[str, Path]:
        """Return the reports that are written beside the record, by their options."""
        paths = {
            "junit": self.junit,
            "markdown": self.markdown,
            "html": self.html,
            "csv": self.csv,
        }
        return {name: path for name, path in paths.items() if path is not None}
