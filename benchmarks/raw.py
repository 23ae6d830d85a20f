"""A raw aiohttp loop: it reads the rows, sends their bodies and looks at the replies."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from pathlib import Path

import aiohttp


async def send_all(url: str, rows: Path, concurrency: int) -> None:
    headers = {"authorization": "Bearer x", "content-type": "application/json"}

    async def work(session: aiohttp.ClientSession) -> None:
        for row in remaining:
            message = {"role": "user", "content": row["mail"]}
            body = {"model": "m", "max_tokens": 4096, "messages": [message]}
            async with session.post(url, data=json.dumps(body), headers=headers) as response:
                reply = json.loads(await response.read())
            assert "Hello" in reply["content"][0]["text"]  # noqa: S101

    with rows.open(newline="") as file:
        remaining = csv.DictReader(file)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(work(session) for _ in range(concurrency)))


if __name__ == "__main__":
    asyncio.run(send_all(f"{sys.argv[1]}/v1/messages", Path(sys.argv[2]), int(sys.argv[3])))
