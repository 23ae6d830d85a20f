"""Errors and their messages, read from statuses, bodies and the exceptions of a transport."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from harness.client.failures import (
    connection_error,
    error_in,
    not_a_message,
    response_cut,
    status_error,
    timeout_error,
)
from harness.client.transport_errors import NotHttpError, SecureConnectError, UnknownHostError
from harness.errors import ApiConnectionError, ApiError, ApiStatusError, ApiTimeoutError
from harness.model.settings import Timeouts

SPENT = {"error_code": "enforced_spend_limit_reached"}


def error_of(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Any:
    return status_error(status, headers or {}, body, sent_to="POST http://api/v1", now=0.0)


def body_of(**fields: Any) -> bytes:
    return json.dumps({"type": "error", "error": fields}).encode()


@pytest.mark.parametrize(
    ("status", "body", "message", "reason"),
    [
        (
            400, body_of(type="invalid_request_error", message="no model"),
            "HTTP 400 invalid_request_error: no model", "invalid_request_error",
        ),
        (429, b"", "HTTP 429 rate_limit_error", "rate_limit_error"),
        (418, b"", "HTTP 418 http_418", "http_418"),
        (500, b'{"error": "out of memory"}', "HTTP 500 api_error: out of memory", "api_error"),
        (500, b"plain  text\n here", "HTTP 500 api_error: plain text here", "api_error"),
        (500, b"\xff\xfe", "HTTP 500 api_error: \ufffd\ufffd", "api_error"),
        (500, b"[1]", "HTTP 500 api_error: [1]", "api_error"),
        (
            502, b"<html><head><title>502 Bad&nbsp;<b>Gateway</b></title></head><body>x</body>",
            "HTTP 502 http_502: 502 Bad Gateway", "http_502",
        ),
        (
            404, body_of(type="not_found_error", message="model: m"),
            "HTTP 404 not_found_error: model: m (POST http://api/v1)", "not_found_error",
        ),
        (
            405, b"",
            "HTTP 405 http_405 (POST http://api/v1; is this the address of a Messages API?)",
            "http_405",
        ),
    ],
)  # fmt: skip
def test_a_status_is_explained_by_what_its_body_says(
    status: int, body: bytes, message: str, reason: str
) -> None:
    error = error_of(status, body)

    assert (error.message, error.reason, error.status) == (message, reason, status)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://evil.example/x", "evil.example"),
        ("http://h:81/", "h:81"),
        ("/v2/messages", "another path of this server"),
        ("", "another path of this server"),
        ("http://[broken", "a broken address"),
        ("http://h:port/", "a broken address"),
    ],
)
def test_a_redirect_names_where_it_leads(location: str, target: str) -> None:
    error = error_of(307, headers={"location": location})

    assert error.message == (
        f"HTTP 307: redirected to {target}, which is not followed; set that base_url"
    )


def test_the_request_id_is_kept_under_either_name() -> None:
    assert error_of(500, headers={"request-id": "req_1"}).request_id == "req_1"
    assert error_of(500, headers={"x-request-id": "req_2"}).request_id == "req_2"


@pytest.mark.parametrize(
    ("headers", "details", "is_final", "retry_after"),
    [
        ({}, {}, False, None),
        ({"retry-after": "7"}, {}, False, 7.0),
        ({"x-should-retry": "false"}, {}, True, None),
        ({"x-should-retry": "false", "retry-after": "7"}, {}, True, 7.0),
        ({}, SPENT, True, None),
        ({"retry-after": "7"}, SPENT, False, 7.0),
    ],
)
def test_a_failure_is_final_if_the_service_says_so_or_the_money_is_spent(
    headers: Mapping[str, str],
    details: Mapping[str, str],
    is_final: bool,
    retry_after: float | None,
) -> None:
    error = error_of(429, body_of(type="rate_limit_error", details=details), headers)

    assert (error.is_final, error.retry_after) == (is_final, retry_after)


def test_what_others_wrote_is_cut_and_holds_no_control_characters() -> None:
    error = error_of(500, body_of(type="t" * 500, message="\x1b[31m" + "m" * 5000))

    assert "\x1b" not in error.message
    assert error.reason == "t" * 80 + "…"
    assert len(error.message) < 2200


@pytest.mark.parametrize(
    ("data", "message", "status"),
    [
        (
            {"error": {"type": "overloaded_error", "message": "busy"}},
            "overloaded_error: busy", 529,
        ),
        ({"error": {"type": "brand_new", "message": "x"}}, "brand_new: x", 200),
        ({"error": "text"}, "api_error: text", 500),
        ({}, "api_error: the service gave no reason", 500),
    ],
)  # fmt: skip
def test_an_error_inside_a_success_has_the_status_of_its_type(
    data: Mapping[str, Any], message: str, status: int
) -> None:
    error = error_in(data, status=200)

    assert (error.message, error.status) == (message, status)


@pytest.mark.parametrize(
    ("content_type", "body", "problem", "words"),
    [
        ("text/html; charset=x", b"<title>Hi</title>", None, "answered with text/html: Hi;"),
        ("", b"hm", None, "answered with no content type: hm;"),
        ("application/json", b"", None, "answered with an empty body;"),
        (
            "application/json",
            b"{}",
            "no content",
            "application/json that is no message (no content): {};",
        ),
    ],
)
def test_a_success_without_a_message_shows_what_came(
    content_type: str, body: bytes, problem: str | None, words: str
) -> None:
    error = not_a_message(content_type, body, "req_1", problem)

    assert words in error.message
    expected = "; expected a JSON message of the Messages API; check `base_url`"
    assert error.message.endswith(expected)
    assert (error.reason, error.request_id) == ("unexpected_response", "req_1")


@pytest.mark.parametrize(
    ("body", "api"),
    [
        ('{"choices": [{"message": {"content": "hi"}}]}', "chat completions"),
        ('{"object": "response", "output": []}', "the Responses API"),
        ('{"candidates": []}', "Gemini's API"),
    ],
)
def test_a_reply_of_another_interface_is_called_by_its_name(body: str, api: str) -> None:
    error = not_a_message("application/json", body.encode(), None, "it has no list of content")

    assert error.message.endswith(
        f"this is a reply of {api}: set `base_url` to a gateway that translates"
    )


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("first_byte", "no response came within 1 s (timeouts.first_byte)"),
        ("idle", "no more data came within 2 s (timeouts.idle)"),
        ("attempt", "the response was not complete within 3 s (timeouts.attempt)"),
        ("case", "the call was not done within 4 s (timeouts.case)"),
    ],
)
def test_a_time_limit_is_named_with_the_setting_to_change(limit: str, message: str) -> None:
    error = timeout_error(limit, Timeouts(first_byte=1, idle=2, attempt=3, case=4))

    assert (error.message, error.reason) == (message, f"{limit}_timeout")


@pytest.mark.parametrize(
    ("error", "kind", "reason", "words"),
    [
        (httpx.ConnectTimeout("x"), ApiTimeoutError, "connect_timeout", "(timeouts.connect)"),
        (TimeoutError(), ApiTimeoutError, "connect_timeout", "no connection to http://h in time"),
        (UnknownHostError("no name"), ApiConnectionError, "unknown_host", "unknown: no name"),
        (NotHttpError("bad line"), ApiConnectionError, "not_http", "sent breaks HTTP: bad line"),
        (SecureConnectError("expired"), ApiConnectionError, "tls", "no secure connection"),
        (httpx.ConnectError("refused"), ApiConnectionError, "connection_refused", "is the server"),
        (httpx.ProxyError("407"), ApiConnectionError, "connection_refused", "http://h: 407"),
        (httpx.ReadError(""), ApiConnectionError, "connection_lost", "broke: ReadError"),
        (OSError("reset"), ApiConnectionError, "connection_lost", "http://h broke: reset"),
    ],
)
def test_the_exceptions_of_a_transport_become_ours(
    error: Exception, kind: type[ApiError], reason: str, words: str
) -> None:
    translated = connection_error(error, "http://h")

    assert type(translated) is kind
    assert translated.reason == reason
    assert words in translated.message


def test_a_response_that_was_cut_is_an_error_of_the_connection() -> None:
    error = response_cut("http://h", "reset")

    assert (error.message, error.reason) == (
        "the connection to http://h broke: reset",
        "response_cut",
    )
    assert not isinstance(error, ApiStatusError)
