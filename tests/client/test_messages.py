from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    ApiStatusError,
    ApiTimeoutError,
    StreamError,
    TaskError,
)
from harness.model.reply import Attempt, Reply
from harness.model.request import Delivery, Request
from harness.model.settings import Secret, Settings, Timeouts
from harness.model.usage import Price
from harness.printable import visible
from tests.support.clients import Parts
from tests.support.replies import message, message_bytes, stream

SAY_HELLO = Request({"model": "claude-haiku-4-5", "max_tokens": 5, "messages": []})
STREAMED = Request({**SAY_HELLO.body, "stream": True})
AS_TASK = Request({**SAY_HELLO.body, "async": True})

Handler = (
    Callable[[httpx.Request], httpx.Response]
    | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
)


@dataclass
class FakeSlot:
    """Counts how often the slot was given up."""

    pauses: int = 0

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        self.pauses += 1
        yield


@dataclass
class Scene:
    """A client whose server is a function, and whose time stands still unless it sleeps."""

    handler: Handler
    settings: Settings = field(
        default_factory=lambda: Settings(
            base_url="http://api", api_key=Secret("sk-secret"), max_attempts=1
        )
    )
    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    slot: FakeSlot = field(default_factory=FakeSlot)
    unauthorized: list[ApiError] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    async def _complete(self, request: Request) -> Reply:
        parts = Parts(clock=lambda: self.now, sleep=self.sleep, unauthorized=self.unauthorized)
        client = parts.client(httpx.MockTransport(self.handler), self.settings)
        return await client.complete(request, self.slot, self.attempts.append)

    def complete(self, request: Request = SAY_HELLO) -> Reply:
        return asyncio.run(self._complete(request))


def answering(*responses: httpx.Response) -> Scene:
    remaining = list(responses)
    return Scene(lambda _request: remaining.pop(0))


def task(status: str, **more: Any) -> httpx.Response:
    body = {"id": "t/1", "object": "task", "status": status, "created_at": 1769094930, **more}
    return httpx.Response(200, json=body)


def test_a_message_becomes_a_reply() -> None:
    reply = answering(httpx.Response(200, json=message("hello"))).complete()

    assert (reply.text, reply.stop_reason, reply.delivery) == ("hello", "end_turn", "at_once")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 3)


def test_a_request_is_sent_as_the_api_has_it() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=message())

    Scene(handler).complete(Request({**SAY_HELLO.body, "system": "Grüße"}))

    (request,) = seen
    assert str(request.url) == "http://api/v1/messages"
    assert request.headers["authorization"] == "Bearer sk-secret"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content)["system"] == "Grüße"


def test_the_key_goes_as_x_api_key_if_the_settings_say_so() -> None:
    seen: list[httpx.Headers] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200, json=message())

    Scene(handler, Settings(api_key=Secret("sk-1"), auth="x-api-key")).complete()

    assert seen[0]["x-api-key"] == "sk-1"
    assert "authorization" not in seen[0]


def test_blocks_of_unknown_types_are_kept_and_say_nothing() -> None:
    content = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "a"},
        {"type": "new"},
    ]

    reply = answering(httpx.Response(200, json=message(content=content))).complete()

    assert reply.text == "a"
    assert list(reply.content) == content


def test_a_reply_costs_what_the_price_table_says() -> None:
    settings = Settings(prices={"claude-haiku-4-5": Price(1.0, 5.0, 0.1, 1.25)})
    usage = {
        "input_tokens": 1000,
        "output_tokens": 200,
        "cache_read_input_tokens": 10_000,
        "cache_creation_input_tokens": 4000,
    }
    scene = Scene(lambda _r: httpx.Response(200, json=message(usage=usage)), settings)

    assert scene.complete().cost == pytest.approx(0.001 + 0.001 + 0.001 + 0.005)


def test_a_stream_is_folded_and_its_first_token_timed() -> None:
    scene = answering()

    async def body() -> AsyncIterator[bytes]:
        whole = stream("hel", "lo")
        first_delta = whole.index(b"event: content_block_delta")
        scene.now = 1.0
        yield whole[:first_delta]
        scene.now = 1.5
        yield whole[first_delta : first_delta + 200]
        scene.now = 2.0
        yield whole[first_delta + 200 :]

    headers = {"content-type": "text/event-stream; charset=utf-8"}
    scene.handler = lambda _request: httpx.Response(200, headers=headers, content=body())

    reply = scene.complete(STREAMED)

    assert (reply.text, reply.delivery) == ("hello", Delivery.STREAM)
    assert (reply.first_token, reply.latency) == (1.5, 2.0)


def test_a_server_that_does_not_stream_still_delivers_its_paid_reply() -> None:
    reply = answering(httpx.Response(200, json=message("hello"))).complete(STREAMED)

    assert (reply.text, reply.delivery, reply.first_token) == ("hello", "at_once", None)


@pytest.mark.parametrize(
    ("response", "kind", "words"),
    [
        (
            httpx.Response(
                401,
                json={"type": "error", "error": {"type": "authentication_error", "message": "no"}},
                headers={"request-id": "req_7"},
            ),
            ApiStatusError,
            "HTTP 401 authentication_error: no (check the API key in HARNESS_API_KEY; a server that"
            ' expects it in `x-api-key` needs `auth = "x-api-key"`) (request req_7)',
        ),
        (
            httpx.Response(429, json={"error": {"type": "rate_limit_error", "message": "slow"}}),
            ApiStatusError,
            "HTTP 429 rate_limit_error: slow",
        ),
        (
            httpx.Response(502, html="<html><title>502 Bad Gateway</title>…</html>"),
            ApiStatusError,
            "HTTP 502 http_502: 502 Bad Gateway",
        ),
        (httpx.Response(529, text=""), ApiStatusError, "HTTP 529 overloaded_error"),
        (
            httpx.Response(404, text="Not Found"),
            ApiStatusError,
            "HTTP 404 not_found_error: Not Found (POST http://api/v1/messages;"
            " is this the address of a Messages API?)",
        ),
        (
            httpx.Response(307, headers={"location": "https://evil.example/x"}),
            ApiStatusError,
            "HTTP 307: redirected to evil.example, which is not followed; set that base_url",
        ),
        (
            httpx.Response(200, html="<h1>Welcome</h1>"),
            ApiResponseError,
            "the server answered with text/html: Welcome;"
            " expected a JSON message of the Messages API; check `base_url`",
        ),
        (
            httpx.Response(200, json={"hello": 1}),
            ApiResponseError,
            "the server answered with application/json that is no message (it has no list of"
            ' content): {"hello":1}; expected a JSON message of the Messages API; check `base_url`',
        ),
        (
            httpx.Response(200, content=b""),
            ApiResponseError,
            "the server answered with an empty body; expected a JSON message of the Messages API;"
            " check `base_url`",
        ),
        (
            httpx.Response(200, json={"type": "error", "error": {"type": "api_error"}}),
            ApiStatusError,
            "api_error: the service gave no reason",
        ),
        (
            httpx.Response(
                200, content=stream("x")[:-40], headers={"content-type": "text/event-stream"}
            ),
            StreamError,
            "the stream ended before `message_stop`; 1 characters of text had come",
        ),
    ],
)
def test_what_is_no_reply_is_an_error_that_says_what_came(
    response: httpx.Response, kind: type[ApiError], words: str
) -> None:
    scene = answering(response)

    with pytest.raises(kind) as caught:
        scene.complete()

    assert str(caught.value) == words
    assert [attempt.reason for attempt in scene.attempts] == [caught.value.reason]


def test_a_task_is_looked_up_with_growing_pauses_and_without_its_place() -> None:
    done = task("success", result=message("hello"))
    scene = answering(task("pending"), task("pending"), task("processing"), done)

    reply = scene.complete(AS_TASK)

    assert (reply.text, reply.delivery) == ("hello", Delivery.TASK)
    assert scene.waits == pytest.approx([0.1, 0.15, 0.225])
    assert scene.slot.pauses == 3
    assert [attempt.purpose for attempt in scene.attempts] == ["create", "poll", "poll", "poll"]


def test_a_task_is_looked_up_where_the_settings_say() -> None:
    paths: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path.decode())
        return task("pending") if request.method == "POST" else task("success", result=message())

    Scene(handler, Settings(base_url="http://api", task_path="/tasks/{id}/state")).complete(AS_TASK)

    assert paths == ["/v1/messages", "/tasks/t%2F1/state"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            task("failed", error={"type": "api_error", "message": "out of memory"}),
            "the task t/1 failed: api_error: out of memory",
        ),
        (task("failed"), "the task t/1 failed: no reason given"),
        (task("resting"), "the task t/1 has the unknown status 'resting'"),
        (task("success"), "the task t/1 succeeded without a result"),
        (
            task("success", result={"x": 1}),
            "the result of the task is not a message: it has no list of content",
        ),
        (
            httpx.Response(200, json={"object": "task", "status": "pending"}),
            "the service made a task without an id",
        ),
    ],
)
def test_a_task_that_brings_no_message_is_an_error(answer: httpx.Response, words: str) -> None:
    with pytest.raises(TaskError) as caught:
        answering(answer).complete(AS_TASK)

    assert str(caught.value) == words


def test_a_task_that_is_never_done_ends_at_the_deadline() -> None:
    scene = Scene(lambda _request: task("processing"), Settings(timeouts=Timeouts(case=30)))

    with pytest.raises(TaskError, match=r"was not done in 30 s \(timeouts.case\)"):
        scene.complete(AS_TASK)

    assert scene.now == pytest.approx(30)


def test_a_look_up_that_fails_in_passing_is_made_again() -> None:
    done = task("success", result=message("hello"))
    scene = answering(task("pending"), httpx.Response(503), httpx.Response(429), done)

    assert scene.complete(AS_TASK).text == "hello"


def test_a_look_up_that_keeps_failing_is_an_error() -> None:
    scene = answering(task("pending"), *[httpx.Response(503)] * 5)

    with pytest.raises(ApiStatusError, match="HTTP 503"):
        scene.complete(AS_TASK)


def test_an_unknown_task_is_not_looked_up_again() -> None:
    scene = answering(task("pending"), httpx.Response(404))

    with pytest.raises(ApiStatusError, match="HTTP 404"):
        scene.complete(AS_TASK)


def test_a_refused_connection_says_where_to() -> None:
    def handler(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ApiConnectionError, match="cannot connect to http://api: refused"):
        Scene(handler).complete()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Timeouts(first_byte=0.01), "no response came within 0.01 s (timeouts.first_byte)"),
        (
            Timeouts(attempt=0.01),
            "the response was not complete within 0.01 s (timeouts.attempt)",
        ),
    ],
)
def test_a_time_limit_names_itself(limits: Timeouts, words: str) -> None:
    async def handler(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(5)
        raise AssertionError("the limit was not kept")

    with pytest.raises(ApiTimeoutError) as caught:
        Scene(handler, Settings(timeouts=limits, max_attempts=1)).complete()

    assert str(caught.value) == words


def test_a_stream_that_stalls_is_given_up() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield stream("hello")[:100]
        await asyncio.sleep(5)

    headers = {"content-type": "text/event-stream"}
    scene = Scene(
        lambda _request: httpx.Response(200, headers=headers, content=body()),
        Settings(timeouts=Timeouts(idle=0.01)),
    )

    with pytest.raises(ApiTimeoutError, match=r"no more data came within 0.01 s \(timeouts.idle\)"):
        scene.complete(STREAMED)


def test_a_reply_with_lone_surrogates_is_still_a_reply() -> None:
    body = message_bytes().replace(b"hello", b"\\ud800")

    reply = answering(httpx.Response(200, content=body)).complete()

    assert reply.text == "\ud800"


_TEXT = st.text(max_size=8) | st.sampled_from(
    ["task", "message", "pending", "success", "error", ".."]
)
_NAMES = st.sampled_from(
    ["id", "object", "type", "status", "result", "error", "message", "content", "role", "usage",
     "stop_reason", "text", "code", "detail", "input_tokens", "output_tokens"]
)  # fmt: skip
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=int(os.environ.get("TEST_BODIES", "200")), deadline=None)
@given(
    body=st.binary(max_size=30) | _ANYTHING.map(lambda value: json.dumps(value).encode()),
    status=st.sampled_from([200, 200, 201, 204, 301, 400, 404, 429, 500, 529]),
    kind=st.sampled_from(["application/json", "text/event-stream", "text/html", ""]),
    request_=st.sampled_from([SAY_HELLO, STREAMED, AS_TASK]),
)
def test_whatever_a_server_answers_is_a_reply_or_an_error_of_its(
    body: bytes, status: int, kind: str, request_: Request
) -> None:
    scene = Scene(
        lambda _request: httpx.Response(status, content=body, headers={"content-type": kind})
    )

    try:
        scene.complete(request_)
    except ApiError as error:
        assert visible(error.message) == error.message


@pytest.mark.parametrize(
    ("answers", "billed"),
    [
        ([], 1),  # under way
        ([httpx.Response(429)], 1),
        ([httpx.ReadError("broken")], 2),
        ([task("pending")], 1),
        ([httpx.ReadError("broken"), task("pending"), task("processing")], 2),
    ],
)
def test_a_call_that_is_cut_short_counts_what_may_be_billed(
    answers: list[httpx.Response | httpx.ReadError], billed: int
) -> None:
    async def cut_short() -> int:
        is_last = asyncio.Event()

        async def answer(_request: httpx.Request) -> httpx.Response:
            if not answers:
                is_last.set()
                await asyncio.sleep(60)
            next_one = answers.pop(0)
            if isinstance(next_one, httpx.ReadError):
                raise next_one
            return next_one

        async def sleep(_seconds: float) -> None:
            await asyncio.sleep(0)

        parts = Parts(sleep=sleep)
        client = parts.client(httpx.MockTransport(answer), Settings(base_url="http://api"))
        call = asyncio.ensure_future(client.complete(SAY_HELLO, FakeSlot(), lambda _attempt: None))
        await is_last.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return parts.stats.perhaps_billed

    assert asyncio.run(cut_short()) == billed
