"""Calls of tools in a conversation, and the results that answer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

Block = Mapping[str, Any]
Message = Mapping[str, Any]

CALL, RESULT = "tool_use", "tool_result"
NAME = "name"  # of the tool, in a result of a suite: the id of the call is not known before it


class UnansweredCallError(ValueError):
    """The messages of a turn cannot follow the reply before them.

    Attributes:
        problem: What is wrong.
        is_of_reply: Whether the reply lacks the call that the turn answers, so that it failed;
            otherwise the suite does not answer what the reply asks for.
    """

    def __init__(self, problem: str, *, is_of_reply: bool = False) -> None:
        super().__init__(problem)
        self.problem, self.is_of_reply = problem, is_of_reply


def named_result(name: str, content: Any) -> dict[str, Any]:
    """Return the result of each call of a tool, whatever the ids of the calls.

    Args:
        name: The tool.
        content: A text, blocks, or a mapping with `content` and `is_error`.
    """
    fields = content if isinstance(content, Mapping) else {"content": content}
    return {"type": RESULT, NAME: name, **fields}


def is_named_result(block: Block) -> bool:
    """Whether a block is the result of a tool by its name."""
    return block.get("type") == RESULT and NAME in block


def has_named_results(messages: Sequence[Message]) -> bool:
    """Whether messages hold results of tools by their names."""
    return any(is_named_result(block) for message in messages for block in blocks_of(message))


def answering(messages: Sequence[Message], said: Sequence[Block]) -> list[Message]:
    """Return the messages of a turn with the ids of the calls that they answer.

    Args:
        messages: As the suite has them.
        said: The content of the reply before them.

    Raises:
        UnansweredCallError: The API would refuse them after that reply.
    """
    calls = _calls(said)
    for call in calls:
        for field in ("id", NAME):
            if not isinstance(call.get(field), str):
                raise UnansweredCallError(f"the reply has a `{CALL}` without a text as `{field}`")
    if has_named_results(messages):
        messages = [_with_ids(message, calls) for message in messages]
    problem = pairing_problem([{"role": "assistant", "content": said}, *messages])
    if problem is None:
        return list(messages)
    unanswered = _unanswered(calls, messages[:1])
    if unanswered:
        names = ", ".join(f"`{call[NAME]}`" for call in unanswered)
        fix = f"give it `tool_results: {{{unanswered[0][NAME]}: …}}`"
        words = f"the reply calls {names}, which the next turn does not answer; {fix}"
        raise UnansweredCallError(words)
    raise UnansweredCallError(f"the next turn cannot follow the reply: {problem.words}")


def _with_ids(message: Message, calls: Sequence[Block]) -> Message:
    blocks = blocks_of(message)
    names = list(dict.fromkeys(block[NAME] for block in blocks if is_named_result(block)))
    if not names:
        return message
    if not calls:
        tools = ", ".join(f"`{name}`" for name in names)
        problem = f"the reply calls no tool, though the next turn has the result of {tools}"
        raise UnansweredCallError(problem, is_of_reply=True)
    # of several results of a tool each answers a call, and the last one all that remain
    results = {
        name: [b for b in blocks if is_named_result(b) and b[NAME] == name] for name in names
    }
    answers = []
    for call in calls:
        of_tool = results.get(call[NAME], [])
        if of_tool:
            result = of_tool.pop(0) if len(of_tool) > 1 else of_tool[0]
            answers.append({"type": RESULT, "tool_use_id": call["id"], **_without_name(result)})
    return {**message, "content": [*answers, *(b for b in blocks if not is_named_result(b))]}


def _without_name(result: Block) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in {"type", NAME}}


def with_names(messages: Sequence[Message], said: Sequence[Block]) -> list[Message]:
    """Return messages as they were sent with names of tools for ids: the inverse of `answering`."""
    names = {call["id"]: call[NAME] for call in _calls(said)}
    return [_named(message, names) for message in messages]


def _named(message: Message, names: Mapping[str, str]) -> Message:
    results: dict[str, list[Block]] = {}
    others: list[Block] = []
    for block in blocks_of(message):
        name = names.get(block.get("tool_use_id", "")) if block.get("type") == RESULT else None
        if name is None:
            others.append(block)
        else:
            fields = {k: v for k, v in block.items() if k not in {"type", "tool_use_id"}}
            results.setdefault(name, []).append({"type": RESULT, NAME: name, **fields})
    if not results:
        return message
    named = [
        result
        for of_tool in results.values()
        for number, result in enumerate(of_tool)
        if not number or any(later != of_tool[number - 1] for later in of_tool[number:])
    ]
    return {**message, "content": [*named, *others]}


class PairingMistake(StrEnum):
    """What is wrong with the calls and results of a conversation."""

    UNEXPECTED_RESULT = "unexpected result"
    MISSING_RESULT = "missing result"
    LATE_RESULT = "late result"
    SAME_CALL = "same call"
    SAME_RESULT = "same result"


@dataclass(frozen=True, slots=True)
class PairingProblem:
    """Why the API would refuse a conversation.

    Attributes:
        message: Where, by the place of the message, counted from 0.
        ids: The ids of the calls that it is about.
    """

    mistake: PairingMistake
    message: int
    ids: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The problem in a few words."""
        ids = ", ".join(f"`{name}`" for name in self.ids)
        if self.mistake is PairingMistake.UNEXPECTED_RESULT:
            return f"the result of {ids} follows no message that makes this call"
        if self.mistake is PairingMistake.MISSING_RESULT:
            return f"the call {ids} has no result in the message after it"
        if self.mistake is PairingMistake.SAME_CALL:
            return f"two calls have the id {ids}"
        if self.mistake is PairingMistake.SAME_RESULT:
            return f"the call {ids} has two results"
        return "results of tools must come before everything else in their message"


def pairing_problem(messages: Sequence[Message]) -> PairingProblem | None:
    """Return why the API would refuse the calls and results of a conversation; None if not.

    Every call needs a result in the message after it, and every result a call in the one before.
    Messages of one role in a row count as one message.

    Source:
        Anthropic, "Tool use", on formatting tool results.
    """
    return next(_pairing_problems(messages), None)


def _pairing_problems(messages: Sequence[Message]) -> Iterator[PairingProblem]:
    before: dict[str, int] = {}
    called: set[str] = set()
    by_role = groupby(enumerate(messages), key=lambda place: place[1].get("role"))
    for role, group in by_role:
        blocks = [(index, block) for index, message in group for block in blocks_of(message)]
        answered: set[str] = set()
        for index, block in blocks:
            if block.get("type") == RESULT:
                name = str(block.get("tool_use_id", block.get(NAME)))
                if name not in before:
                    yield PairingProblem(PairingMistake.UNEXPECTED_RESULT, index, (name,))
                elif name in answered:
                    yield PairingProblem(PairingMistake.SAME_RESULT, index, (name,))
                answered.add(name)
            elif block.get("type") == CALL:
                if str(block.get("id")) in called:
                    yield PairingProblem(PairingMistake.SAME_CALL, index, (str(block.get("id")),))
                called.add(str(block.get("id")))
        yield from _missing({name: at for name, at in before.items() if name not in answered})
        are_results = [block.get("type") == RESULT for _, block in blocks]
        if role == "user" and are_results != sorted(are_results, reverse=True):
            yield PairingProblem(PairingMistake.LATE_RESULT, blocks[0][0])
        before = {
            str(block.get("id")): index for index, block in blocks if block.get("type") == CALL
        }
    yield from _missing(before)


def _missing(calls: Mapping[str, int]) -> Iterator[PairingProblem]:
    if calls:
        yield PairingProblem(PairingMistake.MISSING_RESULT, max(calls.values()), tuple(calls))


def blocks_of(message: Message) -> Sequence[Block]:
    """Return the blocks of a message; none of one that is a text."""
    content = message.get("content")
    if not isinstance(content, Sequence) or isinstance(content, str):
        return ()
    return [block for block in content if isinstance(block, Mapping)]


def _calls(said: Sequence[Block]) -> list[Block]:
    return [block for block in said if block.get("type") == CALL]


def _unanswered(calls: Sequence[Block], messages: Sequence[Message]) -> list[Block]:
    answered = {
        block.get("tool_use_id")
        for message in messages
        for block in blocks_of(message)
        if block.get("type") == RESULT
    }
    return [call for call in calls if call["id"] not in answered]
