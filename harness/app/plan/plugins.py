"""Assertions of installed packages."""

from __future__ import annotations

from collections.abc import Iterator

from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError

GROUP = "harness.assertions"


def installed_assertions() -> Iterator[tuple[str, AssertionRegistry]]:
    """Yield the registries that installed packages offer, with the names of their entry points.

    Raises:
        DefinitionError: One of them cannot be loaded, or is not a registry.
    """
    # The import costs more than looking the entry points up, and only commands that judge need it.
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        declared = f"{entry.name} = {entry.value}"
        try:
            loaded = entry.load()
        except Exception as error:  # loading runs the code of others, which may raise anything
            why = f"{type(error).__name__}: {error}"
            raise DefinitionError(f"the assertions {declared} cannot be loaded: {why}") from error
        if not isinstance(loaded, AssertionRegistry):
            kind = type(loaded).__name__
            raise DefinitionError(
                f"the assertions {declared} must be an AssertionRegistry, not {kind}"
            )
        yield entry.name, loaded
