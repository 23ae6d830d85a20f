"""Which authorities a server's certificate may come from."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from harness.errors import SettingsError


def trusting_context(paths: ssl.DefaultVerifyPaths | None = None) -> ssl.SSLContext:
    """Return a TLS context with the system's root certificates.

    OpenSSL's `SSL_CERT_FILE` and `SSL_CERT_DIR` name others. Where OpenSSL finds none, as in a
    small container or with the Python of python.org on macOS, certifi has them.

    Args:
        paths: Where OpenSSL looks for them; None for what this Python says.

    Raises:
        SettingsError: `SSL_CERT_FILE` names no file, or one without certificates.
    """
    paths = paths or ssl.get_default_verify_paths()
    named = os.environ.get(paths.openssl_cafile_env)
    if named and not Path(named).is_file():
        raise SettingsError(
            f"{paths.openssl_cafile_env} names {named}, and there is no such file",
            "name a file of certificates in PEM, or unset it",
        )
    cafile = None
    if not paths.cafile and not _has_files(paths.capath):
        import certifi  # most systems have roots of their own

        cafile = certifi.where()
    context = ssl.create_default_context(cafile=cafile)
    if named and not context.cert_store_stats()["x509_ca"]:
        raise SettingsError(
            f"{paths.openssl_cafile_env} names {named}, which holds no certificate of an authority",
            "name a file of certificates in PEM, or unset it",
        )
    context.set_alpn_protocols(["http/1.1"])  # servers may choose HTTP/2 otherwise
    return context


def _has_files(folder: str | None) -> bool:
    return folder is not None and Path(folder).is_dir() and any(Path(folder).iterdir())
