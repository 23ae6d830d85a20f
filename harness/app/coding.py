"""Which functions of a project may judge, and where they are."""

from __future__ import annotations

from pathlib import Path

from harness.assertions.parameters import ArgumentError
from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.source import Text


class ProjectCode:
    """Finds the functions that suites name; whether they may run is for the settings to say."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files

    def locate(self, written: str) -> tuple[Path, str]:
        """Return the file and the function that `file.py:function` means in its suite.

        Raises:
            ArgumentError: The file is not there, or not in the project.
        """
        name, _, function = written.partition(":")
        if not isinstance(written, Text):
            raise ArgumentError(f"`{written}` is in no suite", "write it in a suite")
        try:
            path = self._files.find(written.origin.file.path.parent, name, written.span)
        except SuiteError as error:
            raise ArgumentError(error.problem, error.fix) from error
        return path, function

    def check(self, written: str) -> None:
        """Make sure that the file is there; raise ArgumentError if it is not."""
        self.locate(written)
