"""Keys of the API that were written into a suite, where everybody can read them."""

from __future__ import annotations

from collections.abc import Iterator

from harness.errors import SuiteError
from harness.scrubbing import API_KEY
from harness.source import SourceFile


def written_keys(file: SourceFile) -> Iterator[SuiteError]:
    """Yield an error for each text that looks like a key."""
    for found in API_KEY.finditer(file.text):
        yield SuiteError(
            file.span(found.start(), len(found[0])),
            "this looks like an API key",
            "remove it and make a new one; the key is read from the environment only",
        )
