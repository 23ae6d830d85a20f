from __future__ import annotations

import pytest

from harness.cli.vocabulary import shown
from harness.errors import HarnessError, SettingsError
from harness.wording import Option, Wording, Words


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("plain", "plain"),
        (Wording("set {judge}", judge=Option("judge", "MODEL")), "set --judge MODEL"),
        (Wording("{max_cost} is new", max_cost=Option("max_cost")), "--max-cost is new"),
        (
            SettingsError("no judge", Wording("use {judge}", judge=Option("judge"))),
            "no judge\n  fix: use --judge",
        ),
    ],
)
def test_the_command_line_spells_options_as_flags(message: Words | HarnessError, text: str) -> None:
    assert shown(message) == text
