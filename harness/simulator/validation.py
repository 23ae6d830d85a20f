"""Validates requests as the API does, with messages like the API's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.model.blocks import MOST_MARKED, marked_blocks
from harness.model.request_ranges import API_RANGES, RequestRanges
from harness.model.tool_results import PairingMistake, pairing_problem
from harness.simulator.block_validation import block_problems, cache_control_problems
from harness.simulator.refusal import RefusedError

# The official client then sends the whole conversation; it would send the last message alone to a
# server that ignores the field (findings/anthropic-tool-runner-leaves-messages-out.sh).
_NO_THREADS = "thread: this server keeps no conversations; send all messages"
_THREAD_DETAILS = {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}
# the API's own words
_PAIRING = {
    PairingMistake.UNEXPECTED_RESULT: (
        "messages.{0}: unexpected `tool_use_id` found in `tool_result` blocks: {1}. Each"
        " `tool_result` block must have a corresponding `tool_use` block in the previous message."
    ),
    PairingMistake.MISSING_RESULT: (
        "messages.{0}: `tool_use` ids were found without `tool_result` blocks immediately after:"
        " {1}. Each `tool_use` block must have a corresponding `tool_result` block in the next"
        " message."
    ),
    PairingMistake.LATE_RESULT: (
        "messages.{0}: `tool_result` blocks must come before all other content"
    ),
    PairingMistake.SAME_CALL: "messages.{0}: `tool_use` ids must be unique: {1}",
    PairingMistake.SAME_RESULT: (
        "messages.{0}: each tool_use must have a single result. Found multiple `tool_result`"
        " blocks with id: {1}"
    ),
}


def check_request(body: object, ranges: RequestRanges = API_RANGES) -> dict[str, Any]:
    """Return the body if the API, or a service with other ranges, would accept it.

    Raises:
        RefusedError: It would not; the message begins with the field, as in the API.
    """
    if not isinstance(body, dict):
        raise _invalid("the body must be a JSON object")
    if "thread" in body:
        raise RefusedError(400, "invalid_request_error", _NO_THREADS, _THREAD_DETAILS)
    for problem in _problems(body, ranges):
        raise _invalid(problem)
    return body


def _invalid(message: str) -> RefusedError:
    return RefusedError(400, "invalid_request_error", message)


def _problems(body: Mapping[str, Any], ranges: RequestRanges) -> Iterator[str]:
    if not isinstance(body.get("model"), str) or not body["model"]:
        yield "model: field required, a string"
    yield from _number(body, "max_tokens", 1, ranges.max_tokens, whole=True, required=True)
    yield from _number(body, "temperature", 0, ranges.temperature)
    yield from _number(body, "top_p", 0, 1)
    yield from _number(body, "top_k", ranges.top_k, None, whole=True)
    for name in ("stream", "async"):
        if not isinstance(body.get(name, False), bool):
            yield f"{name}: must be true or false"
    if body.get("stream") and body.get("async"):
        yield "async: only supported for non-streaming requests"
    yield from _stop_sequences(body, ranges)
    yield from _system(body.get("system", ""))
    problems = list(_messages(body.get("messages")))
    yield from problems
    if not problems:
        yield from _marked(body)


def _number(
    body: Mapping[str, Any],
    name: str,
    minimum: float,
    maximum: float | None,
    *,
    whole: bool = False,
    required: bool = False,
) -> Iterator[str]:
    if name not in body:
        if required:
            yield f"{name}: field required"
        return
    value = body[name]
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        yield f"{name}: must be a {'whole ' if whole else ''}number"
    elif value < minimum or (maximum is not None and value > maximum):
        yield (
            f"{name}: must be at least {_written(minimum)}"
            if maximum is None
            else f"{name}: must be from {_written(minimum)} to {_written(maximum)}"
        )


def _written(bound: float) -> str:
    return str(int(bound) if bound == int(bound) else bound)


def _stop_sequences(body: Mapping[str, Any], ranges: RequestRanges) -> Iterator[str]:
    sequences = body.get("stop_sequences", [])
    if not isinstance(sequences, list) or not all(
        isinstance(sequence, str) for sequence in sequences
    ):
        yield "stop_sequences: must be a list of strings"
    elif ranges.blank_stop_sequences:
        if not all(sequences):
            yield "stop_sequences: each sequence must contain a character"
    elif not all(sequence.strip() for sequence in sequences):
        yield "stop_sequences: each sequence must contain non-whitespace"


def _system(system: object) -> Iterator[str]:
    if isinstance(system, str):
        return
    if not isinstance(system, list):
        yield "system: must be a string or a list of text blocks"
        return
    for index, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            yield f"system.{index}: must be a text block"
        elif not isinstance(block.get("text"), str):
            yield f"system.{index}.text: field required"
        else:
            yield from cache_control_problems(block, f"system.{index}")


def _messages(messages: object) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    for index, message in enumerate(messages):
        location = f"messages.{index}"
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            yield f"{location}.role: must be `user` or `assistant`"
            continue
        content = message.get("content")
        if isinstance(content, str):
            continue
        if not isinstance(content, list) or not content:
            yield f"{location}.content: must be a string or a list of content blocks"
            continue
        for number, block in enumerate(content):
            yield from block_problems(block, f"{location}.content.{number}", message["role"])
    problem = pairing_problem([message for message in messages if isinstance(message, dict)])
    if problem is not None:
        yield _PAIRING[problem.mistake].format(problem.message, ", ".join(problem.ids))


def _marked(body: Mapping[str, Any]) -> Iterator[str]:
    """Refuse more places to cache than the API has."""
    number = len(marked_blocks(body.get("system"), body.get("tools"), body["messages"]))
    if number > MOST_MARKED:
        most = f"A maximum of {MOST_MARKED} blocks with cache_control may be provided."
        yield f"{most} Found {number}."
