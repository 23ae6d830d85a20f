from __future__ import annotations

import asyncio

import httpx
import pytest

from harness.errors import SettingsError
from harness.simulator.application import Simulator
from harness.simulator.rules import Rules
from harness.simulator.server import bind, running, url_of


def test_a_socket_on_a_free_port_has_a_url() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        assert url_of(listener) == f"http://127.0.0.1:{port}"


def test_a_port_in_use_is_refused() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]

        with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1:{port}") as caught:
            bind("127.0.0.1", port)

    assert str(caught.value.fix) == "use another port; 0 takes a free one"


def test_the_simulator_answers_until_the_block_ends() -> None:
    async def run() -> int:
        async with running(Simulator(Rules())) as url, httpx.AsyncClient(base_url=url) as client:
            status = (await client.get("/v1/unknown")).status_code
        async with httpx.AsyncClient(base_url=url) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("/")
        return status

    assert asyncio.run(run()) == 404
