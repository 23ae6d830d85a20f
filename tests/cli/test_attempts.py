from __future__ import annotations

import pytest

from harness.cli.attempts import errors_of
from harness.errors import StoreError
from harness.wording import Option, Wording


def _nothing() -> None:
    pass


def _full_disk() -> None:
    raise StoreError(Wording("no space; choose another {html}", html=Option("html")))


def _bug() -> None:
    raise KeyError("gone")


def test_what_succeeds_has_no_errors() -> None:
    assert errors_of(_nothing) == []


def test_what_cannot_be_stored_is_an_error_in_the_words_of_the_command_line() -> None:
    assert errors_of(_full_disk) == ["no space; choose another --html"]


def test_a_mistake_of_our_own_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        errors_of(_bug)
