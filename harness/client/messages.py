"""Sends requests to the Messages API and brings back complete replies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx

from harness.client.call_stats import CallStats
from harness.client.exchange import Exchanges, OpenResponse
from harness.client.failures import status_error, timeout_error
from harness.client.limits import Limiter
from harness.client.reading import (
    message_in,
    message_of_task,
    read_payload,
    read_stream,
)
from harness.client.retry import Retryability, RetryPolicy, allowance_wait, classify, may_be_paid
from harness.client.tasks import (
    MOST_POLL_FAILURES,
    Task,
    TaskLog,
    check_task_id,
    is_task,
    pauses,
    read_task,
)
from harness.errors import (
    ApiError,
    ApiStatusError,
    TaskError,
)
from harness.json_text import json_bytes
from harness.model.reply import Attempt, Reply, text_of
from harness.model.request import Delivery, Request
from harness.model.service import MARK
from harness.model.settings import Timeouts
from harness.model.usage import Price, Usage, cost_of

REPEAT_HEADER = b"x-harness-repeat"  # distinguishes repeats of a request, in logs and simulators
_ALLOWANCE_HEADER = "anthropic-ratelimit-requests-remaining"
_MOST_REPEATS = 100  # whose headers are cached; building them costs more than sending them
_CREATE = "create"
_OVERDUE = frozenset({"first_byte_timeout", "attempt_timeout"})
BYTES_PER_TOKEN = 4  # a rough guess, before the reply says how many it really were

T = TypeVar("T")
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Slot(Protocol):
    """The caller's share of what may be in flight at once."""

    def paused(self) -> AbstractAsyncContextManager[None]:
        """Let others have the slot until the block ends."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go and what goes with each of them; the headers hold the key.

    Attributes:
        is_simulator: Whether it is known to be one, so that its replies need no mark.
        if_unauthorized: What to check if it refuses the key.
    """

    url: httpx.URL
    task_url: str
    headers: httpx.Headers = field(repr=False)
    is_simulator: bool = False
    if_unauthorized: str = ""


@dataclass(slots=True)
class _Call:
    """One call under way.

    Attributes:
        began: When the call began, on the client's clock.
        sent: When its last attempt was sent.
        first_token: Seconds from then to the first piece of content of a stream.
        usage: That of the reply, if it came with the request.
    """

    slot: Slot
    began: float
    attempts: list[Attempt] = field(default_factory=list)
    sent: float = 0.0
    first_token: float | None = None
    is_simulated: bool = False
    usage: Usage | None = None


class MessagesClient:
    """Makes calls, each delivered at once, as a stream or as a task.

    Only this class retries: the layers below would multiply the attempts.
    """

    def __init__(
        self,
        exchanges: Exchanges,
        endpoint: Endpoint,
        *,
        limiter: Limiter,
        retry: RetryPolicy,
        stats: CallStats,
        tasks: TaskLog,
        timeouts: Timeouts,
        prices: Mapping[str, Price],
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self._exchanges, self._endpoint = exchanges, endpoint
        self._limiter, self._retry, self._stats = limiter, retry, stats
        self._tasks = tasks
        self._headers = lru_cache(_MOST_REPEATS)(self._headers_of)
        self._timeouts, self._prices = timeouts, prices
        self._clock, self._sleep = clock, sleep

    async def complete(
        self, request: Request, slot: Slot, record: Callable[[Attempt], None]
    ) -> Reply:
        """Make a call and return its reply.

        Args:
            request: What to send.
            slot: The caller's slot; it is paused between attempts and between the look-ups of a
                task.
            record: Called with every attempt once the call has ended, also with failed ones.

        Raises:
            ApiError: No complete reply came.
        """
        call = _Call(slot, self._clock())
        try:
            message, delivery = await self._task_made_before(request, call)
            if message is None:
                message, delivery = await self._created(request, call)
                if delivery is Delivery.TASK:
                    task = read_task(message)
                    # On record before it is looked up: a process that is killed now has paid for
                    # it, and the next run attaches to it.
                    self._tasks.made(request, task.id)
                    message = await self._wait_for_task(task, call)
        except asyncio.CancelledError:
            self._stats.perhaps_billed += sum(map(_may_cost, call.attempts))
            raise
        finally:
            for attempt in call.attempts:
                record(attempt)
        reply = self._reply(message, delivery, request, call)
        tokens = reply.usage.output_tokens
        self._limiter.used(len(reply.text) // BYTES_PER_TOKEN if tokens is None else tokens)
        return reply

    async def _task_made_before(
        self, request: Request, call: _Call
    ) -> tuple[Mapping[str, Any] | None, Delivery]:
        """Attach to the task that an earlier run made, if the service can still finish it."""
        name = self._tasks.made_before(request)
        if name is None:
            return None, Delivery.TASK
        self._tasks.made(request, name)  # so that the run after this one finds it too
        try:
            check_task_id(name)
            return await self._wait_for_task(Task(name), call), Delivery.TASK
        except (ApiStatusError, TaskError) as error:
            # Gone or failed: a new task may succeed. After any other error the task may still be
            # running, and a second one would be paid for as well.
            if error.status not in (404, 410) and error.reason not in ("task_failed", "bad_task"):
                raise
            return None, Delivery.TASK

    async def _created(self, request: Request, call: _Call) -> tuple[Mapping[str, Any], Delivery]:
        """Send a request until it brings a reply or a task, or is not worth another try."""
        body = json_bytes(request.body)
        wait, number = 0.0, 0
        while True:
            number += 1
            try:
                return await self._try(body, request, call, wait)
            except ApiError as error:
                is_reached = self._stats.is_reached
                wait = self._retry.wait(
                    error,
                    number,
                    self._seconds_left(call),
                    is_reached=is_reached,
                    seconds_waited=self._clock() - call.began,
                )
                with self._stats.waiting_after(error):
                    async with call.slot.paused():
                        await self._sleep(wait)

    async def _try(
        self, body: bytes, request: Request, call: _Call, waited: float
    ) -> tuple[Mapping[str, Any], Delivery]:
        ticket = await self._limiter.admit(len(body) // BYTES_PER_TOKEN)
        call.sent = self._clock()
        try:
            # It may have waited for the limiter longer than the call may take.
            if self._seconds_left(call) <= 0:
                raise timeout_error("case", self._timeouts)
            sent = self._request(body, request)
            made = await self._attempt(_CREATE, sent, call, self._read, waited)
        except ApiError as error:
            self._limiter.failed(
                ticket,
                error.status,
                self._retry.bearable(error.retry_after),
                is_overdue=error.reason in _OVERDUE,
            )
            self._stats.failed(error)
            raise
        else:
            self._limiter.succeeded(*self._measured(made, call))
            self._stats.succeeded()
            return made
        finally:
            self._limiter.ended()

    def _measured(
        self, made: tuple[Mapping[str, Any], Delivery], call: _Call
    ) -> tuple[float | None, int]:
        """Return how long a reply took, and how many tokens it has; a task takes no time."""
        message, delivery = made
        if delivery is Delivery.TASK:
            return None, 0
        call.usage = Usage.of(message)
        reported = call.usage.output_tokens
        tokens = len(text_of(message)) // BYTES_PER_TOKEN if reported is None else reported
        return self._clock() - call.sent, tokens

    def _request(self, body: bytes, request: Request) -> httpx.Request:
        sent = httpx.Request(
            "POST",
            self._endpoint.url,
            headers=self._headers(request.repeat),
            stream=httpx.ByteStream(body),
        )
        sent.read()  # the pool sends `content`, which httpx has only once the stream was read
        return sent

    def _headers_of(self, repeat: int) -> httpx.Headers:
        return httpx.Headers([*self._endpoint.headers.raw, (REPEAT_HEADER, b"%d" % repeat)])

    def _seconds_left(self, call: _Call) -> float:
        return call.began + self._timeouts.case - self._clock()

    async def _read(
        self, response: OpenResponse, call: _Call
    ) -> tuple[Mapping[str, Any], Delivery]:
        def begun() -> None:
            if call.first_token is None:
                call.first_token = self._clock() - call.sent

        if response.content_type.startswith("text/event-stream"):
            return await read_stream(response, begun), Delivery.STREAM
        payload = await read_payload(response)
        if is_task(payload):
            return payload, Delivery.TASK
        return message_in(payload, response), Delivery.AT_ONCE

    async def _wait_for_task(self, task: Task, call: _Call) -> Mapping[str, Any]:
        url = self._endpoint.task_url.replace("{id}", quote(task.id, safe=""))
        failures = 0
        for pause in pauses():
            if task.result is not None:
                break
            seconds_left = self._seconds_left(call)
            if seconds_left <= 0:
                message = f"the task {task.id} was not done in {self._timeouts.case:g} s"
                raise TaskError(f"{message} (timeouts.case)", "task_timeout")
            async with call.slot.paused():
                await self._sleep(min(pause, seconds_left))
            try:
                task = read_task(await self._look_up(url, call, pause), task.id)
                failures = 0
            except ApiError as error:
                # The service works on the task all the same: a look-up that fails in passing must
                # not lose a reply that was paid for.
                failures += 1
                if failures >= MOST_POLL_FAILURES or classify(error) is not Retryability.PASSING:
                    raise
        return message_of_task(task.result)

    async def _look_up(self, url: str, call: _Call, waited: float) -> Mapping[str, Any]:
        lookup = httpx.Request("GET", url, headers=self._endpoint.headers)
        return await self._attempt("poll", lookup, call, _read_task, waited)

    async def _attempt(
        self,
        purpose: str,
        request: httpx.Request,
        call: _Call,
        read: Callable[[OpenResponse, _Call], Awaitable[T]],
        waited: float = 0.0,
    ) -> T:
        """Make one exchange and record how it went; raise an error for a status that is one."""
        began = self._clock()
        status = request_id = reason = None
        is_paid = False
        try:
            async with self._exchanges.open(request, self._seconds_left(call)) as response:
                status, request_id = response.status, response.request_id
                call.is_simulated = MARK in response.headers
                if not 200 <= response.status < 300:
                    body = await response.body()
                    sent_to = f"{request.method} {request.url}"
                    raise status_error(
                        response.status,
                        response.headers,
                        body,
                        sent_to=sent_to,
                        now=time.time(),
                        if_unauthorized=self._endpoint.if_unauthorized,
                    )
                # The reply that used up the allowance says so: waiting now saves a refusal.
                if _ALLOWANCE_HEADER in response.headers:
                    wait = allowance_wait(response.headers, time.time())
                    self._limiter.pause(min(wait or 0.0, self._retry.longest_server_wait))
                return await read(response, call)
        except ApiError as error:
            reason, is_paid = error.reason, may_be_paid(error)
            raise
        except asyncio.CancelledError:
            reason, is_paid = "cancelled", purpose == _CREATE
            raise
        finally:
            seconds = self._clock() - began
            call.attempts.append(
                Attempt(purpose, status, seconds, waited, reason, request_id, is_paid)
            )

    def _reply(
        self, message: Mapping[str, Any], delivery: Delivery, request: Request, call: _Call
    ) -> Reply:
        usage = call.usage or Usage.of(message)
        cost = cost_of(self._prices, message, request.body, usage)
        return Reply(
            message=message,
            text=text_of(message),
            usage=usage,
            delivery=delivery,
            latency=self._clock() - call.sent,
            first_token=call.first_token,
            cost=cost.usd,
            is_cost_partial=cost.is_partial,
            attempts=tuple(call.attempts),
            key=request.key,
            is_simulated=call.is_simulated and not self._endpoint.is_simulator,
        )


def _may_cost(attempt: Attempt) -> bool:
    """Whether the service may charge for an attempt of a call that brought no reply."""
    has_made_a_task = attempt.purpose == _CREATE and attempt.reason is None
    return attempt.may_be_billed or has_made_a_task


async def _read_task(response: OpenResponse, _call: _Call) -> Mapping[str, Any]:
    return await read_payload(response)
