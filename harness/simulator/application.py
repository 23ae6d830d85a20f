"""The simulator's web application."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harness.model.api_errors import ERROR_TYPE_BY_STATUS
from harness.model.request import RERUN_HEADER
from harness.model.request_ranges import API_RANGES, RequestRanges
from harness.model.service import MARK
from harness.simulator.messages import error_body, events, is_content, message
from harness.simulator.refusal import RefusedError
from harness.simulator.rules import Fault, Rules, ScriptedReply
from harness.simulator.validation import check_request

_REPEAT_HEADER = "x-harness-repeat"  # distinguishes the repeats of a request in `harness run`
_MAX_TASKS = 10_000
_MAX_BODY_BYTES = 64_000_000


class HangUpError(Exception):
    """Makes the server close the connection, on purpose."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A task with its request and reply; times are in seconds since the epoch."""

    body: Mapping[str, Any]
    answer: ScriptedReply
    created: float
    done_at: float


class Simulator:
    """Answers the calls of the API by rules.

    Args:
        rules: Choose the replies.
        key: The only key that is accepted; None accepts any, but requires one.
        ranges: Which values of fields it accepts.
    """

    def __init__(
        self, rules: Rules, *, key: str | None = None, ranges: RequestRanges = API_RANGES
    ) -> None:
        self._rules, self._key, self._ranges = rules, key, ranges
        self._tasks: OrderedDict[str, _Task] = OrderedDict()

    def application(self) -> Starlette:
        """Return the web application."""
        return Starlette(
            routes=[
                Route("/v1/messages", self._create, methods=["POST"]),
                Route("/v1/task/{id}", self._look_up, methods=["GET"]),
            ],
            exception_handlers={404: _not_found, 405: _not_found},
            middleware=[Middleware(_Marked)],
        )

    async def _create(self, request: Request) -> Response:
        name = _request_id()
        try:
            self._check_key(request)
            body = check_request(await _json_body(request), self._ranges)
            answer = self._rules.answer(body, _draw(request.headers))
            return await self._answered(answer, body, name)
        except RefusedError as error:
            return _error(error.status, error.kind, error.message, name, error.details)
        except ClientDisconnect:
            return Response(status_code=499)

    async def _answered(
        self, answer: ScriptedReply, body: Mapping[str, Any], name: str
    ) -> Response:
        fault = answer.fault or Fault()
        if fault.status is not None:
            return _fault_response(fault, name)
        if body.get("stream"):
            pieces = _stream(answer, body, fault)
            headers = {"request-id": name, "cache-control": "no-cache"}
            return StreamingResponse(pieces, media_type="text/event-stream", headers=headers)
        if body.get("async"):
            return JSONResponse(self._task(answer, body), headers={"request-id": name})
        await asyncio.sleep(answer.latency + fault.stall)
        whole = _json(message(answer, body), name)
        if fault.cut_after is not None:
            half = bytes(whole.body)[: len(whole.body) // 2]
            return StreamingResponse(_cut(half), headers=dict(whole.headers))
        return whole

    def _task(self, answer: ScriptedReply, body: Mapping[str, Any]) -> dict[str, Any]:
        now = time.time()
        name = f"task_{secrets.token_hex(12)}"
        self._tasks[name] = _Task(body, answer, now, now + answer.latency)
        if len(self._tasks) > _MAX_TASKS:
            self._tasks.popitem(last=False)
        return _task_body(name, "pending", now)

    async def _look_up(self, request: Request) -> Response:
        request_id = _request_id()
        try:
            self._check_key(request)
        except RefusedError as error:
            return _error(error.status, error.kind, error.message, request_id)
        name = request.path_params["id"]
        task = self._tasks.get(name)
        if task is None:
            return _error(404, "not_found_error", f"no task {name}", request_id)
        now = time.time()
        if now < task.done_at:
            halfway = task.created + (task.done_at - task.created) / 2
            status = "pending" if now < halfway else "processing"
            return _json(_task_body(name, status, task.created), request_id)
        if task.answer.fault is not None and task.answer.fault.fails_task:
            failed = _task_body(name, "failed", task.created)
            failed["error"] = {"type": "api_error", "message": task.answer.fault.message}
            return _json(failed, request_id)
        done = _task_body(name, "success", task.created)
        return _json({**done, "result": message(task.answer, task.body)}, request_id)

    def _check_key(self, request: Request) -> None:
        sent = request.headers.get("x-api-key", "")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            sent = token.strip()
        if not sent:
            raise RefusedError(401, "authentication_error", "no API key was sent")
        if self._key is not None and not secrets.compare_digest(sent.encode(), self._key.encode()):
            raise RefusedError(401, "authentication_error", "the API key is not valid")


class _Marked:
    """Marks every response: a reply must not pass for that of a model."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (MARK.encode(), b"1")]
            await send(message)

        await self._app(scope, receive, marked)


async def _cut(half: bytes) -> AsyncIterator[bytes]:
    yield half
    raise HangUpError


async def _stream(
    answer: ScriptedReply, body: Mapping[str, Any], fault: Fault
) -> AsyncIterator[bytes]:
    waited = False
    for number, event in enumerate(events(answer, body)):
        if fault.cut_after is not None and number >= fault.cut_after:
            raise HangUpError
        if is_content(event):
            await asyncio.sleep(answer.pace if waited else answer.latency + fault.stall)
            waited = True
        yield event


def _fault_response(fault: Fault, name: str) -> Response:
    status = fault.status or 500
    response = _error(status, ERROR_TYPE_BY_STATUS.get(status, "api_error"), fault.message, name)
    if fault.retry_after is not None:
        response.headers["retry-after"] = f"{fault.retry_after:g}"
    return response


def _draw(headers: Mapping[str, str]) -> str | None:
    """Return what distinguishes a request from equal ones, in its run and in other runs of it."""
    repeat, rerun = headers.get(_REPEAT_HEADER), headers.get(RERUN_HEADER)
    return repeat if repeat is None or rerun is None else f"{rerun}:{repeat}"


async def _json_body(request: Request) -> object:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise RefusedError(413, "request_too_large", "the request is too large")
    try:
        parsed: object = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(
            400, "invalid_request_error", f"the body is not JSON: {error}"
        ) from error
    return parsed


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


async def _not_found(request: Request, _: Exception) -> Response:
    text = f"{request.method} {request.url.path} is not a call of this API"
    return _error(404, "not_found_error", text, _request_id())


def _task_body(name: str, status: str, created: float) -> dict[str, Any]:
    return {"id": name, "object": "task", "status": status, "created_at": int(created)}


def _json(body: Mapping[str, Any], name: str) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", "backslashreplace")
    return Response(content, media_type="application/json", headers={"request-id": name})


def _error(
    status: int, kind: str, text: str, name: str, details: Mapping[str, Any] | None = None
) -> Response:
    body = error_body(kind, text, name, details)
    return JSONResponse(body, status, headers={"request-id": name})


def _request_id() -> str:
    return f"req_{secrets.token_hex(8)}"
