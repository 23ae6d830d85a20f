"""Calls of tools in a conversation, and the results that answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.tool_results import (
    PairingMistake,
    UnansweredCallError,
    answering,
    named_result,
    pairing_problem,
    with_names,
)


def call(name: str, number: int = 1) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"call_{number}", "name": name, "input": {}}


def result(number: int, content: Any = "x") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": f"call_{number}", "content": content}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


SAY = {"type": "text", "text": "said"}


def test_each_call_of_a_tool_gets_the_result_of_its_name() -> None:
    said = [SAY, call("add", 1), call("find", 2), call("add", 3)]
    turn = [user(named_result("find", "found"), named_result("add", [SAY]), SAY)]

    assert answering(turn, said) == [
        user(result(1, [SAY]), result(2, "found"), result(3, [SAY]), SAY)
    ]


def test_a_result_may_say_that_it_is_an_error() -> None:
    turn = [user(named_result("find", {"content": "lost", "is_error": True}))]

    assert answering(turn, [call("find")]) == [user({**result(1, "lost"), "is_error": True})]


@pytest.mark.parametrize(
    ("turn", "said", "words", "is_of_reply"),
    [
        (user(named_result("find", "x")), [SAY], "the reply calls no tool, though", True),
        (
            user(named_result("find", "x")),
            [call("add")],
            "the reply calls `add`, which the next turn does not answer; give it"
            " `tool_results: {add: …}`",
            False,
        ),
        (
            {"role": "user", "content": "And Rome?"},
            [call("find"), call("add", 2)],
            "the reply calls `find`, `add`, which the next turn does not answer",
            False,
        ),
        (user(SAY, result(1)), [call("find")], "results of tools must come before", False),
        (
            user(result(2)),
            [SAY],
            "the next turn cannot follow the reply: the result of `call_2` follows no message",
            False,
        ),
    ],
)
def test_a_turn_that_the_api_would_refuse_after_the_reply_is_told(
    turn: Mapping[str, Any], said: Sequence[Mapping[str, Any]], words: str, *, is_of_reply: bool
) -> None:
    with pytest.raises(UnansweredCallError) as caught:
        answering([turn], said)

    assert words in caught.value.problem
    assert caught.value.is_of_reply is is_of_reply


def test_a_turn_after_a_reply_without_calls_stays_as_it_is() -> None:
    turn = [{"role": "user", "content": "And Rome?"}]

    assert answering(turn, [SAY]) == turn


def test_several_results_of_a_tool_answer_its_calls_one_after_the_other() -> None:
    said = [call("find", 1), call("find", 2), call("find", 3)]
    turn = [user(named_result("find", "one"), named_result("find", "two"))]

    answered = answering(turn, said)

    assert answered == [user(result(1, "one"), result(2, "two"), result(3, "two"))]
    assert with_names(answered, said) == turn


@pytest.mark.parametrize("changes", [{"id": None}, {"id": 5}, {"name": ["a"]}])
def test_a_call_without_id_or_name_is_the_servers_mistake(changes: dict[str, Any]) -> None:
    with pytest.raises(UnansweredCallError, match="the reply has a `tool_use` without a text as"):
        answering([user(named_result("find", "x"))], [{**call("find"), **changes}])


def test_a_result_by_name_that_follows_no_reply_is_named() -> None:
    problem = pairing_problem([user(SAY), assistant(SAY), user(named_result("find", "x"))])

    assert problem is not None
    assert problem.words == "the result of `find` follows no message that makes this call"


@given(st.lists(st.sampled_from(["add", "find", "say"]), min_size=1, max_size=5))
def test_names_are_found_again_for_ids(tools: list[str]) -> None:
    said = [call(name, number) for number, name in enumerate(tools)]
    turn = [user(*(named_result(name, f"of {name}") for name in dict.fromkeys(tools)), SAY)]

    assert with_names(answering(turn, said), said) == turn


@pytest.mark.parametrize(
    ("messages", "mistake", "place"),
    [
        ([user(SAY), assistant(call("find")), user(result(1))], None, 0),
        ([user(SAY), assistant(call("find")), user(result(1)), user(SAY)], None, 0),
        ([user(SAY), assistant(SAY, call("a")), assistant(call("b", 2)),
          user(result(2)), user(result(1), SAY)], None, 0),
        ([user(SAY), assistant({"type": "server_tool_use", "id": "s", "name": "web_search"}),
          user(SAY)], None, 0),
        ([user(SAY), assistant(call("find")), user(SAY)], PairingMistake.MISSING_RESULT, 1),
        ([user(SAY), assistant(call("find"))], PairingMistake.MISSING_RESULT, 1),
        ([user(SAY), assistant(call("a"), call("b", 2)), user(result(2))],
         PairingMistake.MISSING_RESULT, 1),
        ([user(result(1))], PairingMistake.UNEXPECTED_RESULT, 0),
        ([assistant(call("find")), user(result(1), result(2))],
         PairingMistake.UNEXPECTED_RESULT, 1),
        ([assistant(call("find")), user(SAY, result(1))], PairingMistake.LATE_RESULT, 1),
        ([assistant(call("a"), call("b")), user(result(1))], PairingMistake.SAME_CALL, 0),
        ([assistant(call("a")), user(result(1), result(1))], PairingMistake.SAME_RESULT, 1),
    ],
)  # fmt: skip
def test_every_call_needs_a_result_in_the_message_after_it(
    messages: list[dict[str, Any]], mistake: PairingMistake | None, place: int
) -> None:
    problem = pairing_problem(messages)

    if mistake is None:
        assert problem is None
    else:
        assert problem is not None
        assert (problem.mistake, problem.message) == (mistake, place)
