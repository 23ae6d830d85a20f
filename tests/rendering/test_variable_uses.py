"""Which variables the templates of a case use."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.components import Components
from harness.model.suite import Trial
from tests.support.suites import plan_of, write_cases

CASE = """\
  - id: a
    vars: {asked: 1, guarded: 1, listed: 1, nested: 1, shown: 1, seen: 1, unused: 1}
    turns:
      - prompt: "{{ asked }} unused"
      - messages:
          - role: user
            content: [{type: text, text: "{{ guarded | default('x') }}"}]
    transform: output ~ shown
    assert:
      - contains_any: ["{{ listed }}"]
      - any_of: [{contains: "{{ nested }}"}]
      - that: seen in output
"""


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Return a trial of a case that uses variables in many places."""
    head = "vars: {place: x}\nmatrix: {system: ['In {{ place }}.']}\n"
    return next(plan_of(write_cases(tmp_path, CASE, head)).trials())


@pytest.mark.parametrize(
    ("name", "is_asked", "is_expected"),
    [
        ("asked", True, False),
        ("guarded", True, False),
        ("place", True, False),
        ("listed", False, True),
        ("nested", False, True),
        ("shown", False, True),
        ("seen", False, True),
        ("unused", False, False),
    ],
)
def test_what_is_asked_and_what_is_expected_are_told_apart(
    trial: Trial, name: str, *, is_asked: bool, is_expected: bool
) -> None:
    uses = Components().variables

    assert uses.in_request(trial, name) is is_asked
    assert uses.in_expectations(trial.case, name) is is_expected
