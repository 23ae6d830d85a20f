"""Assertions of installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from harness.assertions.registry import AssertionRegistry
from harness.errors import DefinitionError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "harness.assertions"


def installed_assertions(
    entries: Iterable[EntryPoint] | None = None,
) -> Iterator[tuple[str, AssertionRegistry]]:
    """Yield the registries of installed packages, with the names of their entry points.

    Args:
        entries: The entry points to load; None loads all that are installed.

    Raises:
        DefinitionError: An entry point cannot be loaded, or is not a registry.
    """
    for entry in _installed() if entries is None else entries:
        declared = f"{entry.name} = {entry.value}"
        try:
            loaded = entry.load()
        except Exception as error:  # loading runs the code of others, which may raise anything
            why = f"{type(error).__name__}: {error}"
            raise DefinitionError(f"the assertions {declared} cannot be loaded: {why}") from error
        if not isinstance(loaded, AssertionRegistry):
            kind = type(loaded).__name__
            problem = f"the assertions {declared} must be an AssertionRegistry, not {kind}"
            raise DefinitionError(problem)
        yield entry.name, loaded


def _installed() -> Iterable[EntryPoint]:
    # The import costs more than the look-up, and the start of pytest must not pay for it.
    from importlib.metadata import entry_points

    return entry_points(group=GROUP)
