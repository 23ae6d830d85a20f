"""Prints JSON documents."""

from __future__ import annotations

import json
from typing import Any


def print_json(document: Any) -> None:
    """Print a document; in the log of a CI service, no text in it is read as a command."""
    # only texts can hold `##[` or `##vso[`, and in a text an escape means the same
    written = json.dumps(document, indent=2)
    print(written.replace("##", "#\\u0023"))
