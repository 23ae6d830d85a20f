"""Content blocks that suites may write, and those that they may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.errors import BrokenSuitesError
from harness.loading.block_schema import block_definitions
from harness.model.blocks import BLOCK_TYPES
from tests.support.suites import plan_of, write_suite

CALL = {"type": "tool_use", "id": "t1", "name": "find", "input": {"city": "Paris"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "12 degrees"}
THINKING = {"type": "thinking", "thinking": "hm", "signature": "abc"}
TEXT = {"type": "text", "text": "Hi"}


def suite(*messages: dict[str, Any], **case: Any) -> str:
    case = {"id": "a", **({"messages": list(messages)} if messages else {}), **case}
    return yaml.safe_dump({"suite": "t", "request": {"model": "m"}, "cases": [case]})


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def sent(folder: Path, text: str) -> list[Any]:
    plan = plan_of(write_suite(folder, text))
    (trial,) = plan.trials()
    return [list(turn.messages) for turn in plan.renderer.prepare(trial).turns]


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(BrokenSuitesError) as caught:
        plan_of(write_suite(folder, text))
    return [f"{error.problem}; {error.fix}" for error in caught.value.errors]


def test_the_schema_has_the_blocks_of_the_model() -> None:
    block = block_definitions()["block"]

    assert block["properties"]["type"]["enum"] == list(BLOCK_TYPES)


@pytest.mark.parametrize(
    "messages",
    [
        [user(TEXT), assistant(THINKING, TEXT, CALL), user(RESULT, TEXT)],
        [user(TEXT), assistant({"type": "redacted_thinking", "data": "abc"}), user(TEXT)],
        [user(TEXT), assistant(CALL), user({**RESULT, "content": [TEXT], "is_error": True})],
        [user(TEXT), assistant(CALL), user({"type": "tool_result", "tool_use_id": "t1"})],
        [user({**TEXT, "cache_control": {"type": "ephemeral", "ttl": "1h"}})],
        [user({"type": "document", "title": "T", "context": "C", "citations": {"enabled": True},
               "source": {"type": "text", "media_type": "text/plain", "data": "plain"}})],
        [user({"type": "document", "source": {"type": "content", "content": [TEXT, TEXT]}})],
        [user({**TEXT, "new_key": {"of": "the API"}})],
    ],
)  # fmt: skip
def test_blocks_of_the_api_are_sent_as_they_are_written(
    tmp_path: Path, messages: list[dict[str, Any]]
) -> None:
    assert sent(tmp_path, suite(*messages)) == [messages]


def test_templates_are_rendered_in_every_text_of_a_block(tmp_path: Path) -> None:
    blocks = [
        {**RESULT, "content": [{"type": "text", "text": "{{ x }}"}]},
        {"type": "document", "title": "{{ x }}", "source": {"type": "text", "data": "{{ x }}"}},
        {"type": "document", "source": {"type": "content", "content": "{{ x }}"}},
    ]  # fmt: skip
    call = {**CALL, "input": {"city": "{{ x }}", "where": ["{{ x }}"]}}

    ((_, asked, answered),) = sent(
        tmp_path, suite(user(TEXT), assistant(call), user(*blocks), vars={"x": "Rome"})
    )

    assert asked["content"][0]["input"] == {"city": "Rome", "where": ["Rome"]}
    result, plain, parts = answered["content"]
    assert result["content"] == [{"type": "text", "text": "Rome"}]
    assert plain["title"] == "Rome"
    assert plain["source"] == {"type": "text", "data": "Rome", "media_type": "text/plain"}
    assert parts["source"] == {"type": "content", "content": "Rome"}


def test_a_file_keeps_the_keys_beside_it(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("notes")
    block = {"type": "document", "source": {"type": "path", "path": "notes.md"}, "title": "Notes"}

    (((message,),)) = sent(tmp_path, suite(user({**block, "cache_control": {"type": "ephemeral"}})))

    (sent_block,) = message["content"]
    assert sent_block["source"]["media_type"] == "text/markdown"
    assert sent_block["title"] == "Notes"
    assert sent_block["cache_control"] == {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (user(CALL), "blocks of this type do not belong in a message of `role: user`; write them"),
        (user(THINKING), "do not belong in a message of `role: user`"),
        (assistant(RESULT), "do not belong in a message of `role: assistant`"),
        (user({"type": "text", "txt": "Hi"}), "missing key `text`; write `text` for `txt`"),
        (user({"type": "video"}), "unknown `type`: `video`"),
        (user({**TEXT, "cache_control": {"type": "forever"}}), "unknown `type`: `forever`"),
        (user({**TEXT, "cache_control": {"type": "ephemeral", "ttl": "2h"}}), "unknown `ttl`"),
        (assistant({**CALL, "id": "t 1"}), "invalid `id`: `t 1`"),
        (assistant({**CALL, "name": "find it"}), "invalid `name`: `find it`"),
        (assistant({"type": "thinking", "thinking": "hm"}), "missing key `signature`"),
        (user({"type": "tool_result", "content": "x"}), "missing key: one of `tool_use_id`"),
        (user({"type": "document", "source": {"type": "text", "text": "x"}}), "missing key `data`"),
        (user({"type": "image", "source": {"type": "text", "data": "x"}}), "unknown `type`: `te"),
        (user({**RESULT, "content": [CALL]}), "blocks of this type do not belong inside others"),
        (user({**RESULT, "content": [RESULT]}), "use text, images and documents there"),
        (user(RESULT), "the result of `t1` follows no message that makes this call"),
        (assistant(CALL), "the call `t1` has no result in the message after it"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_block_is_told_with_what_to_write(
    tmp_path: Path, message: dict[str, Any], words: str
) -> None:
    assert any(words in problem for problem in problems(tmp_path, suite(message)))


@pytest.mark.parametrize("content", [["hi"], [5], [["x"]]])
def test_what_is_no_block_is_told_once(tmp_path: Path, content: list[Any]) -> None:
    (problem,) = problems(tmp_path, suite({"role": "user", "content": content}))

    assert "`content[0]` must be a content block" in problem


def test_results_by_the_names_of_tools_are_a_turn(tmp_path: Path) -> None:
    (tmp_path / "weather.txt").write_text("{{ x }} degrees")
    results = {
        "weather": {"file": "weather.txt"},
        "time": {"content": [TEXT], "is_error": True},
        "place": "Rome",
    }
    text = suite(turns=[{"prompt": "Hi"}, {"tool_results": results}], vars={"x": "12"})

    _, (message,) = sent(tmp_path, text)

    assert message["content"] == [
        {"type": "tool_result", "name": "place", "content": "Rome"},
        {"type": "tool_result", "name": "time", "content": [TEXT], "is_error": True},
        {"type": "tool_result", "name": "weather", "content": "12 degrees"},
    ]


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([{"tool_results": {"find": "x"}}], "but no reply has called any; begin with a turn"),
        ([{"prompt": "a"}, {"tool_results": {}}], "`tool_results` is empty"),
        ([{"prompt": "a"}, {"tool_results": {"a b": "x"}}], "invalid name `a b`"),
        ([{"prompt": "a"}, {"tool_results": {"a": {"contents": "x"}}}], "write `content`"),
        ([{"prompt": "a"}, {"tool_results": {"a": "x"}, "prompt": "b"}], "cannot be used together"),
    ],
)
def test_a_mistake_in_results_is_told(
    tmp_path: Path, turns: list[dict[str, Any]], words: str
) -> None:
    assert any(words in problem for problem in problems(tmp_path, suite(turns=turns)))
