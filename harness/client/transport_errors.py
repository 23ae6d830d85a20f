"""Errors of connections that httpx has no class for."""

from __future__ import annotations

import httpx


class UnknownHostError(httpx.ConnectError):
    """The name of a host cannot be resolved."""


class SecureConnectError(httpx.ConnectError):
    """The TLS handshake failed: the certificate, or the protocol."""


class NotHttpError(httpx.RemoteProtocolError):
    """What came breaks HTTP, perhaps only behind the end of a response."""
