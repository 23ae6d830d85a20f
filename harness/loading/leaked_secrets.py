"""Finds API keys in a suite, where everybody with access to the repository can read them."""

from __future__ import annotations

from collections.abc import Iterator

from harness.errors import SuiteError
from harness.scrubbing import API_KEY
from harness.source import SourceFile


def leaked_keys(file: SourceFile) -> Iterator[SuiteError]:
    """Yield an error for each text that looks like a key."""
    for match in API_KEY.finditer(file.text):
        yield SuiteError(
            file.span(match.start(), len(match[0])),
            "this looks like an API key",
            "remove and revoke it; set the key in the environment instead",
        )
