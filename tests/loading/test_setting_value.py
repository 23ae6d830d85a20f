from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import SettingsError
from harness.loading.setting_value import (
    SettingValue,
    read_existing_file,
    read_flag,
    read_path,
    read_seconds,
    read_text,
    whole_number_to,
)
from harness.wording import Option


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (read_text, "x", "x"),
        (read_flag, False, False),
        (read_seconds, "2m", 120.0),
        (read_seconds, 5, 5.0),
        (whole_number_to(10), 10, 10),
        (whole_number_to(10), "7", 7),
    ],
)
def test_a_valid_value_is_read(
    read: Callable[[SettingValue], Any], written: object, value: object
) -> None:
    assert read(SettingValue(written, "`x`")) == value


@pytest.mark.parametrize(
    ("read", "written", "fix"),
    [
        (read_text, " ", "write a text"),
        (read_text, 5, "write a text"),
        (read_flag, "yes", "write true or false"),
        (whole_number_to(10), 0, "write a whole number from 1 to 10"),
        (whole_number_to(10), 11, "write a whole number from 1 to 10"),
        (whole_number_to(10), 2.0, "write a whole number from 1 to 10"),
        (whole_number_to(10), True, "write a whole number from 1 to 10"),
        (whole_number_to(10), "many", "write a whole number from 1 to 10"),
        (read_path, "a\0b", "write a path"),
        (read_existing_file, "gone.yaml", "write the path of a file that exists"),
    ],
)
def test_an_invalid_value_is_refused_by_its_name(
    read: Callable[[SettingValue], Any], written: object, fix: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(SettingValue(written, "`x`"))

    assert (str(caught.value.problem), str(caught.value.fix)) == (f"invalid `x`: {written!r}", fix)


def test_a_duration_that_cannot_be_read_is_refused_with_an_example() -> None:
    with pytest.raises(SettingsError) as caught:
        read_seconds(SettingValue("soon", Option("cache_age")))

    assert str(caught.value.problem) == "invalid cache_age: 'soon'"
    assert "5s" in str(caught.value.fix)


def test_a_path_starts_from_the_folder_of_its_file(tmp_path: Path) -> None:
    setting = SettingValue("out", "`reports`", tmp_path / "harness.toml", tmp_path)

    assert read_path(setting) == tmp_path / "out"


def test_an_error_names_the_file_and_the_path_inside_it() -> None:
    table = SettingValue({}, "`prices`", Path("harness.toml"))

    error = table.item("m", {}).item("input", -1).invalid("a price")

    assert str(error.problem) == "harness.toml: invalid `prices.m.input`: -1"


def test_an_unknown_key_is_corrected() -> None:
    error = SettingValue({}, "`timeouts`").unknown_key("idel", ["idle", "case"])

    assert (str(error.problem), str(error.fix)) == (
        "unknown key `idel` in `timeouts`",
        "write `idle`",
    )
