"""What loading needs of templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from harness.source import Text


class RendersTemplates(Protocol):
    """Recognises templates, and renders the ids of a dataset's cases."""

    def has_template(self, value: Any) -> bool:
        """Return whether a text, or a text anywhere in a value, is a template."""

    def render(self, text: Text, variables: Mapping[str, Any]) -> str:
        """Return the rendered text.

        Raises:
            SuiteError: It cannot be rendered with these variables.
        """
