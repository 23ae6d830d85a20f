"""Every assertion with a wrong argument: reported while loading, at the argument itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from tests.support.suites import problems_in, write_suite

HEAD = (
    "suite: test\nrequest: {model: m}\nvariants: {terse: {vars: {}}, polite: {vars: {}}}\n"
    "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - "
)
LINE = HEAD.count("\n") + 1
FIRST = 9  # the column where an expectation begins

# what is written, where in it the mistake is (its first character), words of the problem
WRONG = [
    ("equals: 5", "5", "`equals` must be text"),
    ("contains: ''", "''", "`contains` is empty"),
    ("contains_any: x", "x", "must be a list of texts"),
    ("contains_all: []", "[]", "`contains_all` is empty"),
    ("starts_with: [a]", "[a]", "`starts_with` must be text"),
    ("ends_with: {a: b}", "{a", "`ends_with` must be text"),
    ("matches: 'a(b'", "(b'", "not a regular expression"),
    ("word_count: -1", "-1", "out of range"),
    ("char_count: {min: 3, max: 1}", "{min", "`min` is larger than `max`"),
    ("line_count: {most: 3}", "most", "unknown key `most`"),
    ("is_json: {type: objekt}", "objekt", "not a JSON Schema"),
    ("is_json: {requierd: [a]}", "[a]", "`requierd` is not a keyword"),
    ("is_json: {format: emial}", "emial", "the format `emial` is unknown"),
    ("is_json: {$ref: '#nope'}", "'#nope", "refers to `#nope`, which is not in it"),
    ("is_json: {pattern: '('}", "'('", "is not a 'regex'"),
    ("contains_json: {$ref: 'http://x'}", "'http", "references are not fetched"),
    ("json_path: 'items'", "'items", "not a JSONPath"),
    ("json_path: $.a\n        assert: [{equals: 5}]", "5}", "`equals` must be text"),
    ("is_xml: [a//b]", "a//", "is not a path of elements"),
    ("is_html: false", "false", "must be true"),
    ("is_yaml: yes please", "yes please", "must be true"),
    ("is_sql: {dialect: postgre}", "postgre}", "unknown dialect"),
    ("levenshtein: []", "[]", "`levenshtein` is empty"),
    ("similarity_ratio: abc\n        min: 80", "80", "`min` is out of range: 80"),
    ("rouge_1: [1]", "1]", "must be"),
    ("rouge_2: ''", "''", "is empty"),
    ("rouge_l: ' '", "' '", "expected a text"),
    ("rouge_l: Привет", "Привет", "words of a-z and 0-9"),
    ("bleu: {a: b}", "{a", "must be a text or a list of texts"),
    ("meteor: [a, '']", "''", "is empty"),
    ("chrf: abc\n        max: 1", "max", "unknown key `max`"),
    ("calls_tool: x\n        match: often", "often", "unknown `match`: `often`"),
    ("no_tool_calls: false", "false", "must be true"),
    ("tool_call_f1: weather", "weather", "must be a list of texts"),
    ("is_refusal: 1", "1", "must be true"),
    ("stop_reason: [a]", "[a]", "`stop_reason` must be text"),
    ("max_latency: soon", "soon", "max_latency"),
    ("max_ttft: 0s", "0s", "expected a duration"),
    ("max_cost: cheap", "cheap", "must be a number"),
    ("max_input_tokens: 1.5", "1.5", "must be a whole number"),
    ("max_output_tokens: -2", "-2", "out of range"),
    ("max_total_tokens: many", "many", "must be a whole number"),
    ("min_tokens_per_second: fast", "fast", "must be a number"),
    ("all_of: {contains: x}", "{contains", "must be a list of expectations"),
    ("any_of: []", "[]", "`any_of` is empty"),
    ("none_of: [{contians: x}]", "contians", "unknown assertion `contians`"),
    ("judge: [a]", "[a]", "`judge` must be text"),
    ("answers: x\n        votes: 2", "2", "an odd number of votes"),
    ("faithful_to: ''", "''", "is empty"),
    ("factual: x\n        accept: [same]", "same", "unknown `accept[0]`: `same`"),
    ("factual: x\n        accept: []", "[]", "is empty"),
    ("same_as: tersse", "tersse", "unknown variant `tersse`"),
    ("same_as: [terse]", "[terse]", "must be the name of a variant"),
    ("best_of: polite\n        by: speed", "speed", "unknown `by`: `speed`"),
    ("best_of: ''", "''", "is empty"),
    ("prefer: It is kind.\n        over: terser", "terser", "unknown variant `terser`"),
    ("prefer: ''\n        over: terse", "''", "is empty"),
    ("json_path: $.a\n        assert: [{same_as: terse}]", "same_as", "compares whole replies"),
    ("criteria: x", "x", "must be a list of criteria"),
    ("python: checks.py:f", "checks", "file not found: `checks.py`"),
    ("that: output ==", "output", "not an expression"),
    ("equals: x\n        transform: output | frist", "frist", "No filter named 'frist'"),
    ("all_of: [{min: 1, char_count: 5}]", "min", "`min` cannot be combined with `char_count`"),
    (
        "all_of: [{contains: x, metric: m}]",
        "contains",
        "a `metric` inside `all_of` is never collected",
    ),
]


@pytest.mark.parametrize(("written", "at", "words"), WRONG)
def test_a_wrong_argument_is_reported_at_its_position(
    tmp_path: Path, written: str, at: str, words: str
) -> None:
    path = write_suite(tmp_path, f"{HEAD}{written}\n")
    before = written[: written.index(at, written.index(":") if ":" in written else 0)]
    if at == "max":
        before = written[: written.index("max")]
    line = LINE + before.count("\n")
    column = len(before) - before.rfind("\n") - 1 + (1 if "\n" in before else FIRST)

    (problem, *more) = problems_in(path)

    assert more == []
    assert words in problem.problem
    assert (problem.span.line, problem.span.column) == (line, column)
    assert problem.fix


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("best_of: polite", "`best_of` compares scores, but no other assertion scores `a`"),
        ("prefer: It is kind.", "missing key `over`"),
    ],
)
def test_what_an_assertion_lacks_is_reported_where_it_begins(
    tmp_path: Path, written: str, words: str
) -> None:
    (problem,) = problems_in(write_suite(tmp_path, f"{HEAD}{written}\n"))

    assert words in problem.problem
    assert (problem.span.line, problem.span.column) == (LINE, FIRST)
    assert problem.fix


def test_variants_are_not_compared_where_there_is_only_one(tmp_path: Path) -> None:
    alone = HEAD.replace("variants: {terse: {vars: {}}, polite: {vars: {}}}\n", "")

    (problem,) = problems_in(write_suite(tmp_path, f"{alone}same_as: terse\n"))

    assert problem.problem == "`same_as` compares variants, but the suite has only one"


def test_an_unknown_variant_in_a_shared_expectation_is_reported_once(tmp_path: Path) -> None:
    cases = "".join(f"  - {{id: c{n}, prompt: Hi}}\n" for n in range(3))
    head = HEAD.partition("cases:")[0]

    (problem,) = problems_in(
        write_suite(tmp_path, f"{head}assert: [{{same_as: trese}}]\ncases:\n{cases}")
    )

    assert "write `terse`" in str(problem.fix)


def test_every_assertion_is_among_them() -> None:
    registry = builtin_assertions(Expressions(TemplateEnvironment))
    written = {argument.partition(":")[0] for argument, _, _ in WRONG}

    assert written == {definition.name for definition in registry}
