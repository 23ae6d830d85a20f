"""Tasks: how the answers of the service are read, and when to look a task up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from harness.errors import TaskError
from harness.model.request import Request

FIRST_PAUSE = 0.1  # seconds
LONGEST_PAUSE = 5.0  # seconds
PAUSE_GROWTH = 1.5
MOST_POLL_FAILURES = 5  # in a row
_LONGEST_ID = 500


class TaskLog(Protocol):
    """Keeps the ids of tasks beyond the end of the process, so that none is made twice."""

    def made_before(self, request: Request) -> str | None:
        """Return the id of the task that an earlier run made for a request, if there is one."""

    def made(self, request: Request, name: str) -> None:
        """Store the id of a task before it is looked up."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as of its last look-up; `result` is set once it succeeded."""

    id: str
    result: Mapping[str, Any] | None = None


def is_task(payload: Mapping[str, Any]) -> bool:
    """Return whether a payload is a task rather than a message."""
    # Some services leave `object` out; a message has `content` and no `status`.
    return payload.get("object") == "task" or ("status" in payload and "content" not in payload)


def read_task(payload: Mapping[str, Any], expected: str | None = None) -> Task:
    """Return the task of a payload.

    Args:
        payload: What the service answered.
        expected: The id of the task that was looked up, if one was.

    Raises:
        TaskError: It failed, has no id or another one, has an unknown status, or succeeded
            without a result.
    """
    name, status = payload.get("id"), payload.get("status")
    if not isinstance(name, str) or not name:
        raise TaskError("the service made a task without an id", "bad_task")
    check_task_id(name)
    # The result of another task would be judged as the reply to this request.
    if expected is not None and name != expected:
        raise TaskError(f"asked for the task {expected}, got {name}", "bad_task")
    if status in ("pending", "processing"):
        return Task(name)
    if status == "failed":
        raise TaskError(f"the task {name} failed: {_reason(payload.get('error'))}", "task_failed")
    # Not waited for: a status that is not in the API may never change, and the test would hang.
    if status != "success":
        raise TaskError(f"the task {name} has the unknown status {status!r}", "bad_task")
    result = payload.get("result")
    if not isinstance(result, dict):
        raise TaskError(f"the task {name} succeeded without a result", "bad_task")
    return Task(name, result)


def check_task_id(name: str) -> None:
    """Make sure that an id can stand in the address of its task.

    Raises:
        TaskError: It cannot.
    """
    # a lone surrogate has no bytes, and two dots would lead to another address
    is_sound = len(name) <= _LONGEST_ID and name.isprintable() and name.strip(".")
    if not is_sound:
        shown = repr(name if len(name) <= _LONGEST_ID else f"{name[:_LONGEST_ID]}…")
        problem = f"the service made a task whose id cannot stand in an address: {shown}"
        raise TaskError(problem, "bad_task")


def _reason(error: object) -> str:
    if isinstance(error, dict):
        parts = [str(part) for part in (error.get("type"), error.get("message")) if part]
        return ": ".join(parts) or "no reason given"
    return str(error) if error else "no reason given"


def pauses() -> Iterator[float]:
    """Yield the seconds to wait before each look-up, growing up to a bound."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * PAUSE_GROWTH, LONGEST_PAUSE)
