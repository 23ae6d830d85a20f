"""Which reports a command writes, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import app
from harness.errors import SettingsError

if TYPE_CHECKING:
    from harness.model.suite import Suite

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

    def check(self, suites: Iterable[Suite] = ()) -> None:
        """Make sure, before anything is sent, that the files can be written.

        Args:
            suites: What is run, of which no file may be replaced.

        Raises:
            SettingsError: One of them cannot, or two are one file.
        """
        others: dict[Path, str] = {}
        for name, path in self.files().items():
            app.check_report(path, self.run_file, name, suites)
            other = others.setdefault(path.resolve(), name)
            if other != name and (path.is_file() or not path.exists()):  # no device
                problem = f"--{other} and --{name} both name {path}"
                raise SettingsError(problem, "give each report a file of its own")

    def files(self) -> dict[str, Path]:
        """Return the reports that are written beside the record, by their options."""
        paths = {
            "junit": self.junit,
            "markdown": self.markdown,
            "html": self.html,
            "csv": self.csv,
        }
        return {name: path for name, path in paths.items() if path is not None}
