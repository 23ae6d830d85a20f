"""ES modules put together into one script, because a page opened from a disk may load no others.

Each module becomes a function that is called at once and returns what the module exports, so only
exported names have to differ. What our modules use is understood, at the beginning of a line: named
imports from files beside them, and `export` before a declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export ((?:async )?(?:function|class|const) (?:\{([^}]*)\}|([\w$]+)))", re.MULTILINE
)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)


class ModuleError(ValueError):
    """The modules cannot be put together."""


def bundled(entry: Path) -> str:
    """Return a script that does what a module and all it imports do.

    Comments that stand on lines of their own are left out: a page carries what runs.
    """
    owners: dict[str, Path] = {}
    scripts: list[str] = ['"use strict";\n']
    for path in import_order(entry):
        text = path.read_text("utf-8")
        for name in exported(text):
            if name in owners:
                raise ModuleError(f"{name} is exported by {owners[name].name} and by {path.name}")
            owners[name] = path
        scripts.append(_script(path, text))
    # once more a function, so that nothing of it is global
    return f"(() => {{\n{''.join(scripts)}}})();\n"


def exported(text: str) -> list[str]:
    """Return the names that a module exports."""
    names: list[str] = []
    for _, group, single in _EXPORT.findall(text):
        names += [single] if single else [name.strip() for name in group.split(",") if name.strip()]
    return names


def import_order(entry: Path) -> list[Path]:
    """Return a module and all it imports, each after those that it imports."""
    order: list[Path] = []
    _visit(entry, order, ())
    return order


def _script(path: Path, text: str) -> str:
    names = ", ".join(exported(text))
    body = _EXPORT.sub(r"\1", _IMPORT.sub("", _COMMENT.sub("", text))).strip("\n")
    other = _OTHER.search(body)
    if other:
        raise ModuleError(f"{path.name}: cannot be put into one script: {other[0]}")
    if not names:
        return f"(() => {{\n{body}\n}})();\n"
    return f"const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n"


def _visit(path: Path, order: list[Path], importers: tuple[Path, ...]) -> None:
    if path in importers:
        circle = [module.name for module in (*importers[importers.index(path) :], path)]
        raise ModuleError(f"modules import each other: {' -> '.join(circle)}")
    if path in order:
        return
    for imported in _imports(path):
        _visit(imported, order, (*importers, path))
    order.append(path)


def _imports(path: Path) -> Iterator[Path]:
    for names, file in _IMPORT.findall(path.read_text("utf-8")):
        if " as " in names:
            raise ModuleError(f"{path.name}: an import keeps its name: {names.strip()}")
        yield path.parent / file
