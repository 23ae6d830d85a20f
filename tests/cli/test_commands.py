"""The commands are found by name, and each is what its name says."""

from __future__ import annotations

import pytest

from harness.cli.commands import Commands


@pytest.mark.parametrize("name", Commands())
def test_a_command_has_the_name_that_it_is_found_by(name: str) -> None:
    assert Commands()[name].name == name


def test_a_name_that_is_no_command_is_not_found() -> None:
    commands = Commands()

    assert "comapre" not in commands
    assert commands.get("comapre") is None
