"""Which authorities are trusted."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from harness.client.trusted_roots import trusting_context
from harness.errors import SettingsError

NONE: dict[str, Any] = {"cafile": None, "capath": None}
NOWHERE = ssl.get_default_verify_paths()._replace(**NONE)


def test_the_systems_roots_are_trusted_unless_others_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "own.pem")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    usual = trusting_context()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))
    own = trusting_context()

    assert usual.verify_mode == own.verify_mode == ssl.CERT_REQUIRED
    assert usual.check_hostname
    assert own.check_hostname
    assert own.cert_store_stats()["x509_ca"] == 1


def test_a_python_without_roots_takes_those_of_certifi(tmp_path: Path) -> None:
    empty = tmp_path / "certs"
    empty.mkdir()

    for paths in (NOWHERE, NOWHERE._replace(capath=str(empty))):
        assert trusting_context(paths).cert_store_stats()["x509_ca"] > 50


@pytest.mark.parametrize("text", [None, "", "not a certificate"])
def test_a_file_that_names_no_authority_is_a_mistake_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    named = tmp_path / "own.pem"
    if text is not None:
        named.write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(named))

    with pytest.raises(SettingsError, match="SSL_CERT_FILE names "):
        trusting_context()
