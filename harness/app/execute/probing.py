"""Asks a server what it does with what suites may ask for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from harness.app.execute.connecting import open_clients
from harness.app.execute.simulator import simulator_rules
from harness.errors import ApiError, ApiStatusError, SettingsError
from harness.loading.settings import require_server
from harness.model.probe import ProbeFinding, ProbeReport, Treatment
from harness.model.reply import Attempt, Reply
from harness.model.request import Request
from harness.model.service import server_name, service_key
from harness.model.settings import Settings
from harness.model.usage import Usage
from harness.probing.findings import Answer, findings
from harness.probing.requests import ProbeRequest, probe_requests
from harness.reporting.probe import probe_markdown, probe_text
from harness.running.capacity import CapacityLimiter, Permit
from harness.running.trial import CompletionClient
from harness.store.probes import save_probe
from harness.wording import Option, Wording

_MOST_ATTEMPTS = 3
_AT_ONCE = 4
_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_FILE = 2_000  # a page of a PDF is read as a picture, too
_PLAIN = "plain"
_OTHER_AUTH = {"bearer": "x-api-key", "x-api-key": "bearer"}
_SENT_AS = {"bearer": "Authorization: Bearer", "x-api-key": "x-api-key", "none": "no key"}


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """What a probe will send.

    Attributes:
        calls: How many requests.
        tokens: Input and output, at most and roughly.
        cost: USD, likewise; None if the model has no price.
    """

    settings: Settings
    model: str
    requests: Mapping[str, ProbeRequest]
    calls: int
    tokens: tuple[int, int]
    cost: float | None


def plan_probe(settings: Settings, model: str, most_cost: float | None = None) -> ProbePlan:
    """Return what a probe of the server in the settings will send.

    Raises:
        SettingsError: There is no server, or what it costs exceeds `most_cost` or is not known.
    """
    settings = require_server(settings)
    requests = probe_requests(model)
    written = [json.dumps(request.body) for request in requests.values()]
    files = sum(text.count('"source"') for text in written)
    answered = sum(request.body["max_tokens"] for request in requests.values())
    asked = sum(map(len, written)) // _CHARACTERS_PER_TOKEN + files * _TOKENS_PER_FILE
    tokens = (asked, answered)
    price = settings.prices.get(model)
    cost = None if price is None else price.cost(Usage(*tokens))
    option = Option("max_cost")
    if most_cost is not None and cost is None:
        problem = Wording(
            "{option} cannot be kept: no price for `{model}`", option=option, model=model
        )
        raise SettingsError(problem, "add it under `[prices]`")
    if most_cost is not None and cost is not None and not cost <= most_cost:
        costs = f"a probe may cost {cost:.4f} USD"
        problem = Wording("{costs}, which is more than {option}", costs=costs, option=option)
        raise SettingsError(problem, "allow more, or probe a cheaper model")
    return ProbePlan(settings, model, requests, len(requests), tokens, cost)


def probe(plan: ProbePlan, on_answer: Callable[[int], None] = lambda _: None) -> ProbeReport:
    """Send the requests of a probe, keep what it finds for later runs, and return it.

    Args:
        plan: What to send.
        on_answer: Is called with the number of requests that have ended.

    Raises:
        ApiError: The server cannot be reached, or does not answer even the plainest request.
        SettingsError: The settings are unusable.
        StoreError: What was found cannot be kept.
    """
    settings, answers, auth = asyncio.run(_asked(plan, on_answer))
    replies = [answer for answer in answers.values() if isinstance(answer, Reply)]
    is_simulated = settings.uses_simulator or any(reply.is_simulated for reply in replies)
    usage = sum((reply.usage for reply in replies), Usage())
    costs = [reply.cost for reply in replies]
    report = ProbeReport(
        str(server_name(settings)),
        plan.model,
        datetime.now(UTC).isoformat(timespec="seconds"),
        (auth, *findings(answers, plan.model, is_simulated=is_simulated)),
        plan.calls,
        usage.all_input_tokens or 0,
        usage.output_tokens or 0,
        None if None in costs else sum(cost for cost in costs if cost is not None),
    )
    save_probe(settings.reports, service_key(settings), report)
    return report


async def _asked(
    plan: ProbePlan, on_answer: Callable[[int], None]
) -> tuple[Settings, dict[str, Answer], ProbeFinding]:
    """Return the answers, and the settings and the finding of how the key has to be sent."""
    settings = replace(plan.settings, max_attempts=min(plan.settings.max_attempts, _MOST_ATTEMPTS))
    plain = {_PLAIN: plan.requests[_PLAIN]}
    answers = await _answers(settings, plain, lambda _: None)
    sent_as, evidence = _SENT_AS[settings.auth], f"`{_SENT_AS[settings.auth]}` is accepted"
    treatment = Treatment.HONOURED
    if _is_unauthorized(answers[_PLAIN]) and settings.auth in _OTHER_AUTH:
        other = replace(settings, auth=_OTHER_AUTH[settings.auth])
        again = await _answers(other, plain, lambda _: None)
        if isinstance(again[_PLAIN], Reply):
            treatment = Treatment.REFUSED
            evidence = f'`{sent_as}` is refused; set `auth = "{other.auth}"`'
            settings, answers = other, again
    if isinstance(error := answers[_PLAIN], ApiError):
        if _is_unauthorized(error) and settings.auth in _OTHER_AUTH:
            raise error.because("the key was sent as `Authorization: Bearer` and as `x-api-key`")
        raise error
    others = {name: request for name, request in plan.requests.items() if name != _PLAIN}
    answers |= await _answers(settings, others, lambda number: on_answer(number + 1))
    return settings, answers, ProbeFinding("auth", treatment, evidence)


def _is_unauthorized(answer: Answer) -> bool:
    return isinstance(answer, ApiStatusError) and answer.status in {401, 403}


async def _answers(
    settings: Settings, requests: Mapping[str, ProbeRequest], on_answer: Callable[[int], None]
) -> dict[str, Answer]:
    rules = simulator_rules(settings.simulator_rules) if settings.uses_simulator else None
    clock = time.monotonic
    limiter = CapacityLimiter(lambda: settings.concurrency or _AT_ONCE, clock)
    answers: dict[str, Answer] = {}
    ended = {name: asyncio.Event() for name in requests}

    async def ask(name: str, client: CompletionClient) -> None:
        request = requests[name]
        if request.after:
            await ended[request.after].wait()
        await limiter.acquire()
        try:
            answers[name] = await _answer(client, name, request, Permit(limiter))
        finally:
            limiter.release()
            ended[name].set()
        on_answer(len(answers))

    async with open_clients(settings, rules, _NoTasks(), clock, lambda _: None) as clients:
        assert clients.trials is not None  # noqa: S101  # the settings name a server
        async with asyncio.TaskGroup() as group:
            for name in requests:
                group.create_task(ask(name, clients.trials))
    return answers


async def _answer(
    client: CompletionClient, name: str, request: ProbeRequest, permit: Permit
) -> Answer:
    sent = Request(request.body, request.repeat, f"probe::{name}")
    attempts: list[Attempt] = []
    try:
        return await client.complete(sent, permit, attempts.append)
    except ApiError as error:
        return error


class _NoTasks:
    """Remembers no task: each probe makes its own."""

    def made_before(self, _request: Request) -> str | None:
        return None

    def made(self, _request: Request, _name: str) -> None:
        """Take note of nothing."""


__all__ = ["ProbePlan", "plan_probe", "probe", "probe_markdown", "probe_text"]
