"""What went wrong, read from statuses, bodies and broken connections."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.client.payloads import parse_json
from harness.client.retry import allowance_wait, server_wait
from harness.client.transport_errors import NotHttpError, SecureConnectError, UnknownHostError
from harness.errors import (
    ApiConnectionError,
    ApiError,
    ApiResponseError,
    ApiStatusError,
    ApiTimeoutError,
)
from harness.model.api_errors import ERROR_TYPE_BY_STATUS
from harness.model.settings import Timeouts
from harness.printable import visible

_STATUS_BY_REASON = {reason: status for status, reason in ERROR_TYPE_BY_STATUS.items()}
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
# what only the replies of other interfaces have
_OTHER_APIS = {
    "choices": "chat completions",
    "output": "the Responses API",
    "candidates": "Gemini's API",
    "generations": "Cohere's API",
}
_SPENT = "enforced_spend_limit_reached"
_UNAUTHORIZED = 401
_TOO_MANY = 429
_LONGEST_EXCERPT = 200
_LONGEST_MESSAGE = 2000
_LONGEST_REASON = 80


def status_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    sent_to: str,
    now: float,
    if_unauthorized: str = "",
) -> ApiStatusError:
    """Return the error of a response whose status is not a success.

    Args:
        status: The HTTP status.
        headers: The response's headers.
        body: The response's body, which may be JSON, text or HTML.
        sent_to: The method and the URL of the call.
        now: The time, in seconds since the epoch.
        if_unauthorized: What to check if the key was refused.
    """
    request_id = headers.get("request-id") or headers.get("x-request-id")
    if 300 <= status < 400:
        # Not followed: the key would go to whatever host the answer names.
        target = _host_of(headers.get("location", ""))
        message = f"HTTP {status}: redirected to {target}, which is not followed; set that base_url"
        return ApiStatusError(message, "redirect", status, request_id)
    fields = _error_object(body)
    reason = _short(
        fields.get("type") or ERROR_TYPE_BY_STATUS.get(status, f"http_{status}"), _LONGEST_REASON
    )
    detail = _short(fields.get("message") or _excerpt(body), _LONGEST_MESSAGE)
    message = f"HTTP {status} {reason}: {detail}" if detail else f"HTTP {status} {reason}"
    # The API says in an object of its own what it does not find; else this is some other server.
    if status in {404, 405}:
        question = "" if fields else "; is this the address of a Messages API?"
        message += f" ({sent_to}{question})"
    if status == _UNAUTHORIZED and if_unauthorized:
        message += f" ({if_unauthorized})"
    wait = server_wait(headers, now)
    if wait is None and status == _TOO_MANY and not _is_spent(fields):
        wait = allowance_wait(headers, now)
    # A spend limit looks like a rate limit. It passes only if the service says when.
    is_final = headers.get("x-should-retry") == "false" or (wait is None and _is_spent(fields))
    return ApiStatusError(
        message,
        reason,
        status,
        request_id,
        retry_after=wait,
        is_final=is_final,
        is_structured="type" in fields and "message" in fields,
    )


def error_in(data: Mapping[str, Any] | str, status: int) -> ApiStatusError:
    """Return the error that a body or event reports although the status is a success.

    Args:
        data: The body, or the data of the event; gateways also send plain text.
        status: The HTTP status.
    """
    fields = _error_fields({"message": data} if isinstance(data, str) else data)
    # A stream has begun with 200 when its error comes; whether to try again depends on the status
    # that the error would have had.
    told = fields.get("status", fields.get("code"))
    told = told if isinstance(told, int) and 400 <= told < 600 else None
    usual = ERROR_TYPE_BY_STATUS.get(told or 0, "api_error")
    reason = _short(fields.get("type") or usual, _LONGEST_REASON)
    detail = _short(fields.get("message") or "the service gave no reason", _LONGEST_MESSAGE)
    own_status = _STATUS_BY_REASON.get(reason, told or status)
    return ApiStatusError(f"{reason}: {detail}", reason, own_status, is_final=_is_spent(fields))


def _is_spent(fields: Mapping[str, Any]) -> bool:
    """Return whether an error reports that no money is left, which waiting does not change."""
    details = fields.get("details")
    return isinstance(details, dict) and details.get("error_code") == _SPENT


def not_a_message(
    content_type: str, body: bytes, request_id: str | None, problem: str | None = None
) -> ApiResponseError:
    """Return the error of a success that does not hold what the API promises."""
    kind = content_type.partition(";")[0] or "no content type"
    excerpt = _excerpt(body)
    # the reason first: an excerpt is long, and of a body that is nearly right
    why = f" that is no message ({problem})" if problem else ""
    answer = f"answered with {kind}{why}: {excerpt}" if excerpt else "answered with an empty body"
    expected = f"expected a JSON message of the Messages API; {_what_to_set(body)}"
    message = f"the server {answer}; {expected}"
    return ApiResponseError(message, "unexpected_response", 200, request_id)


def _what_to_set(body: bytes) -> str:
    try:
        value = parse_json(body)
    except ValueError:
        return "check `base_url`"
    api = other_api(value) if isinstance(value, dict) else None
    if api is None:
        return "check `base_url`"
    return f"this is a reply of {api}: set `base_url` to a gateway that translates"


def other_api(fields: Mapping[str, Any]) -> str | None:
    """Return the interface whose replies, or pieces of a stream, have such fields."""
    return next((api for name, api in _OTHER_APIS.items() if name in fields), None)


def timeout_error(limit: str, limits: Timeouts) -> ApiTimeoutError:
    """Return the error that names a time limit that was passed."""
    what = {
        "first_byte": "no response came",
        "idle": "no more data came",
        "attempt": "the response was not complete",
        "case": "the call was not done",
    }[limit]
    seconds = getattr(limits, limit)
    return ApiTimeoutError(f"{what} within {seconds:g} s (timeouts.{limit})", f"{limit}_timeout")


def connection_error(error: BaseException, host: str) -> ApiError:
    """Return our error for one that a transport raised before a response was there."""
    detail = visible(str(error)) or type(error).__name__
    match error:
        case httpx.TimeoutException() | TimeoutError():
            message = f"no connection to {host} in time (timeouts.connect)"
            return ApiTimeoutError(message, "connect_timeout")
        case UnknownHostError():
            return ApiConnectionError(f"the host of {host} is unknown: {detail}", "unknown_host")
        case SecureConnectError():
            return ApiConnectionError(f"no secure connection to {host}: {detail}", "tls")
        case httpx.ConnectError() | httpx.ProxyError():
            message = f"cannot connect to {host}: {detail}; is the server running there?"
            return ApiConnectionError(message, "connection_refused")
        case NotHttpError():
            return ApiConnectionError(f"what {host} sent breaks HTTP: {detail}", "not_http")
        case _:
            return ApiConnectionError(
                f"the connection to {host} broke: {detail}", "connection_lost"
            )


def response_cut(host: str, detail: str) -> ApiConnectionError:
    """Return the error of a response that was cut off."""
    return ApiConnectionError(f"the connection to {host} broke: {detail}", "response_cut")


def _host_of(location: str) -> str:
    try:
        parts = urlsplit(location)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return "a broken address"
    return f"{parts.hostname}{port}" if parts.hostname else "another path of this server"


def _short(value: object, most: int) -> str:
    text = " ".join(visible(str(value)).split())
    return text if len(text) <= most else f"{text[:most]}…"


def _error_object(body: bytes) -> Mapping[str, Any]:
    try:
        return _error_fields(parse_json(body))
    except ValueError:
        return {}


def _error_fields(data: Any) -> Mapping[str, Any]:
    """Return what a body or an event says of an error, in the words of the API."""
    if not isinstance(data, dict):
        return {}
    error, message = data.get("error"), data.get("message")
    if isinstance(error, dict):
        return error
    if isinstance(error, str):
        return {**data, "type": None, "message": f"{error}: {message}" if message else error}
    if isinstance(message, str):  # several gateways put it at the top
        return {**data, "type": None if data.get("type") == "error" else data.get("type")}
    return {}


def _excerpt(body: bytes) -> str:
    # Gateways answer with pages. Their title says what happened; the rest is markup.
    text = body[:100_000].decode("utf-8", "replace")
    title = _TITLE.search(text)
    if title is not None:
        text = html.unescape(re.sub(r"<[^>]*>", " ", title[2]))
    text = visible(" ".join(text.split()))
    return text if len(text) <= _LONGEST_EXCERPT else f"{text[:_LONGEST_EXCERPT]}…"
