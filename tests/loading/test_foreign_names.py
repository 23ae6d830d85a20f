"""Names that people bring from other tools."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.loading import foreign_names
from harness.loading.foreign_names import assertion_instead, key_instead
from tests.app.plan.test_documentation import registry
from tests.support.suites import problems_in, write_cases, write_suite


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("{icontains: x}", "write `contains: …` with `ignore_case: true`"),
        ("{llm-rubric: x}", "write `judge: …`"),
        ("{not-llm-rubric: x}", "write `not_judge: …`"),
        ("{regex: x}", "write `matches: …`"),
        ("{context_faithfulness: x}", "write `faithful_to: …`, with the context"),
        ("{FaithfulnessMetric: x}", "write `faithful_to: …`, with the context"),
        ("{javascript: x}", "write `that: …` for an expression, or `python: checks.py:function`"),
        ("{type: icontains, value: x}", "write `contains: …` with `ignore_case: true`"),
        ("{type: contains-any, value: [x]}", "write `contains_any: …`"),
        ("{type: is-json}", "write `is_json: …`"),
        ("{rouge_l: x, threshold: 0.8}", "write `min: …`"),
        ("{contains-any: [x]}", "write `contains_any`"),
    ],
)
def test_an_assertion_of_another_tool_is_told_with_ours(
    tmp_path: Path, item: str, words: str
) -> None:
    path = write_cases(tmp_path, f"  - {{id: a, prompt: Hi, assert: [{item}]}}\n")

    (error,) = problems_in(path)

    assert error.fix == words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("expect", "write `assert`"),
        ("provider", "write `request: {model: …}`"),
        ("expected_output", "write `assert: [{equals: …}]`"),
        ("input", "write `prompt`"),
    ],
)
def test_a_key_of_a_case_of_another_tool_is_told_with_ours(
    tmp_path: Path, key: str, words: str
) -> None:
    (error,) = problems_in(write_cases(tmp_path, f"  - {{id: a, prompt: Hi, {key}: x}}\n"))

    assert error.fix == words


@pytest.mark.parametrize("key", ["tests", "providers", "defaultTest", "derivedMetrics"])
def test_a_key_of_a_suite_of_another_tool_is_told_with_ours(tmp_path: Path, key: str) -> None:
    path = write_suite(
        tmp_path, f"suite: t\nrequest: {{model: m}}\n{key}: x\ncases: [{{id: a, prompt: Hi}}]\n"
    )

    (error,) = problems_in(path)

    assert error.fix == key_instead(key, is_suite=True)
    assert "write one of" not in str(error.fix)


def test_what_is_written_instead_exists() -> None:
    known = registry().keys
    hints = vars(foreign_names)["_ASSERTIONS"].values()

    named = {name for hint in hints for name in re.findall(r"`(\w+): ", hint)}

    assert named <= known.keys() | {"ignore_case", "min", "arguments", "over"}


def test_a_name_of_ours_or_of_nobody_has_no_hint() -> None:
    assert assertion_instead("contains") is None
    assert assertion_instead("frobnicate") is None
    assert key_instead("frobnicate", is_suite=False) is None
