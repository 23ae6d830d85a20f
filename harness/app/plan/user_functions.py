"""Finds the functions of a project that suites name, without running their files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.assertions.parameters import ArgumentError
from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.source import Text
from harness.suggestions import write_instead


class UserFunctions:
    """Finds functions by the names that suites give them; each file is read once.

    Whether they may run is decided by the settings, not here.
    """

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._names: dict[Path, frozenset[str] | None] = {}

    def locate(self, written: str) -> tuple[Path, str]:
        """Return the file and the function that `file.py:function` means in its suite.

        Raises:
            ArgumentError: The file does not exist, or is outside the project.
        """
        name, _, function = written.partition(":")
        if not isinstance(written, Text):
            # A name from elsewhere has no folder that it could be relative to.
            raise ArgumentError(f"`{written}` is not in a suite", "write it in a suite")
        try:
            folder = written.origin.file.path.parent
            path = self._files.find(folder, name, written.span)
            self._files.include(folder, name, written.span)
        except SuiteError as error:
            raise ArgumentError(error.problem, error.fix) from error
        return path, function

    def check(self, written: str) -> None:
        """Check that a function exists, without running its file.

        Raises:
            ArgumentError: It does not exist, or its file is not Python.
        """
        # `harness validate` checks suites of strangers, so it must not run their code.
        path, function = self.locate(written)
        file = written.partition(":")[0]
        if path not in self._names:
            self._names[path] = _names_in(path, file)
        names = self._names[path]
        if names is not None and function not in names:
            fix = write_instead(function, sorted(names)) if names else "write one"
            raise ArgumentError(f"`{file}` has no `{function}`", fix, offset=len(file) + 1)


def _names_in(path: Path, file: str) -> frozenset[str] | None:
    """Return the names that a file binds; None if only running it would show them."""
    try:
        tree = ast.parse(path.read_bytes())
    except OSError as error:
        raise ArgumentError(f"{file} cannot be read: {error.strerror}", "mend the file") from error
    except (RecursionError, MemoryError) as error:  # what the parser's stack is too small for
        raise ArgumentError(f"{file} is nested too deeply", "simplify the file") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        words = getattr(error, "msg", None) or str(error)
        raise ArgumentError(f"{file}:{line}: not valid Python: {words}", "mend the file") from error
    names = set(_bound(tree.body))
    # `import *` and a module's `__getattr__` provide names that its text does not show.
    return None if names & {"*", "__getattr__"} else frozenset(names)


def _bound(statements: Iterable[ast.AST]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (name.asname or name.name.partition(".")[0] for name in statement.names)
        elif isinstance(statement, ast.Name) and isinstance(statement.ctx, ast.Store):
            yield statement.id
        else:
            yield from _bound(ast.iter_child_nodes(statement))
