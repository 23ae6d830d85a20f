"""What the answers about tasks say, and how long to wait between look-ups."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import pytest

from harness.client.tasks import LONGEST_PAUSE, Task, is_task, pauses, read_task
from harness.errors import TaskError
from tests.support.replies import message


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"object": "task", "id": "t"}, True),
        ({"id": "t", "status": "pending"}, True),
        (message(), False),
        ({**message(), "status": "done"}, False),
        ({}, False),
    ],
)
def test_a_task_is_told_from_a_message(payload: dict[str, Any], expected: bool) -> None:
    assert is_task(payload) is expected


@pytest.mark.parametrize(
    ("payload", "task"),
    [
        ({"id": "t", "status": "pending"}, Task("t")),
        ({"id": "t", "status": "processing", "result": {}}, Task("t")),
        ({"id": "t", "status": "success", "result": {"a": 1}}, Task("t", {"a": 1})),
    ],
)
def test_a_task_has_a_result_once_it_succeeded(payload: dict[str, Any], task: Task) -> None:
    assert read_task(payload, "t") == task


@pytest.mark.parametrize(
    ("payload", "message", "reason"),
    [
        ({"status": "pending"}, "the service made a task without an id", "bad_task"),
        ({"id": "", "status": "pending"}, "the service made a task without an id", "bad_task"),
        ({"id": 7, "status": "pending"}, "the service made a task without an id", "bad_task"),
        ({"id": "u", "status": "success"}, "asked for the task t, got u", "bad_task"),
        ({"id": "t", "status": "paused"}, "the task t has the unknown status 'paused'", "bad_task"),
        ({"id": "t"}, "the task t has the unknown status None", "bad_task"),
        ({"id": "t", "status": "success"}, "the task t succeeded without a result", "bad_task"),
        (
            {"id": "t", "status": "success", "result": "hello"},
            "the task t succeeded without a result",
            "bad_task",
        ),
        ({"id": "t", "status": "failed"}, "the task t failed: no reason given", "task_failed"),
        (
            {"id": "t", "status": "failed", "error": {}},
            "the task t failed: no reason given",
            "task_failed",
        ),
        (
            {"id": "t", "status": "failed", "error": "out of memory"},
            "the task t failed: out of memory",
            "task_failed",
        ),
        (
            {"id": "t", "status": "failed", "error": {"type": "api_error", "message": "no"}},
            "the task t failed: api_error: no",
            "task_failed",
        ),
    ],
)
def test_a_task_without_a_usable_result_is_an_error(
    payload: dict[str, Any], message: str, reason: str
) -> None:
    with pytest.raises(TaskError) as caught:
        read_task(payload, "t")

    assert (caught.value.message, caught.value.reason) == (message, reason)


def test_pauses_grow_by_half_from_a_tenth_of_a_second_up_to_a_bound() -> None:
    first = list(islice(pauses(), 20))

    assert first[:3] == pytest.approx([0.1, 0.15, 0.225])
    assert all(before <= after for before, after in pairwise(first))
    assert first[-1] == LONGEST_PAUSE


ODD = ["\ud800", "a\udfffb", ".", "..", "...", "\n", "a\x00", "\u2028", "\ufeff", "x" * 501, "\x7f"]
FINE = ["task_1", "a/b", "a b", "?x=1#y", "%2F", "..a", "ä", "👋", "x" * 500, "http://elsewhere/"]


@pytest.mark.parametrize("name", ODD)
def test_an_id_that_cannot_stand_in_an_address_is_no_task(name: str) -> None:
    with pytest.raises(TaskError, match="cannot stand in an address") as caught:
        read_task({"id": name, "status": "pending"})

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", FINE)
def test_any_other_id_is_a_name(name: str) -> None:
    assert read_task({"id": name, "status": "pending"}) == Task(name)
