"""Where the plugin keeps what belongs to a session or to a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin.items import CaseItem
    from harness.pytest_plugin.reports import SessionReport
    from harness.pytest_plugin.session import PromptSession

REPORT: pytest.StashKey[SessionReport] = pytest.StashKey()
SESSION: pytest.StashKey[PromptSession] = pytest.StashKey()
ITEM: pytest.StashKey[CaseItem] = pytest.StashKey()  # in the stash of the test itself
# of a controller of pytest-xdist: the id of the run, when it began, and where workers say where
# they write; and what it tells its workers
RUN_ID: pytest.StashKey[str] = pytest.StashKey()
BEGAN: pytest.StashKey[float] = pytest.StashKey()
PARTS_POINTER: pytest.StashKey[Path] = pytest.StashKey()
RUN_ID_OF_CONTROLLER, SIGNPOST_OF_CONTROLLER = "harness_run_id", "harness_signpost"
