"""Replies that are stored, new, or missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from harness.errors import ApiConnectionError
from harness.model.reply import Attempt, Reply
from harness.model.request import Request
from harness.running.caching_client import CachingClient, NoReplyError
from harness.running.capacity import Permit
from tests.support.clients import free_permit
from tests.support.replies import reply

REQUEST = Request({"model": "m", "messages": []})
OTHER = Request({"model": "m", "messages": [], "temperature": 1})


@dataclass
class Service:
    """Answers every request with a new reply."""

    requests: list[Request] = field(default_factory=list)

    async def complete(
        self, request: Request, _slot: Permit, record: Callable[[Attempt], None]
    ) -> Reply:
        self.requests.append(request)
        record(Attempt("create", 200, 0.1))
        return reply("new")


@dataclass
class Store:
    """Replies in memory, by the key of their request."""

    replies: dict[str, Reply] = field(default_factory=dict)

    def recall(self, request: Request) -> Reply | None:
        return self.replies.get(request.key)

    def keep(self, request: Request, reply: Reply) -> None:
        self.replies[request.key] = reply


def complete(client: CachingClient, request: Request = REQUEST) -> str:
    attempts = list[Attempt]()
    return asyncio.run(client.complete(request, free_permit(), attempts.append)).text


def test_a_stored_reply_makes_no_call() -> None:
    service, store = Service(), Store({REQUEST.key: reply("stored")})

    assert complete(CachingClient(service, [store])) == "stored"

    assert service.requests == []


def test_a_reply_that_is_not_stored_is_asked_for() -> None:
    service, store = Service(), Store({REQUEST.key: reply("stored")})

    assert complete(CachingClient(service, [store]), OTHER) == "new"

    assert service.requests == [OTHER]


def test_the_first_source_that_has_a_reply_wins() -> None:
    sources = [Store(), Store({REQUEST.key: reply("run")}), Store({REQUEST.key: reply("cache")})]

    assert complete(CachingClient(None, sources)) == "run"


@pytest.mark.parametrize(("stored", "text"), [(True, "stored"), (False, "new")])
def test_every_reply_goes_to_every_sink_wherever_it_comes_from(stored: bool, text: str) -> None:
    source = Store({REQUEST.key: reply("stored")} if stored else {})
    sinks = [Store(), Store()]

    complete(CachingClient(Service(), [source], sinks))

    assert [sink.replies[REQUEST.key].text for sink in sinks] == [text, text]


def test_without_a_client_a_missing_reply_is_an_error_that_says_why() -> None:
    client = CachingClient(
        None, [Store()], why_missing=lambda request: f"no {request.body['model']}"
    )

    with pytest.raises(NoReplyError, match="no m") as caught:
        complete(client)

    assert caught.value.reason == "no_reply"


def test_a_call_that_fails_leaves_nothing_in_the_sinks() -> None:
    class Broken(Service):
        async def complete(self, *_: object) -> Reply:
            raise ApiConnectionError("broken", "connection_lost")

    sink = Store()

    with pytest.raises(ApiConnectionError):
        complete(CachingClient(Broken(), [], [sink]))

    assert sink.replies == {}


def test_a_long_row_of_stored_replies_can_be_interrupted() -> None:
    client = CachingClient(None, [Store({REQUEST.key: reply("stored")})])

    async def endless() -> None:
        while True:
            await client.complete(REQUEST, free_permit(), lambda _attempt: None)

    async def run() -> bool:
        task = asyncio.create_task(endless())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=5)
        return task.cancelled()

    assert asyncio.run(run())
