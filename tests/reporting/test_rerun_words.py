"""The words of a command that runs a trial again."""

from __future__ import annotations

import pytest

from harness.model.rerun_options import RerunOptions
from harness.reporting.rerun_words import rerun_words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (RerunOptions(), []),
        (RerunOptions(("a=b", "c=d e")), ["--set", "a=b", "--set", "c=d e"]),
        (
            RerunOptions(("a=b",), 5, "m", "simulator", allow_code=True),
            ["--base-url", "simulator", "--set", "a=b", "--repeat", "5", "--judge", "m",
             "--allow-code"],
        ),
    ],
)  # fmt: skip
def test_options_that_are_set_become_words_that_read_as_the_same_options(
    options: RerunOptions, words: list[str]
) -> None:
    assert rerun_words(options) == words
    assert RerunOptions.from_data(words) == options
