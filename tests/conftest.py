"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# a busy machine is no counterexample
settings.register_profile("harness", deadline=None)
settings.load_profile("harness")
