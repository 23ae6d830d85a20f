from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from harness import app
from harness.model.request import PreparedTrial
from tests.support.suites import plan_of, problems_in, write_suite

PNG = b"\x89PNG\r\n\x1a\n rest"


def prepared(plan: app.Plan) -> list[PreparedTrial]:
    return [plan.renderer.prepare(trial) for trial in plan.trials()]


def first(folder: Path, text: str, **options: Any) -> PreparedTrial:
    return prepared(plan_of(write_suite(folder, text), **options))[0]


def test_max_tokens_is_sent_even_if_nobody_set_it_and_nothing_else_is(tmp_path: Path) -> None:
    trial = first(tmp_path, "suite: t\nrequest: {model: m}\ncases: [{id: a, prompt: Hi}]\n")

    assert trial.settings == {"model": "m", "max_tokens": 4096}
    assert trial.turns[0].messages == ({"role": "user", "content": "Hi"},)


def test_text_reaches_the_api_exactly_as_it_is_written(tmp_path: Path) -> None:
    trial = first(
        tmp_path,
        "suite: t\nvars: {x: '{{ y }}'}\nrequest:\n  model: m\n  system: |+\n    a\n\n      b  \n\n"
        'cases:\n  - id: a\n    prompt: "  {{ x }}\\n\\n"\n',
    )

    assert trial.settings["system"] == "a\n\n  b  \n\n"
    assert trial.turns[0].messages[0]["content"] == "  {{ y }}\n\n"


def test_later_settings_win_suite_variant_matrix_case_command_line(tmp_path: Path) -> None:
    path = write_suite(
        tmp_path,
        "suite: t\nvars: {who: suite, tone: suite}\n"
        "request: {model: suite, max_tokens: 1, temperature: 0.1, top_p: 0.1, top_k: 1}\n"
        "variants: {v: {request: {model: variant, max_tokens: 2, temperature: 0.2, top_p: 0.2},"
        " vars: {who: variant}}}\n"
        "matrix: {model: [matrix], max_tokens: [3], temperature: [0.3]}\n"
        "cases:\n  - id: a\n    request: {model: case, max_tokens: 4}\n    prompt: '{{ who }}'\n"
        "  - id: b\n    vars: {who: case}\n    prompt: '{{ who }} {{ tone }}'\n",
    )

    a, b = prepared(plan_of(path, assignments=["request.model=command", "vars.tone=command"]))

    assert a.settings == {
        "model": "command",
        "max_tokens": 4,
        "temperature": 0.3,
        "top_p": 0.2,
        "top_k": 1,
    }
    assert a.turns[0].messages[0]["content"] == "variant"
    assert b.turns[0].messages[0]["content"] == "case command"


def test_extra_fields_pass_through_unchecked(tmp_path: Path) -> None:
    trial = first(
        tmp_path,
        "suite: t\nrequest: {model: m, extra: {thinking: {type: enabled}, x: '{{ who }}'}}\n"
        "cases: [{id: a, prompt: Hi, vars: {who: Ada}}]\n",
    )

    assert trial.settings["thinking"] == {"type": "enabled"}
    assert trial.settings["x"] == "Ada"


FIELDS = """\
suite: t
request:
  model: m
  stop_sequences: ["{{ end }}"]
  tools: [{name: find, description: "Find {{ what }}", input_schema: {type: object}}]
  tool_choice: {type: any}
  thinking: {type: enabled, budget_tokens: 2048}
  output_config: {effort: low}
  metadata: {user_id: "{{ who }}"}
  service_tier: auto
  extra: {seed: 1, other: 2}
vars: {end: END, what: orders, who: Ada}
matrix: {tool_choice: [{type: any}, {type: none}]}
cases:
  - {id: a, prompt: Hi, request: {extra: {seed: 3}}}
"""


def test_fields_of_the_api_are_fields_of_requests_and_templates_in_them_are_rendered(
    tmp_path: Path,
) -> None:
    plan = plan_of(write_suite(tmp_path, FIELDS))
    trials = list(plan.trials())

    settings = plan.renderer.prepare(trials[0]).settings

    assert [trial.variant.name for trial in trials] == ["tool_choice-1", "tool_choice-2"]
    assert settings["stop_sequences"] == ["END"]
    assert settings["tools"][0]["description"] == "Find orders"
    assert settings["metadata"] == {"user_id": "Ada"}
    assert settings["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    assert (settings["seed"], settings["other"]) == (3, 2)  # `extra` is merged field by field
    assert "extra" not in settings


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ("{model: m, tools: [{description: x}]}", "missing key `name`"),
        ("{model: m, tools: {name: x}}", "`tools` must be a list, found a mapping"),
        ("{model: m, tool_choice: auto}", "`tool_choice` must be a mapping, found the text `auto`"),
        ("{model: m, thinking: true}", "`thinking` must be a mapping, found `true`"),
        (
            "{model: m, tools: [{name: x}], extra: {tools: [{name: y}]}}",
            "`tools` is set in `request` and in its `extra`",
        ),
        ("{model: m, metadata: {user_id: '{{ nobody }}'}}", "undefined variable `nobody` in the"),
    ],
)
def test_what_is_wrong_with_a_field_is_told(tmp_path: Path, request_: str, problem: str) -> None:
    path = write_suite(tmp_path, f"suite: t\nrequest: {request_}\ncases: [{{id: a, prompt: Hi}}]\n")

    (error,) = problems_in(path)

    assert str(error.problem).startswith(problem)


def test_files_in_blocks_are_sent_as_base64_of_their_media_type(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.md").write_text("# Hi")
    trial = first(
        tmp_path,
        "suite: t\nrequest: {model: m}\nvars: {name: a}\ncases:\n  - id: a\n    messages:\n"
        "      - role: user\n        content:\n"
        "          - {type: image, source: {type: path, path: '{{ name }}.png'}}\n"
        "          - {type: file, source: {type: path, path: b.md, media_type: text/plain}}\n"
        "          - {type: document, source: {type: url, url: 'https://e.com/{{ name }}.pdf'}}\n"
        "          - {type: file_data, media_type: text/plain, data: aGk=}\n"
        "          - {type: text, text: 'Hi {{ name }}'}\n",
    )

    assert trial.turns[0].messages[0]["content"] == [
        {
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": "image/png",
                "data": base64.b64encode(PNG).decode(),
            },
        },
        {
            "type": "file",
            "source": {"type": "base64", "media_type": "text/plain", "data": "IyBIaQ=="},
        },
        {"type": "document", "source": {"type": "url", "url": "https://e.com/a.pdf"}},
        {"type": "file_data", "media_type": "text/plain", "data": "aGk="},
        {"type": "text", "text": "Hi a"},
    ]


def test_editing_an_assertion_changes_one_fingerprint_and_the_prompt_the_other(
    tmp_path: Path,
) -> None:
    text = "suite: t\nrequest: {model: m}\ncases:\n  - {id: a, prompt: Hi, assert: [{equals: x}]}\n"

    before = first(tmp_path, text)
    other_assertion = first(tmp_path, text.replace("equals: x", "equals: y"))
    other_prompt = first(tmp_path, text.replace("Hi", "Ho"))

    def fingerprints(trial: PreparedTrial) -> tuple[str, str]:
        return trial.request_fingerprint(1), trial.expectations_fingerprint()

    assert fingerprints(before)[0] == fingerprints(other_assertion)[0]
    assert fingerprints(before)[1] != fingerprints(other_assertion)[1]
    assert fingerprints(before)[0] != fingerprints(other_prompt)[0]
    assert fingerprints(before)[1] == fingerprints(other_prompt)[1]
    assert before.request_fingerprint(1) != before.request_fingerprint(2)
