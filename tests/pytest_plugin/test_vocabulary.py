from __future__ import annotations

import pytest

from harness.errors import HarnessError, StoreError
from harness.pytest_plugin.options import OPTIONS
from harness.pytest_plugin.vocabulary import shown
from harness.wording import RESUME, Option, Wording, Words


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("give --judge", "give --judge"),
        (Wording("set {judge}", judge=Option("judge", "MODEL")), "set --harness-judge MODEL"),
        (Wording("{max_cost}", max_cost=Option("max_cost", "1")), "--harness-max-cost 1"),
        (Wording("use {shard}", shard=Option("shard", "1/2")), "use --shard 1/2"),
        (StoreError(Wording("`{resume}`", resume=RESUME)), "`harness run --resume`"),
    ],
)
def test_pytest_spells_its_own_options_and_leaves_commands_alone(
    message: Words | HarnessError, text: str
) -> None:
    assert shown(message) == text


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_of_the_plugin_is_spelled_with_its_prefix(name: str) -> None:
    option = Option(name.replace("-", "_"))

    assert shown(Wording("{option}", option=option)) == f"--harness-{name}"
