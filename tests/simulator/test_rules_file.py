from __future__ import annotations

import re

import jsonschema
import pytest

from harness.simulator.rules import Fault
from harness.simulator.rules_file import RULES_SCHEMA, rules_from

HELLO = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(RULES_SCHEMA)


def test_a_file_says_how_to_answer() -> None:
    data = {
        "seed": 7,
        "latency": 0.5,
        "rules": [{"model": "m", "text": "Hel(lo)", "replies": ["{1}"], "pace": 0.1}],
    }
    jsonschema.validate(data, RULES_SCHEMA)

    answer = rules_from(data).answer(HELLO)

    assert (answer.text, answer.latency, answer.pace) == ("lo", 0.5, 0.1)
    assert answer.name.startswith("7:")


def test_a_latency_from_outside_wins_over_that_of_the_file() -> None:
    assert rules_from({"latency": 0.5}, latency=0.0).answer(HELLO).latency == 0.0


def test_a_fault_of_a_task_is_a_fault() -> None:
    data = {"rules": [{"fault": {"task": "failed", "stall": 1}}]}

    assert rules_from(data).answer(HELLO).fault == Fault(fails_task=True, stall=1)


def test_a_pattern_that_cannot_be_compiled_is_refused() -> None:
    with pytest.raises(re.error):
        rules_from({"rules": [{"text": "("}]})
