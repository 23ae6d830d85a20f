"""Reads the settings that say how to reach the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from harness.loading.setting_value import SettingValue, read_text
from harness.model.settings import SIMULATOR

_HOST = re.compile(r"[0-9a-f]*:[0-9a-f:.]+|(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_URL_CHARACTERS = re.compile(r"[!-~]+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[ -~]*")
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_CLIENT_HEADERS = frozenset({"connection", "content-length", "host", "transfer-encoding"})


def read_base_url(setting: SettingValue) -> str:
    """Return the URL of the service without a trailing `/`, or `simulator`."""
    url = str(setting.value).rstrip("/")
    if url == SIMULATOR:
        return url
    expected = f"a URL such as https://api.example.com, or `{SIMULATOR}`"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise setting.invalid(expected) from error
    if parts.username or parts.password:
        # The value is not shown: the password is in it.
        problem = "{name} contains a user name or password"
        raise setting.error(problem, "remove it, and set the key in the environment")
    host = parts.hostname or ""
    is_http = parts.scheme in {"http", "https"}
    if not is_http or not _HOST.fullmatch(host) or not _URL_CHARACTERS.fullmatch(url):
        raise setting.invalid(expected)
    _check_port_and_path(setting, parts)
    return url


def _check_port_and_path(setting: SettingValue, parts: SplitResult) -> None:
    try:
        is_valid_port = parts.port != 0
    except ValueError:
        is_valid_port = False
    if not is_valid_port:
        raise setting.invalid("a port from 1 to 65535")
    if parts.query or parts.fragment:
        raise setting.invalid("the URL without `?…` and `#…`")
    for suffix in ("/v1/messages", "/v1"):
        if parts.path.endswith(suffix):
            raise setting.invalid(f"it without `{suffix}`, which is added to every call")


def read_auth(setting: SettingValue) -> str:
    """Return how the key is sent: `bearer`, `x-api-key` or `none`."""
    if setting.value not in ("bearer", "x-api-key", "none"):
        raise setting.invalid('"bearer", "x-api-key" or "none"')
    return str(setting.value)


def read_task_path(setting: SettingValue) -> str:
    """Return the path under which tasks are looked up; `{id}` stands for the task's id."""
    path = read_text(setting)
    example = path.replace("{id}", "id", 1)
    if not path.startswith("/") or "{id}" not in path or not _PATH.fullmatch(example):
        raise setting.invalid('a path with the task\'s id, such as "/v1/task/{id}"')
    return path


def read_headers(setting: SettingValue) -> Mapping[str, str]:
    """Return additional request headers; none of them may be a secret."""
    if not isinstance(setting.value, Mapping):
        raise setting.invalid('a table of texts, such as {x-team = "support"}')
    for name, value in setting.value.items():
        if name.lower() in _SECRET_HEADERS:
            problem = "{name} contains `{header}`, which may be a secret"
            fix = "set `auth`, and the key in the environment"
            raise setting.error(problem, fix, header=name)
        if name.lower() in _CLIENT_HEADERS or not _HEADER_NAME.fullmatch(name):
            problem = "{name} contains `{header}`, which cannot be set"
            raise setting.error(problem, "remove it", header=name)
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise setting.item(name, value).invalid("one line of ASCII text")
    return dict(setting.value)
