"""The options that running a trial again has to repeat."""

from __future__ import annotations

import pytest

from harness.model.rerun_options import RerunOptions


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], RerunOptions()),
        (["--set", "a=b", "--set", "c=--set"], RerunOptions(("a=b", "c=--set"))),
        (
            ["--base-url", "simulator", "--repeat", "5", "--judge", "m", "--allow-code"],
            RerunOptions((), 5, "m", "simulator", allow_code=True),
        ),
        (["--allow-code", "--set", "a=b"], RerunOptions(("a=b",), allow_code=True)),
        (["--of-a-newer-version", "--repeat", "2"], RerunOptions(repeat=2)),
    ],
)
def test_options_that_an_earlier_version_wrote_as_words_are_read(
    words: list[str], options: RerunOptions
) -> None:
    assert RerunOptions.from_data(words) == options


def test_only_options_that_are_set_are_written() -> None:
    assert RerunOptions().as_data() == {}
    assert RerunOptions(("a=b",), judge="m").as_data() == {"set": ["a=b"], "judge": "m"}
