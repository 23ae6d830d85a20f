"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

# a busy machine is no counterexample
settings.register_profile("harness", deadline=None)
settings.load_profile("harness")

# A job in the background of a shell ignores Ctrl-C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
