"""Reads the files that a suite names: only below the project's root, and of limited size."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from harness.errors import SuiteError
from harness.loading.included_files import FileContent, IncludedFiles
from harness.source import SourceFile, Span, Text, TextOrigin
from harness.suggestions import closest

MAX_BYTES = 20_000_000
_ROOT_MARKERS = ("harness.toml", "pyproject.toml", ".git")


def project_root(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, with `harness.toml` or another marker.

    Without a marker the root is `start`, or its folder if it is a file.
    """
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        if any((candidate / marker).exists() for marker in _ROOT_MARKERS):
            return candidate
    return folder


@dataclass(slots=True)
class ProjectFiles:
    """Reads files below the root of a project; `..` and symbolic links cannot lead out of it.

    Attributes:
        included: Takes note of what is read.
    """

    included: IncludedFiles = field(default_factory=IncludedFiles)
    _roots: dict[Path, Path] = field(default_factory=dict)

    def read_bytes(self, folder: Path, name: str, span: Span) -> bytes:
        """Return the content of `name`, a path relative to `folder`.

        Raises:
            SuiteError: At `span`: outside the root, missing, not a regular file, or too large.
        """
        file = self._read(folder, name, span)
        self.included.add(folder, name, file)
        return file.content

    def include(self, folder: Path, name: str, span: Span) -> None:
        """Take note of a file that is not read here, or was read for another suite.

        Raises:
            SuiteError: As for `read_bytes`.
        """
        if self.included.is_new(folder, name):
            self.read_bytes(folder, name, span)

    def _read(self, folder: Path, name: str, span: Span) -> FileContent:
        path = self._resolved(folder, name, span)
        try:
            with open(path, "rb", opener=_open_without_waiting) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise SuiteError(span, f"`{name}` is not a regular file", "name a file")
                if status.st_size > MAX_BYTES:
                    size = f"{status.st_size / 1e6:.1f} MB"
                    problem = f"`{name}` is {size}; the API accepts at most 20 MB"
                    raise SuiteError(span, problem, "use a smaller file")
                return FileContent(path, file.read(), status)
        except FileNotFoundError as error:
            raise SuiteError(span, f"file not found: `{name}`", _missing_fix(path, name)) from error
        except OSError as error:
            problem = f"cannot read `{name}`: {error.strerror}"
            raise SuiteError(span, problem, "name a readable file") from error

    def find(self, folder: Path, name: str, span: Span) -> Path:
        """Return the resolved path of `name`, a path relative to `folder`.

        Raises:
            SuiteError: At `span`: outside the root, missing, or not a regular file.
        """
        path = self._resolved(folder, name, span)
        if not path.exists():
            raise SuiteError(span, f"file not found: `{name}`", _missing_fix(path, name))
        if not path.is_file():
            raise SuiteError(span, f"`{name}` is not a regular file", "name a file")
        return path

    def matching(self, folder: Path, pattern: Text) -> list[str]:
        """Return the paths of the files that match a pattern, relative to `folder`, in order.

        Raises:
            SuiteError: At the pattern: outside the root, or nothing matches.
        """
        fix = "write a path relative to the suite, in which `*` stands for any name"
        try:
            found = sorted(path for path in folder.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError, OSError) as error:
            raise SuiteError(pattern.span, f"invalid pattern `{pattern}`: {error}", fix) from error
        if not found:
            raise SuiteError(pattern.span, f"no file matches `{pattern}`", fix)
        return [path.relative_to(folder).as_posix() for path in found]

    def read_text(self, folder: Path, name: Text) -> Text:
        """Return the content of a file that a suite names; see `read_text_at`."""
        return self.read_text_at(folder, name, name.span)

    def read_text_at(self, folder: Path, name: str, span: Span) -> Text:
        """Return the content of a UTF-8 file, with line feeds as line ends.

        Raises:
            SuiteError: As for `read_bytes`, or the file is not UTF-8.
        """
        file = self._read(folder, name, span)
        try:
            text = file.content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            problem = f"`{name}` is not UTF-8: invalid byte at offset {error.start}"
            raise SuiteError(span, problem, "save the file as UTF-8") from error
        self.included.add(folder, name, file, text)
        return Text(text, TextOrigin(SourceFile(folder / name, text), 0, len(text), "raw"))

    def _resolved(self, folder: Path, name: str, span: Span) -> Path:
        root = self._roots.get(folder)
        if root is None:
            root = self._roots[folder] = project_root(folder)
        fix = f"keep the file below `{root}` and write its path relative to the suite"
        if Path(name).is_absolute() or "\\" in name or "\0" in name:
            raise SuiteError(span, f"`{name}` is not a relative path with `/`", fix)
        try:
            path = (folder / name).resolve()
        except (OSError, RuntimeError) as error:
            raise SuiteError(span, f"cannot resolve `{name}`: {error}", fix) from error
        if not path.is_relative_to(root):
            raise SuiteError(span, f"`{name}` is outside the project", fix)
        return path


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a named pipe would wait forever


def _missing_fix(path: Path, name: str) -> str:
    try:
        siblings = [sibling.name for sibling in path.parent.iterdir()]
    except OSError:
        return f"create the folder `{path.parent.name}`, or correct the path"
    match = closest(path.name, siblings)
    if match is None:
        return "correct the path; it is relative to the suite's folder"
    return f"write `{PurePosixPath(name).with_name(match)}`"
