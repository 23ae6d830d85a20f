"""Who answers requests, as far as that changes what is answered."""

from __future__ import annotations

import hashlib

from harness.json_text import json_bytes
from harness.model.settings import SIMULATOR, Settings

MARK = "x-harness-simulator"  # a header of each response of the simulator, wherever it runs
_LENGTH = 16  # hexadecimal digits


def service_key(settings: Settings) -> str:
    """Return a hash of the server and of the headers that go with each request.

    Another server, or the same one under other headers (a beta, a route of a gateway), may answer
    the same request otherwise. Empty if the settings name no server.
    """
    if settings.base_url is None:
        return ""
    headers = sorted((name.lower(), value) for name, value in settings.headers.items())
    written = json_bytes([server_name(settings), headers])
    return hashlib.sha256(written).hexdigest()[:_LENGTH]


def server_name(settings: Settings) -> str | None:
    """Return the server as records name it: its address, or `simulator`."""
    if settings.uses_simulator:
        return SIMULATOR
    return None if settings.base_url is None else settings.base_url.rstrip("/")
