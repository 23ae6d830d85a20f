"""Reads the templates that templates include."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from jinja2 import BaseLoader, Environment

from harness.errors import SuiteError
from harness.rendering.template import FillError
from harness.rendering.text_files import ReadsTexts
from harness.source import Span

_TAGS = re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b")
_NOWHERE = Span(Path("<include>"), 1, 1)  # no message shows it


class IncludedTemplates(BaseLoader):
    """Loads templates by their paths, which are relative to the file that includes them.

    The name of a template is its path with its folder: `FOLDER//PATH`, so that only files below the
    root of the project of that folder are read.
    """

    def __init__(self, files: ReadsTexts) -> None:
        self._files = files

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the source of a template, its path, and whether the compiled one still holds.

        Raises:
            FillError: The file may not or cannot be read.
        """
        del environment  # all have the same sources
        folder, name = split_name(template)
        try:
            text = self._files.read_text_at(folder, name, _NOWHERE)
        except SuiteError as error:
            raise FillError(str(error.problem), str(error.fix)) from error

        def is_current() -> bool:
            # asked for each use of what is cached: each suite takes note of what it includes
            self._files.include(folder, name, _NOWHERE)
            return True

        return str(text), str(folder / name), is_current


def includes_others(text: str) -> bool:
    """Return whether a template includes, imports or extends another."""
    return _TAGS.search(text) is not None


def name_of(folder: Path, name: str) -> str:
    """Return the name of a template in a folder."""
    return f"{folder.as_posix()}//{name}"


def split_name(template: str) -> tuple[Path, str]:
    """Return the folder and the path in it that the name of a template stands for."""
    folder, _, name = template.rpartition("//")
    return Path(folder), name


def joined_name(template: str, parent: str) -> str:
    """Return the name of a template that another one includes by a relative path."""
    folder, name = split_name(parent)
    beside = PurePosixPath(name).parent / template
    return name_of(folder, os.path.normpath(beside).replace(os.sep, "/"))
