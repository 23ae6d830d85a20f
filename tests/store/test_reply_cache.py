"""The replies that all runs of a project share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.model.reply import Reply, ReplyOrigin
from harness.model.request import Request
from harness.model.usage import Price
from harness.scrubbing import Scrubber
from harness.store.reply_cache import ReplyCache
from tests.support.replies import reply

PRICES = {"claude-haiku-4-5": Price(1.0, 5.0)}
ASK = Request({"model": "m", "messages": []}, trial="test::a")


class Clock:
    """Seconds since the epoch, as a test sets them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def cache_in(
    folder: Path,
    most_age: float | None = None,
    scrubber: Scrubber | None = None,
    clock: Clock | None = None,
) -> Iterator[ReplyCache]:
    path = folder / "cache.sqlite"
    cache = ReplyCache(path, most_age, scrubber, clock or Clock(), prices=PRICES)
    try:
        yield cache
    finally:
        cache.close()


def test_a_reply_is_kept_for_later_runs_with_its_cost(tmp_path: Path) -> None:
    with cache_in(tmp_path) as cache:
        cache.keep(ASK, reply("hello"))

    with cache_in(tmp_path) as cache:
        recalled = cache.recall(ASK)

    assert recalled is not None
    assert (recalled.text, recalled.origin) == ("hello", ReplyOrigin.CACHE)
    assert recalled.cost == pytest.approx((12 * 1.0 + 3 * 5.0) / 1e6)


@pytest.mark.parametrize(
    "other",
    [Request({"model": "n", "messages": []}), Request({"model": "m", "messages": []}, repeat=2)],
)
def test_another_request_or_repeat_has_no_reply(tmp_path: Path, other: Request) -> None:
    with cache_in(tmp_path) as cache:
        cache.keep(ASK, reply("hello"))

        assert cache.recall(other) is None
        assert cache.stored_at(other) is None


def test_a_reply_of_the_cache_is_not_stored_as_if_it_were_new(tmp_path: Path) -> None:
    clock = Clock()
    with cache_in(tmp_path, clock=clock) as cache:
        cache.keep(ASK, reply("hello"))
        clock.now += 50
        recalled = cache.recall(ASK)
        assert isinstance(recalled, Reply)

        cache.keep(ASK, recalled)

        assert cache.stored_at(ASK) == 1_000.0


@pytest.mark.parametrize(("age", "is_there"), [(59.0, True), (60.0, True), (60.5, False)])
def test_a_reply_that_is_too_old_is_not_used(tmp_path: Path, age: float, is_there: bool) -> None:
    clock = Clock()
    with cache_in(tmp_path, 60.0, clock=clock) as cache:
        cache.keep(ASK, reply("hello"))
        clock.now += age

        assert (cache.recall(ASK) is not None) is is_there


def test_a_trial_that_needs_its_own_reply_does_not_get_that_of_another(tmp_path: Path) -> None:
    mine = Request(ASK.body, trial="test::a", trial_specific=True)
    yours = Request(ASK.body, trial="test::b", trial_specific=True)
    with cache_in(tmp_path) as cache:
        cache.keep(ASK, reply("stored for test::a before it had to be its own"))

        assert cache.recall(mine) is not None
        assert cache.recall(yours) is None
        cache.keep(yours, reply("yours"))
        assert [getattr(cache.recall(ask), "text", None) for ask in (mine, yours)] == [
            "stored for test::a before it had to be its own", "yours",
        ]  # fmt: skip


def test_replies_are_counted_and_removed_by_age(tmp_path: Path) -> None:
    clock = Clock()
    with cache_in(tmp_path, clock=clock) as cache:
        cache.keep(ASK, reply("old", cost=1.0))
        clock.now = 2_000.0
        cache.keep(Request({}), reply("new", cost=0.25))

        before = cache.stats()
        removed = cache.clear(older_than=500)
        after = cache.stats()

        assert (before.replies, before.cost, before.oldest, before.newest) == (2, 1.25, 1e3, 2e3)
        assert (removed, after.replies, after.oldest) == (1, 1, 2_000.0)
        assert (cache.clear(), cache.stats().replies) == (1, 0)


def test_secrets_are_not_stored(tmp_path: Path) -> None:
    with cache_in(tmp_path, None, Scrubber(["sk-secret-1"])) as cache:
        cache.keep(ASK, reply("you sent sk-secret-1"))

        recalled = cache.recall(ASK)

    assert recalled is not None
    assert recalled.text == "you sent ***"
    assert b"sk-secret-1" not in (tmp_path / "cache.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version=99", "was written by a newer version"),
        ("CREATE TABLE other (a)", "is not a reply cache"),
        ("CREATE TABLE replies (a)", "cannot be opened: no such column"),
    ],
)
def test_a_database_that_is_not_ours_is_refused(tmp_path: Path, statement: str, words: str) -> None:
    file = sqlite3.connect(tmp_path / "cache.sqlite")
    file.execute(statement)
    file.close()

    with pytest.raises(StoreError, match=words):
        ReplyCache(tmp_path / "cache.sqlite")


def test_a_damaged_reply_is_named_with_what_to_do(tmp_path: Path) -> None:
    with cache_in(tmp_path) as cache:
        cache.keep(ASK, reply("hello"))
        other = sqlite3.connect(tmp_path / "cache.sqlite", isolation_level=None)
        other.execute("UPDATE replies SET message = 'no JSON'")
        other.close()

        with pytest.raises(StoreError, match=rf"damaged at {ASK.key}; `harness cache clear`"):
            cache.recall(ASK)


def test_the_reply_of_a_simulator_behind_an_address_is_not_kept(tmp_path: Path) -> None:
    with cache_in(tmp_path) as cache:
        cache.keep(ASK, reply("hello", is_simulated=True))

        assert cache.recall(ASK) is None
