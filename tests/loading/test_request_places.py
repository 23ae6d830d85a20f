"""Where a suite sets a field of its requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.loading.request_places import request_place
from tests.support.suites import plan_of, write_suite
from tests.support.trials import suite

TEXT = """\
suite: t
matrix: {temperature: [0, 1]}
request: {model: m, top_p: 0.5}
cases:
  - {id: a, prompt: Hi, request: {max_tokens: 9, top_k: 3}}
  - {id: b, prompt: Hi, request: {max_tokens: 10}}
"""


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("top_p", (3, 21)),
        ("temperature", (2, 10)),
        ("max_tokens", (5, 35)),
        ("top_k", (5, 50)),
        ("system", (1, 1)),
    ],
)
def test_the_first_place_is_shown(tmp_path: Path, field: str, place: tuple[int, int]) -> None:
    (loaded,) = plan_of(write_suite(tmp_path, TEXT)).suites

    found = request_place(loaded, field)

    assert (found.line, found.column) == place


def test_a_suite_without_a_file_is_shown_itself() -> None:
    made = suite()

    assert request_place(made, "top_p") is made.span
