"""The Messages API: one call, three deliveries."""

import sys

# `import httpx` also imports its own command line, with rich and pygments, which takes longer than
# all the rest of it. Where that module cannot be imported httpx goes without, as it documents.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    import httpx as _httpx  # noqa: F401

    del sys.modules["httpx._main"]
