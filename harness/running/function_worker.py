"""The process that runs the functions of a project: a script that does not import harness.

It reads calls from its standard input and writes results to its standard output, each as four bytes
of length and JSON. What functions print goes nowhere.
"""

from __future__ import annotations

import importlib.util
import inspect
import io
import json
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

_MOST_MEMORY = 1536 * 1024 * 1024  # bytes
_MOST_TRACEBACK = 20_000  # characters
_PREFIX = "_checks_"


def main() -> None:
    """Answer calls until the input ends."""
    calls, results = _own_streams()
    _bound_memory()
    modules: dict[tuple[str, int], ModuleType] = {}
    folders = _Folders()
    while True:
        head = calls.read(4)
        if len(head) < 4:
            return
        call = json.loads(calls.read(int.from_bytes(head, "big")))
        folders.enter(str(Path(call["path"]).parent))
        answer = _answer(call, modules)
        results.write(len(answer).to_bytes(4, "big") + answer)
        results.flush()


class _Folders:
    """Lets the files of a folder import the modules beside them, not those of another folder."""

    def __init__(self) -> None:
        self._current: str | None = None
        self._modules: dict[str, dict[str, ModuleType]] = {}
        self._before = frozenset(sys.modules)

    def enter(self, folder: str) -> None:
        """Let imports look into a folder first."""
        if folder == self._current:
            return
        if self._current is not None:
            sys.path.remove(self._current)
            # Two folders may both have a `helpers.py`: the one imported first would serve both.
            beside = self._beside(self._current)
            self._modules[self._current] = beside
            for name in beside:
                del sys.modules[name]
        sys.path.insert(0, folder)
        sys.modules.update(self._modules.get(folder, {}))
        importlib.invalidate_caches()
        self._current = folder

    def _beside(self, folder: str) -> dict[str, ModuleType]:
        return {
            name: module
            for name, module in list(sys.modules.items())
            if name not in self._before
            and not name.startswith(_PREFIX)
            and str(getattr(module, "__file__", None) or "").startswith(f"{folder}{os.sep}")
        }


def _answer(call: dict[str, Any], modules: dict[tuple[str, int], ModuleType]) -> bytes:
    try:
        function = getattr(_module(call["path"], modules), call["function"])
        positional = [call["output"]]
        if _takes_context(function, call["arguments"]):
            positional.append(call["context"])
        answer = {"result": function(*positional, **call["arguments"])}
        return json.dumps(answer, allow_nan=False).encode()
    # Also SystemExit: a function that calls `sys.exit` must not end the process and its modules.
    except BaseException as error:  # noqa: BLE001
        message = f"{type(error).__name__}: {error}"[:_MOST_TRACEBACK]
        lines = "".join(traceback.format_exception(error))[-_MOST_TRACEBACK:]
        return json.dumps({"error": message, "traceback": lines}).encode()


def _takes_context(function: Any, arguments: dict[str, Any]) -> bool:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in positional and parameter.name not in arguments
    ]
    return len(parameters) > 1


def _module(path: str, modules: dict[tuple[str, int], ModuleType]) -> ModuleType:
    """Return the module of a file; a changed file is read again."""
    key = (path, os.stat(path).st_mtime_ns)  # noqa: PTH116  # as `os` has it
    if key not in modules:
        name = f"{_PREFIX}{len(modules)}_{Path(path).stem}"  # no name that another module has
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their annotations up there
        spec.loader.exec_module(module)
        modules[key] = module
    return modules[key]


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the streams to the caller, and point the standard ones at the null device."""
    # Moved to other numbers: what a function prints, even by `os.write(1, …)`, would land between
    # the answers, and what it reads would be taken from the calls.
    calls, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.stdin, sys.stdout, sys.stderr = (
        io.StringIO(), open(os.devnull, "w"), open(os.devnull, "w"),  # noqa: SIM115, PTH123
    )  # fmt: skip
    return calls, results


def _bound_memory() -> None:
    # A function that eats memory gets a MemoryError, before the whole machine has none left.
    with suppress(ImportError, ValueError, OSError):  # not every platform has it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    main()
