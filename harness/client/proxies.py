"""Which proxy of the environment a server is reached through."""

from __future__ import annotations

import urllib.request
from ipaddress import ip_address, ip_network

import httpx

from harness.errors import SettingsError


def proxy_for(server: httpx.URL) -> httpx.URL | None:
    """Return the proxy for a server, from the environment or the system's settings.

    Beside names, as the standard library knows them, `NO_PROXY` may have addresses and ranges such
    as `::1` and `10.0.0.0/8`.

    Raises:
        SettingsError: The proxy is not an http(s) URL.
    """
    proxies = urllib.request.getproxies()
    url = proxies.get(server.scheme) or proxies.get("all")
    if not url or _is_exempt(server, proxies.get("no", "")):
        return None
    try:
        proxy = httpx.URL(url if "://" in url else f"http://{url}")
        is_usable = proxy.scheme in {"http", "https"} and bool(proxy.host)
    except (httpx.InvalidURL, ValueError):
        is_usable = False
    # Without the value: it may hold a password.
    if not is_usable:
        problem = f"the proxy in {server.scheme.upper()}_PROXY is not an http(s) URL"
        raise SettingsError(problem, "set it to http://host:port, or name this host in NO_PROXY")
    return proxy


def _is_exempt(server: httpx.URL, no_proxy: str) -> bool:
    if urllib.request.proxy_bypass(server.netloc.decode("ascii")):
        return True
    try:
        address = ip_address(server.host)
    except ValueError:
        return False  # a name, which was compared
    return any(_has(entry.strip(), address) for entry in no_proxy.split(","))


def _has(entry: str, address: object) -> bool:
    try:
        return address in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False
