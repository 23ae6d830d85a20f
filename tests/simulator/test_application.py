from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

import anthropic
import httpx
import pytest

from harness.simulator.application import Simulator
from harness.simulator.rules import Fault, Rule, Rules
from harness.simulator.server import running

HELLO: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
KEY = {"authorization": "Bearer sk-1"}
PDF = base64.b64encode(b"%PDF-1.4\n/Type /Page ").decode()


def post(
    body: object, rules: Rules | None = None, headers: dict[str, str] = KEY, key: str | None = None
) -> httpx.Response:
    async def run() -> httpx.Response:
        application = Simulator(rules or Rules(), key=key).application()
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://s") as client:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return await client.post("/v1/messages", content=content, headers=headers)

    return asyncio.run(run())


def with_content(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {**HELLO, "messages": [{"role": "user", "content": list(blocks)}]}


def test_a_message_has_everything_the_api_promises() -> None:
    message = post(HELLO).json()

    assert message["type"] == "message"
    assert message["role"] == "assistant"
    assert message["model"] == "m"
    assert message["content"][0]["type"] == "text"
    assert message["stop_reason"] == "end_turn"
    assert message["usage"]["input_tokens"] == 2


def test_a_request_the_api_would_refuse_is_answered_as_by_the_api() -> None:
    response = post({**HELLO, "temperature": 2})

    assert response.status_code == 400
    assert response.headers["request-id"] == response.json()["request_id"]
    assert response.json()["error"] == {
        "type": "invalid_request_error",
        "message": "temperature: must be from 0 to 1",
    }


def test_files_are_taken_and_described() -> None:
    source = {"type": "base64", "media_type": "application/pdf", "data": PDF}
    body = with_content(
        {"type": "document", "source": source},
        {"type": "image", "source": {"type": "url", "url": "https://e.com/a.png"}},
    )

    text = post(body).json()["content"][0]["text"]

    assert "a PDF of 1 page" in text
    assert "an image at a URL" in text or "image at a URL" in text


@pytest.mark.parametrize(
    ("headers", "key", "status"),
    [
        ({}, None, 401),
        ({"authorization": "Bearer "}, None, 401),
        ({"authorization": "Bearer x"}, None, 200),
        ({"x-api-key": "x"}, None, 200),
        ({"x-api-key": "x"}, "y", 401),
        ({"authorization": "Bearer y"}, "y", 200),
    ],
)
def test_a_key_is_asked_for(headers: dict[str, str], key: str | None, status: int) -> None:
    assert post(HELLO, headers=headers, key=key).status_code == status


def test_a_body_that_is_no_json_is_refused() -> None:
    assert post(b"{").json()["error"]["type"] == "invalid_request_error"
    assert post(b'{"x": NaN}').status_code == 400


def test_a_fault_comes_as_often_as_it_is_told_to() -> None:
    fault = Fault(status=529, retry_after=1.5, times=2)
    rules = Rules([Rule(fault=fault, replies=["fine"])])

    answers = [post(HELLO, rules) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [529, 529, 200]
    assert answers[0].headers["retry-after"] == "1.5"
    assert answers[0].json()["error"]["type"] == "overloaded_error"


def test_a_rerun_draws_replies_of_its_own_that_can_be_made_again() -> None:
    rules = Rules([Rule(replies=["yes", "no"])], seed=1)

    def replies(**headers: str) -> list[str]:
        sent = ({"x-harness-repeat": str(n), **headers, **KEY} for n in range(30))
        return [post(HELLO, rules, one).json()["content"][0]["text"] for one in sent]

    first = replies()
    old, new = (replies(**{"x-harness-rerun": name}) for name in ("old", "new"))

    assert first != old != new != first
    assert new == replies(**{"x-harness-rerun": "new"})


def test_the_official_sdk_works_against_it() -> None:
    rules = Rules(
        [
            Rule(text=re.compile("overload"), fault=Fault(status=529)),
            Rule(replies=["Hello from the simulator, 👋 and good bye."]),
        ]
    )

    async def run() -> tuple[str, str, int, str]:
        async with running(Simulator(rules, key="sk-1")) as url:
            async with anthropic.AsyncAnthropic(
                api_key="sk-1", base_url=url, max_retries=0
            ) as client:
                created = await client.messages.create(**HELLO)
                async with client.messages.stream(**HELLO) as stream:
                    streamed = "".join([text async for text in stream.text_stream])
                    final = await stream.get_final_message()
                with pytest.raises(anthropic.APIStatusError) as overloaded:
                    await client.messages.create(
                        **{**HELLO, "messages": [{"role": "user", "content": "overload"}]}
                    )
                with pytest.raises(anthropic.BadRequestError):
                    await client.messages.create(**{**HELLO, "max_tokens": 40_000}, timeout=10)
            async with anthropic.AsyncAnthropic(
                api_key="sk-2", base_url=url, max_retries=0
            ) as stranger:
                with pytest.raises(anthropic.AuthenticationError):
                    await stranger.messages.create(**HELLO)
        block = created.content[0]
        assert isinstance(block, anthropic.types.TextBlock)
        return block.text, streamed, overloaded.value.status_code, str(final.stop_reason)

    created, streamed, status, reason = asyncio.run(run())

    assert created == streamed == "Hello from the simulator, 👋 and good bye."
    assert (status, reason) == (529, "end_turn")


def test_the_tool_loop_of_the_official_client_comes_to_its_end() -> None:
    rules = Rules(
        [
            Rule(
                text=re.compile("weather"),
                replies=["I look it up."],
                calls=[{"name": "get_weather", "input": {"city": "Paris"}}],
            ),
            Rule(text=re.compile(r"(\d+) degrees"), replies=["It is {1} degrees."]),
        ]
    )

    @anthropic.beta_async_tool
    async def get_weather(city: str) -> str:
        """Return the weather of a city."""
        return f"12 degrees, fine weather in {city}"

    async def run(*, stream: bool) -> list[Any]:
        asked: list[Any] = [{"role": "user", "content": "How is the weather?"}]
        async with (
            running(Simulator(rules)) as url,
            anthropic.AsyncAnthropic(api_key="sk-1", base_url=url) as client,
        ):
            loop: Any = client.beta.messages.tool_runner(
                model="m", max_tokens=100, messages=asked, tools=[get_weather], stream=stream
            )
            if stream:
                return [await each.get_final_message() async for each in loop]
            return [message async for message in loop]

    for stream in (False, True):
        called, said = asyncio.run(run(stream=stream))
        assert called.stop_reason == "tool_use"
        assert said.content[0].text == "It is 12 degrees."


def test_a_task_goes_through_its_states() -> None:
    async def run() -> list[dict[str, Any]]:
        application = Simulator(Rules([Rule(latency=0.2, replies=["done"])])).application()
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=KEY) as api:
            made = (await api.post("/v1/messages", json={**HELLO, "async": True})).json()
            seen = [made]
            for pause in (0.0, 0.12, 0.12):
                await asyncio.sleep(pause)
                seen.append((await api.get(f"/v1/task/{made['id']}")).json())
            unknown = await api.get("/v1/task/none")
            return [*seen, unknown.json()]

    made, first, second, third, unknown = asyncio.run(run())

    assert (made["object"], made["status"]) == ("task", "pending")
    assert [first["status"], second["status"], third["status"]] == [
        "pending",
        "processing",
        "success",
    ]
    assert third["result"]["content"][0]["text"] == "done"
    assert unknown["error"]["type"] == "not_found_error"
