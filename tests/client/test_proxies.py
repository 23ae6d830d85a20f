"""Which proxy of the environment is taken."""

from __future__ import annotations

import httpx
import pytest

from harness.client.proxies import proxy_for
from harness.errors import SettingsError


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def proxy_of(server: str) -> str | None:
    proxy = proxy_for(httpx.URL(server))
    return None if proxy is None else str(proxy)


@pytest.mark.parametrize(
    ("name", "value", "server", "expected"),
    [
        ("http_proxy", "http://p:1", "http://api.example", "http://p:1"),
        ("HTTPS_PROXY", "http://p:1", "https://api.example", "http://p:1"),
        ("https_proxy", "https://p", "https://api.example", "https://p"),
        ("https_proxy", "http://p:1", "http://api.example", None),
        ("all_proxy", "http://p:1", "https://api.example", "http://p:1"),
        ("http_proxy", "p:1", "http://api.example", "http://p:1"),
        ("http_proxy", "", "http://api.example", None),
    ],
)
def test_the_proxy_of_the_scheme_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, server: str, expected: str | None
) -> None:
    monkeypatch.setenv(name, value)

    assert proxy_of(server) == expected


@pytest.mark.parametrize(
    ("no_proxy", "server", "is_exempt"),
    [
        ("api.example", "http://api.example", True),
        ("api.example", "http://api.example:8000", True),
        ("api.example:8000", "http://api.example:8000", True),
        ("api.example:8000", "http://api.example:8001", False),
        ("example", "http://api.example", True),
        (".example", "http://api.example", True),
        ("ple", "http://api.example", False),
        ("*", "http://api.example", True),
        ("a.example, api.example", "http://api.example", True),
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("127.0.0.0/8", "http://127.0.0.1:8000", True),
        ("10.0.0.0/8", "http://127.0.0.1:8000", False),
        ("10.0.0.0/8,127.0.0.0/8", "http://127.99.0.1", True),
        ("10.1.2.3/8", "http://10.0.0.1", True),
        ("::1", "http://[::1]:8000", True),
        ("[::1]", "http://[::1]:8000", True),
        ("::1", "http://[::2]:8000", False),
        ("0:0:0:0:0:0:0:1", "http://[::1]", True),
        ("fd00::/8", "http://[fd12:3456::1]:80", True),
        ("fd00::/8", "http://10.0.0.1", False),
        ("127.0.0.0/8", "http://localhost", False),
        ("127.0.0.0/99,::/x,,", "http://127.0.0.1", False),
        ("", "http://127.0.0.1", False),
    ],
)
def test_no_proxy_has_names_addresses_and_ranges(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, server: str, is_exempt: bool
) -> None:
    monkeypatch.setenv("http_proxy", "http://p:1")
    monkeypatch.setenv("no_proxy", no_proxy)

    assert proxy_of(server) == (None if is_exempt else "http://p:1")


@pytest.mark.parametrize("value", ["socks5://me:word@h:1", "http://", "http://me:word@:1"])
def test_a_proxy_that_is_no_url_is_a_mistake_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("http_proxy", value)

    with pytest.raises(SettingsError, match="HTTP_PROXY is not an http") as caught:
        proxy_of("http://api.example")

    assert "word" not in str(caught.value)
