"""Opens the connection pool, and builds the address and the headers of requests."""

from __future__ import annotations

import time
import urllib.request
from urllib.parse import urlsplit

import httpx

from harness.client.connecting import Connector
from harness.client.messages import Endpoint
from harness.client.pool import ConnectionPool
from harness.errors import SettingsError
from harness.model.settings import Settings
from harness.version import __version__

API_VERSION = "2023-06-01"


def open_transport(base_url: str, *, connect_seconds: float, most_idle: int) -> ConnectionPool:
    """Return a transport for one server; the caller closes it.

    The connections in use are not limited here, because the engine limits the requests in flight;
    of idle ones it keeps `most_idle`. Proxies are taken from the environment, root certificates
    from the system.
    """
    server = httpx.URL(base_url)
    connector = Connector(server, _proxy(base_url), connect_seconds)
    return ConnectionPool(server, connector, most_idle, time.monotonic)


def _proxy(base_url: str) -> httpx.URL | None:
    parts = urlsplit(base_url)
    url = urllib.request.getproxies().get(parts.scheme)
    if url is None or urllib.request.proxy_bypass(parts.netloc):
        return None
    try:
        proxy = httpx.URL(url)
        is_usable = proxy.scheme in {"http", "https"} and bool(proxy.host)
    except (httpx.InvalidURL, ValueError):
        is_usable = False
    # Without the value: it may hold a password.
    if not is_usable:
        problem = f"the proxy in {parts.scheme.upper()}_PROXY is not an http(s) URL"
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
