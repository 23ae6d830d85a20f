"""The Messages API: one call, three deliveries."""

import atexit
import sys
import threading
import time

# `import httpx` also imports its own command line, with rich and pygments, which takes longer than
# all the rest of it. Where that module cannot be imported httpx goes without, as it documents.
if "httpx" not in sys.modules:
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    import httpx as _httpx  # noqa: F401

    del sys.modules["httpx._main"]


def _import_reqwest() -> None:
    import pyreqwest.client  # noqa: F401


# pyreqwest 0.15 keeps the state of the thread that imports it first, and crashes the process once
# that thread has ended: so it is imported by one that never does.
if threading.current_thread() is threading.main_thread():
    _import_reqwest()
elif "pyreqwest" not in sys.modules:
    _is_imported = threading.Event()

    def _import_and_stay() -> None:
        try:
            _import_reqwest()
        finally:
            _is_imported.set()
        threading.Event().wait()

    threading.Thread(target=_import_and_stay, name="pyreqwest-home", daemon=True).start()
    _is_imported.wait()

# A thread of pyreqwest that is still giving back what a request held aborts an interpreter that is
# being taken apart: 5 of 100 processes that ended with their last reply, and none after this wait.
_SECONDS_TO_REST = 0.05
atexit.register(time.sleep, _SECONDS_TO_REST)
