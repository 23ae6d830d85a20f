"""The details of a trial: what is kept of it, and how long texts are shared."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from harness.model.outcome import Verdict
from harness.reporting.html.details import LONGEST_FILE, SHORTEST, SharedTexts, detail_of
from harness.reporting.html.packing import ChunkWriter, PackedBlocks
from tests.support.page_runs import made
from tests.support.trials import record


def shared() -> SharedTexts:
    return SharedTexts(ChunkWriter(PackedBlocks(io.BytesIO()), "t"))


@pytest.mark.parametrize(
    ("label", "xfail", "reason"),
    [
        ("failed", None, "contains: not fine"),
        ("failed", "known", "contains: not fine"),
        ("errored", None, "HTTP 500 api_error: broken"),
        ("passed", None, None),
        ("skipped", None, None),
        ("unjudged", None, None),
    ],
)
def test_the_whole_reason_is_kept_of_trials_that_went_wrong(
    label: str, xfail: str | None, reason: str | None
) -> None:
    assert detail_of(made(0, "a", label, xfail=xfail)).get("reason") == reason


def test_a_reason_is_not_cut() -> None:
    long = "x" * 5000

    assert detail_of(made(0, "a", "failed", verdict=Verdict.failing(long)))["reason"] == (
        f"contains: {long}"
    )


@pytest.mark.parametrize(
    ("changes", "is_wrong"),
    [
        pytest.param({}, True, id="failed"),
        pytest.param({"passed": True}, False, id="passed"),
        pytest.param({"passed": True, "error": "Traceback"}, True, id="could not judge"),
        pytest.param({"severity": "warn"}, False, id="only warns"),
        pytest.param({"weight": 0.0}, False, id="without weight"),
        pytest.param({"left_out": True}, False, id="left out"),
    ],
)
def test_a_verdict_says_whether_it_decided_against_the_trial(
    changes: dict[str, Any], is_wrong: bool
) -> None:
    one = record(0, "failed")
    one["verdicts"][0].update(changes)  # type: ignore[typeddict-item]

    (verdict,) = detail_of(one)["verdicts"]

    assert verdict.get("is_wrong", False) is is_wrong


def test_what_is_usual_is_left_out() -> None:
    (verdict,) = detail_of(record(0))["verdicts"]

    assert not {"severity", "weight", "turn", "expected", "error", "is_wrong"} & set(verdict)
    assert "attempts" not in detail_of(record(0))


def test_earlier_turns_come_before_the_last_reply() -> None:
    one = record(0, text="last")
    assert one["reply"] is not None
    first = {**one["reply"], "message": {"content": "first"}}
    one["earlier_replies"] = [first]  # type: ignore[list-item]

    replies = detail_of(one)["replies"]

    assert [reply["message"]["content"] for reply in replies] == [
        "first",
        [{"type": "text", "text": "last"}],
    ]


@pytest.mark.parametrize(("length", "is_kept"), [(LONGEST_FILE, True), (LONGEST_FILE + 4, False)])
def test_large_attachments_are_only_named(length: int, is_kept: bool) -> None:
    one = record(0)
    source = {"type": "base64", "media_type": "image/png", "data": "A" * length}
    one["request"] = {"messages": [{"role": "user", "content": [{"source": source}]}]}

    (block,) = detail_of(one)["request"]["messages"][0]["content"]

    assert (block["source"]["data"] is not None) is is_kept
    assert block["source"].get("left_out") == (None if is_kept else length * 3 // 4)


def test_a_long_text_is_kept_once_and_a_short_one_where_it_is() -> None:
    texts = shared()
    long, other, short = "a" * SHORTEST, "b" * SHORTEST, "c" * (SHORTEST - 1)

    shrunk = texts.shrink({"x": [long, other, short], "y": (long, 1, None)})

    assert shrunk == {
        "x": [{"$text": 0}, {"$text": 1}, short],
        "y": [{"$text": 0}, 1, None],
    }


def test_a_lone_surrogate_in_a_long_text_is_no_problem() -> None:
    assert shared().shrink("\ud800" * SHORTEST) == {"$text": 0}


def test_details_are_plain_json() -> None:
    detail = detail_of(made(0, "a", "failed"))

    assert json.loads(json.dumps(detail)) == detail
