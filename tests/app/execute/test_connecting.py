"""The clients of a run: to a service, to the simulator, or to nothing."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.app.execute.connecting import activity, offline_clients, open_clients
from harness.errors import ApiError, ApiStatusError
from harness.model.request import Request
from harness.model.settings import Secret, Settings
from harness.simulator.rules import Rules
from tests.support.clients import FakeTasks, free_permit
from tests.support.servers import answering, response, serving

REQUEST = Request({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]})


@dataclass
class FakeLimiter:
    in_flight: int = 2
    limit: int = 5
    paused: int = 0
    pause_seconds: float = 0.0


@dataclass
class FakeStats:
    waiting: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)


@pytest.mark.parametrize(
    ("limiter", "stats", "line"),
    [
        (FakeLimiter(), FakeStats(), "2 of 5 in flight"),
        (
            FakeLimiter(paused=3),
            FakeStats(),
            "2 of 5 in flight · 3 paused (requests or tokens a minute)",
        ),
        (
            FakeLimiter(paused=3, pause_seconds=7.4),
            FakeStats(),
            "2 of 5 in flight · 3 paused (the service asked for 7 s)",
        ),
        (
            FakeLimiter(),
            FakeStats(Counter(timeout=1, overloaded=2), Counter(timeout=1_200)),
            "2 of 5 in flight · waiting to try again: 2 overloaded, 1 timeout"
            " · retries: 1,200 timeout",
        ),
    ],
)
def test_activity_is_what_requests_are_doing(limiter: Any, stats: Any, line: str) -> None:
    idle: Any = FakeLimiter(in_flight=0)

    assert activity(limiter, idle, stats) == line


def test_activity_names_the_requests_of_judges() -> None:
    trials, judges, stats = FakeLimiter(), FakeLimiter(in_flight=3), FakeStats()

    assert activity(trials, judges, stats) == "2 of 5 in flight · 3 of 5 of judges"  # type: ignore[arg-type]


def test_offline_there_are_no_clients_and_one_trial_at_a_time() -> None:
    clients = offline_clients()

    assert (clients.trials, clients.judges) == (None, None)
    assert (clients.trial_limit(), clients.judge_limit()) == (1, 1)
    assert clients.activity() == ""


def test_with_rules_requests_go_to_the_simulator() -> None:
    async def ask() -> tuple[str, str]:
        settings = Settings(api_key=Secret("sk-any"))
        async with open_clients(settings, Rules(), FakeTasks(), float, print) as clients:
            assert clients.trials is not None
            reply = await clients.trials.complete(REQUEST, free_permit(), lambda _attempt: None)
            return reply.text, clients.activity()

    text, line = asyncio.run(ask())

    assert text
    assert re.fullmatch(r"0 of \d+ in flight", line)


def test_a_refused_key_is_reported_for_trials_and_judges_together() -> None:
    refused: list[ApiError] = []
    body = b'{"error": {"type": "authentication_error", "message": "no"}}'

    async def ask(settings: Settings) -> None:
        async with open_clients(settings, None, FakeTasks(), float, refused.append) as clients:
            assert clients.judges is not None
            assert clients.judges is not clients.trials
            assert clients.trials is not None
            # The second refusal in a row is reported, whichever of the clients meets it.
            for client in (clients.trials, clients.judges):
                with pytest.raises(ApiStatusError):
                    await client.complete(REQUEST, free_permit(), lambda _attempt: None)

    with serving(answering(response(body, "401 Unauthorized"))) as server:
        asyncio.run(ask(Settings(base_url=server.url, api_key=Secret("sk-refused"))))

    assert [error.status for error in refused] == [401]
