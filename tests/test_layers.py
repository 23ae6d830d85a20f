"""The table of layers in docs/architecture.md, read from the imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "harness"
BASE = {
    "errors", "excerpts", "exit_code", "json_text", "printable", "public_names", "scrubbing",
    "source", "suggestions", "version", "wording",
}  # fmt: skip
MIDDLE = ("loading", "rendering", "client", "running", "probing", "store", "reporting")
ALLOWED: dict[str, set[str]] = {
    "errors": {"source", "wording"},
    "excerpts": {"printable", "scrubbing", "source"},
    "exit_code": set(),
    "json_text": set(),
    "public_names": set(),
    "printable": set(),
    "scrubbing": set(),
    "source": set(),
    "suggestions": set(),
    "version": set(),
    "wording": set(),
    "stats": set(),
    "model": {*BASE, "stats"},
    "assertions": {*BASE, "model", "stats"},
    **{part: {*BASE, "model", "assertions", "stats"} for part in MIDDLE},
    "simulator": {*BASE, "model", "stats"},
    "app": {*BASE, "model", "assertions", "stats", *MIDDLE, "simulator"},
    "cli": {*BASE, "model", "app"},
    "pytest_plugin": {*BASE, "model", "app"},
    "api": {*BASE, "model", "reporting", "store", "app"},
}
HOMES = {
    "click": {"cli"},
    "httpx": {"client"},
    "jinja2": {"rendering", "reporting"},
    "markupsafe": {"reporting"},
    "orjson": {"json_text"},
    "aiohttp": {"client"},
    "certifi": {"client"},
    "yarl": {"client"},
    "pytest": {"pytest_plugin"},
    "rich": {"reporting"},
    "starlette": {"simulator"},
    "tabulate": {"reporting"},
    "uvicorn": {"simulator"},
    "yaml": {"assertions", "loading"},
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (
                [f"harness.{alias.name}" for alias in node.names]
                if node.module == "harness"
                else [node.module]
            )


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if part_of(path) in ALLOWED)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    part = part_of(path)

    for name in imports_in(path):
        top, _, rest = name.partition(".")
        if top == "harness" and rest:
            imported = rest.split(".")[0]
            assert imported == part or imported in ALLOWED[part], f"{part} imports {name}"
        elif top in HOMES:
            assert part in HOMES[top], f"{top} is at home in {HOMES[top]}, not in {part}"


def test_every_part_of_the_package_stands_in_the_table() -> None:
    parts = {part_of(path) for path in PACKAGE.rglob("*.py")}

    assert parts - {"__init__", "__main__"} <= set(ALLOWED)
