"""Assertions of installed packages."""

from __future__ import annotations

from collections.abc import Iterator

from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError

GROUP = "harness.assertions"


def installed_assertions() -> Iterator[tuple[str, AssertionRegistry]]:
    """Yield the registries that installed packages offer, with the names of their entry points.

    Raises:
        DefinitionError: One of them cannot be loaded, or is no registry.
    """
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        place = f"{entry.name} = {entry.value}"
        try:
            loaded = entry.load()
        except Exception as error:  # others write plugins, and may write bugs
            why = f"{type(error).__name__}: {error}"
            raise DefinitionError(f"the assertions {place} cannot be loaded: {why}") from error
        if not isinstance(loaded, AssertionRegistry):
            kind = type(loaded).__name__
            raise DefinitionError(f"the assertions {place} are no AssertionRegistry, but a {kind}")
        yield entry.name, loaded
