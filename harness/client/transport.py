"""Opens a transport, and builds the address and the headers of requests."""

from __future__ import annotations

import httpx

from harness.client.aiohttp_transport import AiohttpTransport
from harness.client.messages import Endpoint
from harness.client.proxies import proxy_for
from harness.client.trusted_roots import trusting_context
from harness.model.auth_schemes import other_scheme
from harness.model.settings import Settings
from harness.version import __version__

API_VERSION = "2023-06-01"


def open_transport(base_url: str, *, connect_seconds: float) -> AiohttpTransport:
    """Return a transport for one server; the caller closes it.

    Connections are not limited here, because the engine limits the requests in flight. Proxies are
    taken from the environment, root certificates from the system.

    Raises:
        SettingsError: The environment names a proxy or certificates that are none.
    """
    server = httpx.URL(base_url)
    proxy = proxy_for(server)
    is_secure = "https" in {server.scheme, None if proxy is None else proxy.scheme}
    tls = trusting_context() if is_secure else None
    return AiohttpTransport(connect_seconds, proxy, tls)


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
    task_url = f"{base_url}{settings.task_path}"
    return Endpoint(
        url,
        task_url,
        headers,
        is_simulator=settings.uses_simulator,
        if_unauthorized=other_scheme(settings.auth, settings.api_key_env),
    )
