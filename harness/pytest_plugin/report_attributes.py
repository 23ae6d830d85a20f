"""What the plugin adds to pytest's reports of tests; pytest-xdist carries it.

The hooks are loaded in every session, so these names stand apart from what reads them.
"""

from __future__ import annotations

CASE = "harness_case"  # the suite, the case and the variant
IS_EXCUSED = "harness_is_excused"  # whether the baseline excuses the failure
