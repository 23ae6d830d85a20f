#!/bin/sh
# Twenty tasks each compute for 10 ms and then `await session.post(...)`, over connections that are open already. When
# do the requests leave?
#   aiohttp 3.14.5, under the `python3` of the machine
#
# Guess before running: each request leaves where its task awaits it, so they arrive 10 ms apart.
# Seen: before Python 3.12, none arrives before the last of the twenty has computed: aiohttp writes a body in a task of
# its own, which has its turn after all tasks that are ready. They arrive within milliseconds, 200 ms late for the
# first. A client that measures latency from the call on counts the work of its neighbours, and requests that once went
# out together go out together again. From Python 3.12 on the task starts at once, and requests without a body never
# wait: they arrive 10 ms apart.
#
# Valid input, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
server=""
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check aiohttp==3.14.5

cat >server.py <<'PY'
"""Answers each request with the time at which its last byte was read."""

import asyncio
import re
import sys
import time


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            body = b"%.6f" % time.time()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    except asyncio.IncompleteReadError:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 8932)
    await server.serve_forever()


asyncio.run(main())
PY
venv/bin/python server.py &
server=$!

cat >look.py <<'PY'
import asyncio
import sys
import time

import aiohttp

TASKS, WORK = 20, 0.01
URL = "http://127.0.0.1:8932/"


async def arrivals(session, method, body):
    """Return when the requests arrived, in seconds after the first task began to compute."""
    gate = asyncio.Event()

    async def one():
        await gate.wait()
        time.sleep(WORK)  # stands for parsing, rendering, judging
        async with session.request(method, URL, data=body) as answer:
            return float(await answer.read())

    tasks = [asyncio.create_task(one()) for _ in range(TASKS)]
    await asyncio.sleep(0.05)
    began = time.time()
    gate.set()
    return sorted(arrived - began for arrived in await asyncio.gather(*tasks))


async def main():
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for _ in range(100):
            try:
                await asyncio.gather(*(session.post(URL, data=b"warm up") for _ in range(TASKS)))
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
        return [await arrivals(session, "GET", None), await arrivals(session, "POST", b"a body")]


print("Python", sys.version.split()[0], "aiohttp", aiohttp.__version__)
without, with_body = asyncio.run(main())
for name, times in (("without a body", without), ("with a body", with_body)):
    print(f"{name}: the first after {times[0] * 1e3:.0f} ms, the last after {times[-1] * 1e3:.0f} ms")
apart = 0.5 * TASKS * WORK
waits = with_body[0] >= apart and with_body[-1] - with_body[0] < apart
spaced = without[0] < apart < without[-1] - without[0]
expected = waits if sys.version_info < (3, 12) else not waits
sys.exit(0 if spaced and expected else "the behaviour has changed")
PY
venv/bin/python look.py
