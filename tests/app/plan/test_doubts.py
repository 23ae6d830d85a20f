"""What is doubtful about a plan, though a run may begin."""

from __future__ import annotations

from pathlib import Path

from harness.app.plan.doubts import plan_doubts
from tests.support.suites import plan_of, write_cases, write_suite

BLOCKS = """\
  - id: a
    messages:
      - role: user
        content:
          - {type: text, text: Hi, texts: again}
          - {type: document, source: {type: content, content: [{type: text, text: x, foo: 1}]}}
  - {id: b, prompt: Hi}
"""


def test_keys_of_blocks_that_nobody_knows_are_told_where_they_stand(tmp_path: Path) -> None:
    first, second = plan_doubts(plan_of(write_cases(tmp_path, BLOCKS)))

    assert first.problem == "unknown key `texts` in a block of `type: text`; it is sent as it is"
    assert first.fix == "write `text`"
    assert "unknown key `foo`" in second.problem
    assert second.fix == "leave it if the service takes it"


def test_keys_of_the_blocks_of_a_system_prompt_are_told(tmp_path: Path) -> None:
    path = write_suite(
        tmp_path,
        "suite: t\nrequest: {model: m, system: [{type: text, text: Hi, foo: 1}]}\n"
        "cases: [{id: a, prompt: Hi}, {id: b, prompt: Hi}]\n",
    )

    (doubt,) = plan_doubts(plan_of(path))

    assert "unknown key `foo`" in doubt.problem


def test_only_selected_cases_are_doubted(tmp_path: Path) -> None:
    path = write_cases(tmp_path, BLOCKS)

    assert plan_doubts(plan_of(path, only=["*::b"])) == []
