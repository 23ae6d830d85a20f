"""A raw aiohttp loop that sends as many messages as it is told to."""

from __future__ import annotations

import argparse
import asyncio
import json

import aiohttp


async def send_all(url: str, number: int, concurrency: int) -> None:
    numbers = iter(range(number))
    headers = {"authorization": "Bearer x", "content-type": "application/json"}

    async def worker(session: aiohttp.ClientSession) -> None:
        for index in numbers:
            message = {"role": "user", "content": f"This is the text of mail {index}"}
            body = {"model": "m", "max_tokens": 4096, "messages": [message]}
            async with session.post(url, data=json.dumps(body), headers=headers) as response:
                assert "Hello" in json.loads(await response.read())["content"][0]["text"]  # noqa: S101

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(worker(session) for _ in range(concurrency)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--concurrency", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(send_all(f"{options.url}/v1/messages", options.number, options.concurrency))


if __name__ == "__main__":
    main()
