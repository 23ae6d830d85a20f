"""The replies of trials that do not come to an end."""

from __future__ import annotations

from typing import Any

from harness.app.execute.unfinished_replies import UnfinishedReplies
from harness.model.reply import Attempt, ReplyOrigin
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.unfinished import Unfinished
from tests.support.replies import message, reply


def request(trial: str, **changes: Any) -> Request:
    return Request({"model": "m"}, trial=trial, **{"awaits_more": True, **changes})


def test_what_came_to_a_trial_counts_until_it_ends() -> None:
    unfinished = UnfinishedReplies()
    for trial in ("a", "b"):
        unfinished.keep(request(trial), reply("hello", cost=0.5))
        unfinished.keep(request(f"{trial}{JUDGE_SUFFIX}"), reply("good", cost=0.25))

    unfinished.ended("a")

    assert unfinished.total(requests=2) == Unfinished(1, 1, 2, 24, 6, 0.75)


def test_whoever_wants_to_know_is_told_what_came_so_far() -> None:
    told: list[tuple[float, int]] = []
    unfinished = UnfinishedReplies(lambda came, cost: told.append((cost, came.unreported)))

    unfinished.keep(request("a"), reply("hello", cost=0.5))
    unfinished.ended("a")
    unfinished.keep(request("b"), reply(message=message("hello", usage={}), cost=0.25))

    assert told == [(0.5, 0), (0.25, 1)]
    assert unfinished.total(requests=0).unreported == 1


def test_several_replies_of_a_trial_add_up() -> None:
    unfinished = UnfinishedReplies()
    for _ in range(3):
        unfinished.keep(request("a"), reply("hello"))

    assert unfinished.total(requests=0) == Unfinished(replies=3, input_tokens=36, output_tokens=9)


def test_attempts_that_broke_before_a_reply_came_may_be_billed_too() -> None:
    unfinished = UnfinishedReplies()
    broken = Attempt("create", None, 1.0, reason="read_timeout", may_be_billed=True)
    refused = Attempt("create", 429, 0.1, reason="rate_limit_error")
    unfinished.keep(request("a"), reply("hello", attempts=(broken, refused)))

    assert unfinished.total(requests=2).requests == 3


def test_replies_that_were_not_paid_now_or_whose_outcome_follows_at_once_do_not_count() -> None:
    unfinished = UnfinishedReplies()
    unfinished.keep(request("a"), reply("hello", origin=ReplyOrigin.CACHE))
    unfinished.keep(request("b", awaits_more=False), reply("hello"))

    assert not unfinished.total(requests=0)
