"""The JSON Schema of run files."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[2]


def run_schema_text() -> str:
    """Return the JSON Schema of run files, as it is published."""
    # A wheel holds the schemas inside the package. In a checkout they lie beside it, where editors
    # and the address in the schema of suites expect them.
    folders = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")
    folder = next(filter(Path.is_dir, folders))
    return (folder / "run.schema.json").read_text("utf-8")
