"""Where the plugin keeps what belongs to a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    pass

SESSION: pytest.StashKey[PromptSession] = pytest.StashKey()
PARTS = "harness_part"  # what a worker of pytest-xdist tells its controller
