"""Where the plugin keeps what belongs to a session or to a test. PYTEST_DONT_REWRITE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin.items import CaseItem
    from harness.pytest_plugin.session import PromptSession

SESSION: pytest.StashKey[PromptSession] = pytest.StashKey()
ITEM: pytest.StashKey[CaseItem] = pytest.StashKey()  # in the stash of the test itself
PARTS = "harness_part"  # what a worker of pytest-xdist tells its controller
