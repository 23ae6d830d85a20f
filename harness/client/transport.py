"""The connection pool that requests travel through, and what goes with each of them."""

from __future__ import annotations

import ssl
import urllib.request
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from harness import __version__
from harness.client.messages import Endpoint
from harness.errors import SettingsError
from harness.model.settings import Settings

API_VERSION = "2023-06-01"
_KEEP_ALIVE_SECONDS = 30.0


def open_transport(base_url: str) -> AiohttpTransport:
    """Return a transport for one server; whoever asks for it closes it.

    It sets no limit to connections, because the slots do. Proxies are taken from the environment.
    """
    is_secure = base_url.startswith("https:")
    # building the default context reads every root certificate, which plain HTTP can do without
    context = httpx.create_ssl_context() if is_secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, ssl=context, keepalive_timeout=_KEEP_ALIVE_SECONDS
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return AiohttpTransport(verify=context, client=session, proxy=_proxy(base_url))


def _proxy(base_url: str) -> httpx.Proxy | None:
    parts = urlsplit(base_url)
    url = urllib.request.getproxies().get(parts.scheme)
    if url is None or urllib.request.proxy_bypass(parts.netloc):
        return None
    try:
        proxy = httpx.Proxy(url)
        usable = proxy.url.scheme in {"http", "https"} and bool(proxy.url.host)
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        problem = f"the proxy in {parts.scheme.upper()}_PROXY is no http(s) URL"
        raise SettingsError(problem, "set it to http://host:port, or name this host in NO_PROXY")
    return proxy


def endpoint(settings: Settings, base_url: str) -> Endpoint:
    """Return where to send requests and with which headers."""
    headers = httpx.Headers(
        {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "accept-encoding": "identity",  # half a gzip body would pass for a whole one
            "anthropic-version": API_VERSION,
            "user-agent": f"prompt-harness/{__version__}",
            **settings.headers,
        }
    )
    if settings.api_key is not None and settings.auth == "bearer":
        headers["authorization"] = f"Bearer {settings.api_key.reveal()}"
    elif settings.api_key is not None and settings.auth == "x-api-key":
        headers["x-api-key"] = settings.api_key.reveal()
    url = httpx.URL(f"{base_url}/v1/messages")
    return Endpoint(url, f"{base_url}{settings.task_path}", headers)
