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
from harness.simulator.server import beside

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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens: must be from 1 to 32000"),
        ({"max_tokens": 32001}, "max_tokens: must be from 1 to 32000"),
        ({"max_tokens": 5.5}, "max_tokens: must be a whole number"),
        ({"temperature": 1.1}, "temperature: must be from 0 to 1"),
        ({"temperature": "hot"}, "temperature: must be a number"),
        ({"temperature": None}, "temperature: must be a number"),
        ({"top_p": -0.1}, "top_p"),
        ({"top_k": 0}, "top_k: must be above 0"),
        ({"stream": "yes"}, "stream: must be true or false"),
        ({"stream": True, "async": True}, "async: only supported for non-streaming requests"),
        ({"stop_sequences": [" "]}, "stop_sequences"),
        ({"system": 5}, "system"),
        ({"system": [{"type": "image"}]}, "system.0"),
        ({"messages": []}, "messages: at least one"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": []}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "content.0.type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "content.0.text"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "content.0.source"),
    ],
)
def test_a_request_the_api_would_refuse_is_refused_with_the_field(
    change: dict[str, Any], words: str
) -> None:
    response = post({**HELLO, **change})

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "image", "source": {"type": "path"}}, "source.type"),
        ({"type": "image", "source": {"type": "url", "url": "file:///x"}}, "source.url"),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "text/plain"}},
            "source.media_type",
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "?"},
            },
            "source.data: must be base64",
        ),
        (
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "aGk="},
            },
            "does not look like application/pdf",
        ),
        ({"type": "file_data", "media_type": "video/mp4", "data": ""}, "media_type"),
    ],
)
def test_a_file_the_api_would_refuse_is_refused(block: dict[str, Any], words: str) -> None:
    response = post(with_content(block))

    assert response.status_code == 400
    assert words in response.json()["error"]["message"]


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


def test_replies_end_where_the_request_says() -> None:
    rules = Rules([Rule(replies=["one two three four five"])])

    stopped = post({**HELLO, "stop_sequences": ["three"]}, rules).json()
    cut = post({**HELLO, "max_tokens": 2}, rules).json()

    assert (stopped["content"][0]["text"], stopped["stop_reason"]) == ("one two ", "stop_sequence")
    assert stopped["stop_sequence"] == "three"
    assert (cut["content"][0]["text"], cut["stop_reason"]) == ("one two ", "max_tokens")


def spread(temperature: float) -> list[str]:
    rules = Rules([Rule(replies=["a", "b", "c"])], seed=1)
    body = {**HELLO, "temperature": temperature}
    return [rules.answer(body).text for _ in range(200)]


def test_the_spread_of_replies_grows_with_temperature_and_can_be_made_again() -> None:
    assert set(spread(0.0)) == {"a"}
    assert spread(0.3).count("a") > spread(1.0).count("a") > 80
    assert set(spread(1.0)) == {"a", "b", "c"}
    assert spread(0.7) == spread(0.7)


def test_a_fault_comes_as_often_as_it_is_told_to() -> None:
    fault = Fault(status=529, retry_after=1.5, times=2)
    rules = Rules([Rule(fault=fault, replies=["fine"])])

    answers = [post(HELLO, rules) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [529, 529, 200]
    assert answers[0].headers["retry-after"] == "1.5"
    assert answers[0].json()["error"]["type"] == "overloaded_error"


def test_the_official_sdk_works_against_it() -> None:
    rules = Rules(
        [
            Rule(text=re.compile("overload"), fault=Fault(status=529)),
            Rule(replies=["Hello from the simulator, 👋 and good bye."]),
        ]
    )

    async def run() -> tuple[str, str, int, str]:
        async with beside(Simulator(rules, key="sk-1")) as url:
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
