from __future__ import annotations

from typing import Any

import pytest

from harness.errors import SettingsError
from harness.loading.server_settings import read_auth, read_base_url, read_headers, read_task_path
from harness.loading.setting_value import SettingValue


def setting(value: Any) -> SettingValue:
    return SettingValue(value, "`x`")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://api.example.com/", "https://api.example.com"),
        ("http://localhost:8000/proxy", "http://localhost:8000/proxy"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("simulator", "simulator"),
    ],
)
def test_a_base_url_loses_its_last_slash(written: str, url: str) -> None:
    assert read_base_url(setting(written)) == url


@pytest.mark.parametrize(
    ("written", "fix"),
    [
        ("api.example.com", "a URL such as"),
        ("ftp://x", "a URL such as"),
        ("http://", "a URL such as"),
        ("http://a b", "a URL such as"),
        ("http://[::1", "a URL such as"),
        ("http://x:0", "a port from 1 to 65535"),
        ("http://x:99999", "a port from 1 to 65535"),
        ("http://x?key=1", "the URL without `?…` and `#…`"),
        ("http://x/v1", "it without `/v1`, which is added to every call"),
        ("http://x/v1/messages", "it without `/v1/messages`, which is added to every call"),
    ],
)
def test_a_base_url_that_cannot_be_used_is_refused(written: str, fix: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_base_url(setting(written))

    assert str(caught.value.problem) == f"invalid `x`: {written!r}"
    assert str(caught.value.fix).startswith(f"write {fix}")


def test_a_password_in_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        read_base_url(setting("http://me:hunter2@x"))

    assert str(caught.value.problem) == "`x` contains a user name or password"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("auth", ["bearer", "x-api-key", "none"])
def test_the_three_ways_to_send_a_key_are_read(auth: str) -> None:
    assert read_auth(setting(auth)) == auth


def test_another_way_to_send_a_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="invalid `x`: 'basic'"):
        read_auth(setting("basic"))


@pytest.mark.parametrize("path", ["/task", "task/{id}", "/{id}/{id}", "/a b/{id}", 5])
def test_a_task_path_has_one_id(path: object) -> None:
    with pytest.raises(SettingsError):
        read_task_path(setting(path))


def test_a_task_path_is_read() -> None:
    assert read_task_path(setting("/v2/jobs/{id}?full=1")) == "/v2/jobs/{id}?full=1"


def test_headers_are_read() -> None:
    assert read_headers(setting({"x-team": "a b"})) == {"x-team": "a b"}


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ("x", "invalid `x`: 'x'"),
        ({"Authorization": "s"}, "`x` contains `Authorization`, which may be a secret"),
        ({"Host": "s"}, "`x` contains `Host`, which cannot be set"),
        ({"a b": "s"}, "`x` contains `a b`, which cannot be set"),
        ({"a": 1}, "invalid `x.a`: 1"),
        ({"a": "1\r\nb: 2"}, r"invalid `x.a`: '1\r\nb: 2'"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: object, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_headers(setting(headers))

    assert str(caught.value.problem) == problem
