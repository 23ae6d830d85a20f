"""Who answers requests, as far as that changes what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model.request import Request
from harness.model.service import server_name, service_key
from harness.model.settings import Settings

HERE = Settings(base_url="https://api.example/llm", headers={"X-Team": "a"})


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"base_url": "https://api.example/llm/"}, True),
        ({"headers": {"x-team": "a"}}, True),
        ({"base_url": "https://api.example"}, False),
        ({"base_url": "http://api.example/llm"}, False),
        ({"base_url": "https://other.example/llm"}, False),
        ({"base_url": "simulator"}, False),
        ({"headers": {"x-team": "b"}}, False),
        ({"headers": {}}, False),
        ({"headers": {"x-team": "a", "anthropic-beta": "1"}}, False),
    ],
)
def test_a_service_is_its_address_and_the_headers_that_go_there(
    changes: dict[str, Any], is_same: bool
) -> None:
    given = {"base_url": HERE.base_url, "headers": HERE.headers} | changes

    assert (service_key(Settings(**given)) == service_key(HERE)) is is_same


def test_settings_without_a_server_have_no_service() -> None:
    assert service_key(Settings(headers={"x-team": "a"})) == ""
    assert server_name(Settings()) is None


def test_a_key_shows_no_header() -> None:
    assert "a" * 30 not in service_key(Settings(base_url="https://h", headers={"x": "a" * 30}))


def test_the_key_of_a_request_has_the_service() -> None:
    body = {"model": "m"}
    keys = {Request(body, service=service).key for service in ("", "a", "b")}

    assert len(keys) == 3
