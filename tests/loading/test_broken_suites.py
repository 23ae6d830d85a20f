"""One broken suite for each kind of mistake, with the exact message a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.model.request_ranges import OPEN_THE_RANGES
from tests.support.suites import problems_in, write_suite

HEAD = "suite: test\nrequest: {model: m}\n"


@dataclass(frozen=True)
class Broken:
    """A suite and its only error; `position` is line:column, or file:line:column."""

    name: str
    text: str
    position: str
    problem: str
    fix: str


MISTAKES = [
    Broken(
        "unclosed bracket",
        HEAD + "cases: [{id: a\n",
        "3:9",
        "YAML syntax: did not find expected ',' or '}' while parsing a flow mapping",
        "close the bracket or brace, and separate its items with commas",
    ),
    Broken(
        "unclosed quotes",
        HEAD + 'cases:\n  - id: "a\n    prompt: Hi\n',
        "4:9",
        "YAML syntax: found unexpected end of stream while scanning a quoted scalar",
        "close the quotes; inside double quotes write a backslash as `\\\\`",
    ),
    Broken(
        "colon in plain text",
        HEAD + "cases:\n  - id: a\n    prompt: Answer: yes\n",
        "5:19",
        "YAML syntax: mapping values are not allowed in this context",
        "quote a text that contains `: `, and align the keys",
    ),
    Broken(
        "tab",
        HEAD + "cases:\n\t- id: a\n",
        "4:1",
        "a tab is used for indentation",
        "indent with spaces",
    ),
    Broken(
        "duplicate key",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    id: b\n",
        "6:5",
        "duplicate key `id`; first defined on line 4",
        "keep one of the two",
    ),
    Broken(
        "key of the API",
        HEAD + "vars: {key: sk-ant-api03-0123456789abcdefghij}\ncases: [{id: a, prompt: Hi}]\n",
        "3:13",
        "this looks like an API key",
        "remove and revoke it; set the key in the environment instead",
    ),
    Broken(
        "tag",
        HEAD + "cases:\n  - id: a\n    prompt: !!python/name:os.system Hi\n",
        "5:13",
        "tags are not allowed: `!!python/name:os.system`",
        "remove the tag; to get text, put the value in quotes",
    ),
    Broken(
        "unquoted template",
        HEAD + "vars: {x: 1}\ncases:\n  - id: a\n    prompt: {{ x }}\n",
        "6:13",
        "an unquoted template reads as a YAML mapping",
        'put the template in quotes: "{{ name }}"',
    ),
    Broken(
        "unknown key of a case",
        HEAD + "cases:\n  - id: a\n    promt: Hi\n    prompt: Hi\n",
        "5:5",
        "unknown key `promt`",
        "remove it; `prompt` is already set",
    ),
    Broken(
        "misspelt key of the suite",
        HEAD + "varss: {x: 1}\ncases:\n  - id: a\n    prompt: Hi\n",
        "3:1",
        "unknown key `varss`",
        "write `vars`",
    ),
    Broken(
        "misspelt key of the request",
        "suite: test\nrequest: {model: m, max_token: 5}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:21",
        "unknown key `max_token`",
        "write `max_tokens`",
    ),
    Broken(
        "text is a number",
        HEAD + "cases:\n  - id: a\n    prompt: 4711\n",
        "5:13",
        "`prompt` must be text or {file: …}, found `4711`",
        'put it in quotes: "4711"',
    ),
    Broken(
        "group is a number",
        HEAD + "cases:\n  - {id: a, prompt: Hi, group: 7}\n",
        "4:32",
        "`group` must be a text that is not blank, found `7`",
        'put it in quotes: "7"',
    ),
    Broken(
        "group is blank",
        HEAD + "cases:\n  - {id: a, prompt: Hi, group: ' '}\n",
        "4:32",
        "invalid `group`: ` `",
        "write a text that is not blank",
    ),
    Broken(
        "group names an undefined variable",
        HEAD + "cases:\n  - {id: a, prompt: Hi, group: '{{ x }}'}\n",
        "4:36",
        "undefined variable `x`",
        "set it in `vars`: {x: …}",
    ),
    Broken(
        "YAML 1.1 boolean",
        "suite: test\nrequest: {model: m, stream: yes}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:29",
        "`stream` must be true or false, found the text `yes`",
        "write `true`",
    ),
    Broken(
        "temperature out of range",
        "suite: test\nrequest: {model: m, temperature: 1.5}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:34",
        "`temperature` is out of range: 1.5",
        f"write a number from 0 to 1{OPEN_THE_RANGES}",
    ),
    Broken(
        "max_tokens out of range",
        "suite: test\nrequest: {model: m, max_tokens: 40000}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:33",
        "`max_tokens` is out of range: 40000",
        f"write a number from 1 to 32000{OPEN_THE_RANGES}",
    ),
    Broken(
        "top_k out of range",
        "suite: test\nrequest: {model: m, top_k: 0}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:28",
        "`top_k` is out of range: 0",
        f"write a number of at least 1{OPEN_THE_RANGES}",
    ),
    Broken(
        "max_tokens below the range of any service",
        "suite: test\nrequest: {model: m, max_tokens: 0}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:33",
        "`max_tokens` is out of range: 0",
        "write a number from 1 to 32000",
    ),
    Broken(
        "unknown assertion",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - contians: hello\n",
        "7:9",
        "unknown assertion `contians`",
        "write `contains`",
    ),
    Broken(
        "wrong assertion argument",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - contains: 5\n",
        "7:19",
        "`contains` must be text, found `5`",
        'put it in quotes: "5"',
    ),
    Broken(
        "wrong duration",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - max_latency: soon\n",
        "7:22",
        "invalid `max_latency`: `soon`",
        "write a duration such as 5s",
    ),
    Broken(
        "option of another assertion",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n"
        "      - max_latency: 5s\n        ignore_case: true\n",
        "8:9",
        "`ignore_case` cannot be combined with `max_latency`",
        "start a new item, `- ignore_case: …`, or use one of"
        " max_latency, transform, weight, name, metric, severity, when",
    ),
    Broken(
        "two assertions in one expectation",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n"
        "      - contains: a\n        equals: b\n",
        "8:9",
        "`equals` cannot be combined with `contains`",
        "start a new item, `- equals: …`, or use one of"
        " contains, ignore_case, transform, weight, name, metric, severity, when",
    ),
    Broken(
        "expectation without assertion",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - weight: 2\n",
        "7:9",
        "the expectation names no assertion",
        "add one, such as `equals: …`",
    ),
    Broken(
        "bad regex",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - matches: 'a(b'\n",
        "7:20",
        "`matches`: not a regular expression: missing ), unterminated subpattern",
        "fix the pattern; single quotes keep its backslashes",
    ),
    Broken(
        "bad JSON schema",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n"
        "      - is_json: {type: object, required: total}\n",
        "7:43",
        "`is_json`: not a JSON Schema: 'total' is not of type 'array'",
        "write it as JSON Schema, draft 2020-12",
    ),
    Broken(
        "reference out of a JSON schema",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n"
        "      - is_json: {$ref: 'http://example.com/schema.json'}\n",
        "7:25",
        "`is_json`: the schema refers to `http://example.com/schema.json`, but references are not"
        " fetched",
        "copy the schema to `$defs`, and refer to `#/$defs/…`",
    ),
    Broken(
        "bad expression",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - that: 'output >'\n",
        "7:15",
        "`that`: not an expression: unexpected 'end of template'",
        "write a Jinja expression, such as `output | length > 3`",
    ),
    Broken(
        "undefined variable in a block",
        HEAD + "vars: {company: Acme}\ncases:\n  - id: a\n    prompt: |\n      Dear team,\n"
        "        hello {{ compny }}!\n",
        "8:18",
        "undefined variable `compny`",
        "write `company`",
    ),
    Broken(
        "undefined variable in an expression",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - that: outptu == 'x'\n",
        "7:15",
        "undefined variable `outptu`",
        "write `output`",
    ),
    Broken(
        "undefined variable in an argument",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    vars: {queue: x}\n    assert:\n"
        '      - equals: "{{ queeu }}"\n',
        "8:21",
        "undefined variable `queeu`",
        "write `queue`",
    ),
    Broken(
        "undefined variable in a branch",
        HEAD + "vars: {polite: false}\ncases:\n  - id: a\n"
        '    prompt: "{% if polite %}{{ please }}{% endif %}"\n',
        "6:32",
        "undefined variable `please`",
        "set it in `vars`, or use one of polite",
    ),
    Broken(
        "template syntax",
        HEAD + 'cases:\n  - id: a\n    prompt: "Hi {% if x %}"\n',
        "5:17",
        "template syntax: Unexpected end of template. Jinja was looking for the following tags:"
        " 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.",
        "close every tag: `{{ … }}`, `{% if … %} … {% endif %}`",
    ),
    Broken(
        "missing file",
        HEAD + "cases:\n  - id: a\n    prompt: {file: promt.md}\n",
        "5:20",
        "file not found: `promt.md`",
        "write `prompt.md`",
    ),
    Broken(
        "file outside the root",
        HEAD + "cases:\n  - id: a\n    prompt: {file: ../outside.md}\n",
        "5:20",
        "`../outside.md` is outside the project",
        "keep the file below `{root}` and write its path relative to the suite",
    ),
    Broken(
        "wrong media type",
        HEAD + "cases:\n  - id: a\n    messages:\n      - role: user\n        content:\n"
        "          - {type: image, source: {type: path, path: prompt.md}}\n",
        "8:54",
        "`prompt.md` is text/markdown, which a block of `type: image` does not accept",
        "write `type: document`",
    ),
    Broken(
        "content is not of its media type",
        HEAD + "cases:\n  - id: a\n    messages:\n      - role: user\n        content:\n"
        "          - {type: image, source: {type: path, path: fake.png}}\n",
        "8:54",
        "`fake.png` does not look like image/png",
        "use another file, or another media type",
    ),
    Broken(
        "unknown media type",
        HEAD + "cases:\n  - id: a\n    messages:\n      - role: user\n        content:\n"
        "          - {type: file, source: {type: base64, media_type: video/mp4, data: AAAA}}\n",
        "8:61",
        "unknown `media_type`: `video/mp4`",
        "write one of `application/pdf`, `text/plain`, `text/markdown`, `text/csv`, `image/png`,"
        " `image/jpeg`, `image/gif`, `image/webp`",
    ),
    Broken(
        "empty dataset",
        HEAD + 'cases:\n  - id: "{{ a }}"\n    dataset: empty.csv\n    prompt: Hi\n',
        "5:14",
        "the dataset `empty.csv` has no rows",
        "add a row, or remove the dataset",
    ),
    Broken(
        "missing column",
        HEAD + 'cases:\n  - id: "{{ a }}"\n    dataset: rows.csv\n    prompt: "{{ mail }}"\n',
        "6:17",
        "undefined variable `mail`",
        "set it in `vars`, or use one of a, b, row",
    ),
    Broken(
        "duplicate id",
        HEAD + "cases:\n  - {id: a, prompt: Hi}\n  - {id: a, prompt: Ho}\n",
        "5:10",
        "duplicate id `a`; first used on line 4",
        "give each case its own id",
    ),
    Broken(
        "one id for all rows",
        HEAD + "cases:\n  - id: mail\n    dataset: rows.csv\n    prompt: Hi\n",
        "4:9",
        "all 2 rows of `rows.csv` would have the id `mail`",
        'use a column or the row number: "mail-{{ row }}"',
    ),
    Broken(
        "stream with async",
        "suite: test\nrequest: {model: m, stream: true, async: true}\n"
        "cases:\n  - {id: a, prompt: Hi}\n",
        "2:35",
        "`stream` and `async` cannot be used together",
        "keep one of the two",
    ),
    Broken(
        "stream meets async in a variant",
        "suite: test\nrequest: {model: m, stream: true}\nmatrix: {async: [true, false]}\n"
        "cases:\n  - {id: a, prompt: Hi}\n",
        "5:10",
        "`stream` and `async` are both set in the variant `async`",
        "keep one of the two",
    ),
    Broken(
        "no cases",
        HEAD + "cases: []\n",
        "3:8",
        "`cases` is empty",
        "write at least one entry, or remove the key",
    ),
    Broken(
        "cases are missing",
        HEAD,
        "1:1",
        "missing key `cases`",
        "add `cases: …`",
    ),
    Broken(
        "neither prompt nor messages",
        HEAD + "cases:\n  - id: a\n",
        "4:9",
        "the case `a` has no prompt",
        "add `prompt: …`, `messages: …` or `turns: …`, or `prompts:` for all cases",
    ),
    Broken(
        "prompt and messages",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    messages: [{role: user, content: Hi}]\n",
        "6:5",
        "`prompt` and `messages` cannot be used together",
        "keep one of the two",
    ),
    Broken(
        "no model",
        "suite: test\ncases:\n  - {id: a, prompt: Hi}\n",
        "1:1",
        "no model is set",
        "add `model: …` under `request:`",
    ),
    Broken(
        "unknown role",
        HEAD + "cases:\n  - id: a\n    messages: [{role: system, content: Hi}]\n",
        "5:23",
        "unknown `role`: `system`",
        "write one of `user`, `assistant`",
    ),
    Broken(
        "empty list item",
        HEAD + "cases:\n  -\n",
        "4:4",
        "`cases[0]` must be a mapping, found nothing",
        "write a mapping",
    ),
    Broken(
        "key that is not text",
        HEAD + "vars: {1: 1}\ncases:\n  - {id: a, prompt: Hi}\n",
        "3:8",
        "keys must be text, found `1`",
        "put the key in quotes",
    ),
    Broken(
        "request field hidden in extra",
        "suite: test\nrequest: {model: m, extra: {async: true}}\ncases:\n  - {id: a, prompt: Hi}\n",
        "2:29",
        "`async` does not belong in `extra`",
        "move `async` up into `request`",
    ),
    Broken(
        "template where none is rendered",
        'suite: test\nrequest: {model: "{{ model }}"}\ncases:\n  - {id: a, prompt: Hi}\n',
        "2:18",
        "invalid `model`: `{{ model }}`",
        "write the name of a model; templates are not rendered here",
    ),
    Broken(
        "value twice on an axis",
        HEAD + "matrix: {temperature: [0, 0]}\ncases:\n  - {id: a, prompt: Hi}\n",
        "3:27",
        "duplicate value on this axis of the matrix",
        "remove one of the two",
    ),
    Broken(
        "line feed after an id",
        HEAD + 'cases:\n  - id: "a\\n"\n    prompt: Hi\n',
        "4:9",
        r'"a\n" does not match "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$|\{\{"',
        "write it as the schema says (`harness schema`)",
    ),
    Broken(
        "option that is not a boolean",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n"
        "      - contains: x\n        ignore_case: yes\n",
        "8:22",
        "`ignore_case` must be true or false, found the text `yes`",
        "write `true`",
    ),
    Broken(
        "text that every reply contains",
        HEAD + "cases:\n  - id: a\n    prompt: Hi\n    assert:\n      - contains: ''\n",
        "7:19",
        "`contains` is empty",
        "write some text, or remove the key",
    ),
    Broken(
        "variable missing from a later row",
        HEAD + "cases:\n  - id: 'r{{ row }}'\n    dataset: odd.jsonl\n    prompt: Hi\n"
        "    assert:\n      - that: output == z\n",
        "8:25",
        "undefined variable `z` (row 2 of the dataset)",
        "use one of output, vars, usage, latency, ttft, cost, stop_reason, model, content, row, q",
    ),
    Broken(
        "broken CSV",
        HEAD + 'cases:\n  - id: "{{ row }}"\n    dataset: ragged.csv\n    prompt: Hi\n',
        "ragged.csv:3:1",
        "the row has 3 cells, but the header has 2",
        'write one cell per column; put a cell with a separator in "quotes"',
    ),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "outside.md").write_text("secret")
    (root / "prompt.md").write_text("Hi")
    (root / "fake.png").write_text("no picture")
    (root / "empty.csv").write_text("a,b\n")
    (root / "rows.csv").write_text("a,b\n1,2\n3,4\n")
    (root / "odd.jsonl").write_text('{"z": 1}\n{"q": 2}\n')
    (root / "ragged.csv").write_text("a,b\n1,2\n3,4,5\n")
    return root


@pytest.mark.parametrize("broken", MISTAKES, ids=lambda broken: broken.name)
def test_a_mistake_is_reported_with_its_position_and_its_fix(broken: Broken, project: Path) -> None:
    path = write_suite(project, broken.text)

    (error,) = problems_in(path)

    name = project if ":" in broken.position and "." in broken.position else path
    separator = "/" if name is project else ":"
    assert str(error.span) == f"{name}{separator}{broken.position}"
    assert error.problem == broken.problem
    assert error.fix == broken.fix.replace("{root}", str(project))


def test_all_mistakes_of_all_files_are_reported_at_once_in_order(project: Path) -> None:
    first = write_suite(
        project,
        "suite: one\nrequest: {model: m, temperature: 2}\ncases:\n"
        "  - id: a\n    prompt: '{{ x }}'\n"
        "  - id: b\n    prompt: Hi\n    assert: [{contians: y}]\n"
        "  - id: a\n    prompt: {file: gone.md}\n",
        "one.suite.yaml",
    )
    second = write_suite(project, "suite: two\ncases: 5\n", "two.suite.yaml")

    errors = [(str(error.span), error.problem) for error in problems_in(first, second)]

    assert errors == [
        (f"{first}:2:34", "`temperature` is out of range: 2"),
        (f"{first}:5:17", "undefined variable `x`"),
        (f"{first}:8:15", "unknown assertion `contians`"),
        (f"{first}:9:9", "duplicate id `a`; first used on line 4"),
        (f"{first}:10:20", "file not found: `gone.md`"),
        (f"{second}:2:8", "`cases` must be a list, found `5`"),
    ]


def test_a_mistake_in_variables_does_not_hide_those_elsewhere(project: Path) -> None:
    path = write_suite(
        project,
        HEAD + "vars: {a-b: 1}\ncases:\n  - id: a\n    prompt: '{{ x }}'\n"
        "    assert: [{matches: '('}]\n  - id: b\n    dataset: gone.csv\n    prompt: Hi\n",
    )

    errors = [error.problem for error in problems_in(path)]

    assert errors == [
        "invalid name `a-b`",
        "`matches`: not a regular expression: missing ), unterminated subpattern",
        "file not found: `gone.csv`",
    ]


def test_an_undefined_variable_does_not_hide_a_missing_attachment(project: Path) -> None:
    path = write_suite(
        project,
        HEAD + "cases:\n  - id: a\n    messages:\n      - role: user\n        content:\n"
        "          - {type: text, text: '{{ x }}'}\n"
        "          - {type: file, source: {type: path, path: gone.txt}}\n",
    )

    errors = [error.problem for error in problems_in(path)]

    assert errors == ["undefined variable `x`", "file not found: `gone.txt`"]


def test_a_suite_in_utf_16_is_refused_by_its_first_bytes(project: Path) -> None:
    path = write_suite(project, "")
    path.write_bytes("suite: test\n".encode("utf-16"))

    (error,) = problems_in(path)

    assert (str(error.span), error.problem) == (
        f"{path}:1:1",
        "not UTF-8: invalid byte at offset 0",
    )


def test_two_suites_may_not_share_a_name(project: Path) -> None:
    text = HEAD + "cases:\n  - {id: a, prompt: Hi}\n"
    first = write_suite(project, text, "one.suite.yaml")
    second = write_suite(project, text, "two.suite.yaml")

    (error,) = problems_in(first, second)

    assert str(error.span) == f"{second}:1:1"
    assert error.problem == f"a second suite is called `test`; the first is {first}"
