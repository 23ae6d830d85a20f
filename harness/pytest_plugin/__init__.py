"""Suites as pytest tests: `pytest suites/` sends concurrently and reports item by item."""

import sys


def _leave_unchanged() -> None:
    """Let pytest import the package as it is: it rewrites all modules of a plugin's distribution.

    That takes several times as long as the import itself wherever no bytecode can be written, and
    the package holds no `assert` to explain. The set is pytest's own, so nothing depends on it.
    """
    for finder in sys.meta_path:
        marked = getattr(finder, "_must_rewrite", None)
        if isinstance(marked, set):
            marked.discard("harness")


_leave_unchanged()
