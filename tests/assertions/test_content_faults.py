"""Replies whose content is broken: whatever reads it fails, and is no error that nobody can judge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.assertions.judges import Scripted, judged_by
from tests.assertions.vectors import ERROR, FAIL, PASS, calling, judged, result_of

FAULTS = {
    "empty": "",
    "white space": " \n\t",
    "prose": "I'm sorry, I can't answer that.",
    "half of JSON": '{"colour": "ye',
    "two values": '{"colour": 1} {"colour": 2}',
    "another key": '{"color": "yellow"}',
    "another type": "[1, 2]",
    "a number": "5",
    "null": "null",
    "null inside": '{"colour": null}',
    "a text": '"yellow"',
    "an open fence": "```json\n{}",
    "an open tag": "<answer>yellow",
    "a lone surrogate": "\ud800",
    "a null character": "\x00",
    "XML": "<colour>yellow",
    "YAML": "colour: [yellow",
}
EXPRESSIONS = [
    "(output | from_json).colour == 'yellow'",
    "(output | from_json)['colour']['name'] | length > 0",
    "(output | from_json).colour.name is string",
    "(output | from_json)[7] == 'yellow'",
    "(output | from_json) | map(attribute='colour') | first == 'yellow'",
    "(output | from_json) | sum(attribute='colour') > 1",
    "(output | from_json).colour + 1 > 1",
    "(output | fenced('yaml')) == 'yellow'",
    "(output | between('<a>', '</a>')) == 'yellow'",
    "output.split('|')[5] == 'yellow'",
    "output.index('zebra') > 0",
    "{'yellow': 1}[output] == 1",
    "{'yellow': 1}.get(output) > 0",
    "1 / output.count('zebra') > 0",
    "content[1].input.colour == 'yellow'",
]
TRANSFORMS = [
    "(output | from_json).colour.name",
    "(output | from_json)[7]",
    "output | fenced('yaml')",
    "output | between('<a>', '</a>')",
    "output.split('|')[5]",
]
READERS: dict[str, dict[str, Any]] = {
    "is_json": {"is_json": {"type": "object", "properties": {"colour": {"type": "string"}},
                            "required": ["colour"]}},
    "contains_json": {"contains_json": {"required": ["colour"],
                                        "properties": {"colour": {"type": "boolean"}}}},
    "json_path": {"json_path": "$.colour.name"},
    "is_xml": {"is_xml": True},
    "is_html": {"is_html": True},
    "is_yaml": {"is_yaml": True},
    "is_sql": {"is_sql": True},
    "calls_tool": {"calls_tool": "paint"},
    "tool_call_f1": {"tool_call_f1": ["paint"]},
}  # fmt: skip


@pytest.mark.parametrize("output", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("name", ["that", "not_that"])
def test_a_condition_on_broken_content_fails_also_if_it_is_negated(
    name: str, expression: str, output: str
) -> None:
    positive = judged({"that": expression}, output)
    verdict = judged({name: expression}, output)

    assert result_of(positive) == FAIL
    assert positive.reason.startswith("`")
    # a value that is only another one can be judged, and so negated
    is_read = not positive.is_unreadable
    assert result_of(verdict) == (PASS if is_read and name == "not_that" else FAIL)


@pytest.mark.parametrize("output", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize(
    "item",
    [
        {"equals": "a"},
        {"not_equals": "a"},
        {"not_contains": "a"},
        {"not_matches": "a"},
        {"is_json": True},
        {"not_is_json": True},
        {"not_json_path": "$.a"},
        {"word_count": 1},
        {"not_is_refusal": True},
        {"not_that": "output == 'a'"},
        {"any_of": [{"not_contains": "a"}]},
        {"none_of": [{"contains": "a"}]},
    ],
    ids=str,
)
def test_a_transform_of_broken_content_fails_whatever_judges_its_value(
    item: dict[str, Any], transform: str, output: str
) -> None:
    verdict = judged({**item, "transform": transform}, output)

    assert result_of(verdict) == FAIL
    assert verdict.is_unreadable
    assert verdict.reason.startswith("the output cannot be transformed: ")


@pytest.mark.parametrize("output", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("name", READERS)
def test_an_assertion_on_a_format_judges_broken_content(name: str, output: str) -> None:
    verdict = judged(READERS[name], output)

    assert result_of(verdict) in {PASS, FAIL}, verdict.reason


@pytest.mark.parametrize("output", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("arguments", [None, [], "text", 5, {}, {"city": None}, {"city": ["x"]}])
def test_arguments_of_a_tool_call_that_lack_what_is_read_do_not_count(
    arguments: Any, output: str
) -> None:
    item = {"calls_tool": "weather", "assert": [{"that": "(output | from_json).city.name == 'x'"}]}

    assert result_of(judged(item, calling(("weather", arguments), text=output))) == FAIL
    assert result_of(judged({**item, "times": 0}, calling(("weather", arguments)))) == FAIL


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("name", ["judge", "not_judge"])
def test_no_judge_is_asked_about_what_cannot_be_transformed(name: str, transform: str) -> None:
    judge = Scripted([{"score": 1}])

    verdict = judged_by(judge, {name: "It is kind.", "transform": transform}, "prose")

    assert result_of(verdict) == FAIL
    assert judge.questions == []


@pytest.mark.parametrize(
    "item",
    [
        {"that": "vars.gone"},
        {"that": "output.gone"},
        {"that": "output + 1"},
        {"that": "1 / 0"},
        {"that": "(vars.queue | from_json).gone"},
        {"contains": "a", "transform": "vars.gone"},
        {"contains": "a", "transform": "none"},
        {"contains": "a", "transform": "output.strip"},
    ],
)
@pytest.mark.parametrize("output", FAULTS.values(), ids=FAULTS)
def test_a_mistake_of_the_suite_stays_an_error_whatever_the_reply_is(
    item: dict[str, Any], output: str
) -> None:
    assert result_of(judged(item, output)) == ERROR


@pytest.mark.parametrize("output", ["[" * 100_000, "1" * 5_000], ids=["depth", "digits"])
@pytest.mark.parametrize(
    "item",
    [
        {"is_json": True},
        {"json_path": "$.a"},
        {"that": "(output | from_json).a == 1"},
        {"equals": "a", "transform": "output | from_json"},
    ],
)
def test_content_beyond_the_limits_of_a_parser_is_not_judged(
    item: dict[str, Any], output: str
) -> None:
    assert result_of(judged(item, output)) == ERROR
