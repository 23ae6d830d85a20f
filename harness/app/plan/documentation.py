"""The texts of `harness assertions`: the list, one assertion, the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from harness.app.plan.components import make_expressions
from harness.app.plan.plugins import installed_assertions
from harness.assertions.builtin import assertion_families, builtin_assertions
from harness.assertions.documentation import assertion_text, assertions_page
from harness.errors import SettingsError
from harness.suggestions import write_instead


def explain_assertion(name: str) -> str:
    """Return everything about an assertion.

    Raises:
        SettingsError: There is no assertion of that name.
    """
    registry = builtin_assertions(make_expressions())
    for _, others in installed_assertions():
        registry.include(others)
    definition = registry.keys.get(name)
    if definition is None:
        names = [definition.name for definition in registry]
        raise SettingsError(f"there is no assertion `{name}`", write_instead(name, names))
    return assertion_text(definition)


def list_assertions() -> Iterator[str]:
    """Yield the assertions, family by family and then by packages, a line each."""
    families = {**assertion_families(make_expressions()), **dict(installed_assertions())}
    for family, registry in families.items():
        yield f"{family}:"
        width = max(len(definition.name) for definition in registry)
        for definition in registry:
            yield f"  {definition.name:<{width}}  {definition.summary}"
        yield ""


def assertions_documentation() -> str:
    """Return the page of the documentation, which is kept in `docs/assertions.md`."""
    # Without installed packages: the page must be the same on every machine.
    families = assertion_families(make_expressions())
    return assertions_page({family: list(registry) for family, registry in families.items()})
