"""What a probe finds of servers that ignore or refuse one part of the API."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.app.execute.probing import plan_probe, probe
from harness.errors import ApiResponseError, ApiStatusError, SettingsError
from harness.model.probe import ProbeReport, Treatment
from harness.model.reply import Reply
from harness.model.request import Delivery
from harness.model.settings import Secret, Settings
from harness.model.usage import Price
from harness.probing.findings import Answer, findings
from harness.simulator.server import running
from tests.probing.obedient import Gateway
from tests.support.replies import message, reply

HONOURED, IGNORED = Treatment.HONOURED, Treatment.IGNORED
REFUSED, UNCLEAR = Treatment.REFUSED, Treatment.UNCLEAR
# an honest server without prompt caching, which lets unknown fields through
NORMAL = {"unknown fields": IGNORED, "cache_control": IGNORED}
DROPPED = [
    "system", "system as blocks", "max_tokens", "stop_reason", "stop_sequences", "stop_sequence",
    "temperature", "top_p", "top_k", "image", "text document", "PDF document", "tools",
    "tool results", "stream", "first token", "async", "errors",
]  # fmt: skip
REFUSABLE = [
    "system", "system as blocks", "stop_sequences", "temperature", "top_p", "top_k",
    "unknown fields", "image", "text document", "PDF document", "tool results", "stream",
    "cache_control", "async",
]  # fmt: skip
# what nothing can be said of without another part
FOLLOWING = {
    "max_tokens": {"stop_reason": UNCLEAR, "first token": HONOURED},
    "stop_sequences": {"stop_sequence": UNCLEAR},
    "temperature": {"top_p": UNCLEAR, "top_k": UNCLEAR},
    "stream": {"usage in streams": UNCLEAR, "first token": UNCLEAR},
    "tools": {},
}


@contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    """Run a gateway in a thread; yield its address."""
    started, ended = threading.Event(), threading.Event()
    urls: list[str] = []

    async def serve() -> None:
        async with running(gateway) as url:
            urls.append(url)
            started.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait(10)
    try:
        yield urls[0]
    finally:
        ended.set()
        thread.join()


def probed(folder: Path, gateway: Gateway, **changes: object) -> ProbeReport:
    with served(gateway) as url:
        settings = Settings(base_url=url, api_key=Secret("sk-1"), reports=folder)
        settings = replace(settings, **changes)  # type: ignore[arg-type]
        return probe(plan_probe(settings, "m"))


def treatments(report: ProbeReport) -> dict[str, Treatment]:
    return {found.feature: found.treatment for found in report.findings}


def expected(part: str, treatment: Treatment, report: ProbeReport) -> dict[str, Treatment]:
    """Return what should be found if a part, and only that, is treated so."""
    return {
        **{found.feature: NORMAL.get(found.feature, HONOURED) for found in report.findings},
        **FOLLOWING.get(part, {}),
        part: treatment,
    }


def test_a_server_that_does_what_it_is_asked_honours_everything(tmp_path: Path) -> None:
    report = probed(tmp_path, Gateway())

    assert treatments(report) == expected("errors", HONOURED, report)
    assert report.calls == 24
    assert report.input_tokens > 0


@pytest.mark.parametrize("part", DROPPED)
def test_a_part_that_a_server_drops_is_found_to_be_ignored(tmp_path: Path, part: str) -> None:
    report = probed(tmp_path, Gateway(ignored=part))

    assert treatments(report) == expected(part, IGNORED, report)


@pytest.mark.parametrize("part", REFUSABLE)
def test_a_part_that_a_server_refuses_is_found_to_be_refused(tmp_path: Path, part: str) -> None:
    report = probed(tmp_path, Gateway(refused=part))

    wanted = expected(part, REFUSED, report)
    if part == "stop_sequences":
        wanted["stop_sequence"] = REFUSED
    if part == "stream":
        wanted |= {"usage in streams": REFUSED, "first token": REFUSED}
    if part == "system as blocks":
        wanted["cache_control"] = REFUSED
    assert treatments(report) == wanted


def answers(**changes: Answer) -> dict[str, Answer]:
    """Return the answers of a server that says `ready` to everything, but for some."""
    names = (
        "plain system system_blocks count streamed_count stop cold_1 cold_2 hot_1 hot_2 top_k top_p"
        " unknown_field picture no_picture document no_document pdf tools tool_result cache_1"
        " cache_2 async broken"
    )
    return {
        name.replace("_", " ").replace("top ", "top_"): changes.get(name, reply("ready"))
        for name in names.split()
    }


def found(feature: str, **changes: Answer) -> tuple[Treatment, str]:
    """Return what answers show of a part."""
    return next(
        (each.treatment, each.evidence)
        for each in findings(answers(**changes), "claude-haiku-4-5")
        if each.feature == feature
    )


def with_usage(**usage: int) -> Reply:
    return reply(message=message("ready", usage=usage))


def test_a_model_is_told_by_its_name_or_by_that_with_a_date() -> None:
    dated = reply(message=message(model="claude-haiku-4-5-20251001"))
    other = reply(message=message(model="llama"))
    none = reply(message=message(model=None))

    assert found("model")[0] is HONOURED
    assert found("model", plain=dated)[0] is HONOURED
    assert found("model", plain=other) == (IGNORED, "`llama` answered")
    assert found("model", plain=none)[0] is IGNORED


def test_tokens_that_are_missing_or_differ_in_a_stream_are_told() -> None:
    assert found("usage", plain=with_usage()) == (IGNORED, "none input, none output")
    streamed = replace(with_usage(input_tokens=15, output_tokens=3), delivery=Delivery.STREAM)

    treatment, evidence = found("usage in streams", streamed_count=streamed)

    assert treatment is IGNORED
    assert evidence.startswith("12 input tokens at once, 15 streamed")


def test_cached_tokens_that_are_told_show_that_prompts_are_cached() -> None:
    written = with_usage(input_tokens=5, output_tokens=1, cache_creation_input_tokens=1200)
    read = with_usage(input_tokens=5, output_tokens=1, cache_read_input_tokens=1200)

    assert found("cache_control", cache_1=written, cache_2=read)[0] is HONOURED
    assert found("cache_control")[0] is IGNORED


def test_an_error_without_the_form_of_the_api_is_no_honest_one() -> None:
    plain = ApiStatusError("HTTP 400: nope", "invalid_request_error", 400, is_structured=False)
    good = ApiStatusError("HTTP 400 x: nope", "invalid_request_error", 400)
    broken = ApiStatusError("HTTP 500 api_error: oops", "api_error", 500)

    assert [found("errors", broken=each)[0] for each in (plain, good, broken)] == [
        IGNORED,
        HONOURED,
        IGNORED,
    ]


def test_nothing_is_said_of_a_part_whose_request_failed_for_another_reason() -> None:
    overloaded = ApiStatusError("HTTP 529 overloaded_error", "overloaded_error", 529)
    garbled = ApiResponseError("the server answered with HTML", "unexpected_response", 200)

    assert found("system", system=overloaded)[0] is UNCLEAR
    assert found("temperature", hot_2=garbled)[0] is UNCLEAR


def test_replies_at_temperature_0_that_part_late_show_nothing() -> None:
    words = ["gloriwump flatterno x", "gloriwump flatterni y", "abc", "xyz"]
    names = ("cold_1", "cold_2", "hot_1", "hot_2")

    assert found("temperature", **dict(zip(names, map(reply, words), strict=True)))[0] is UNCLEAR
    words[1] = "something else"
    assert found("temperature", **dict(zip(names, map(reply, words), strict=True)))[0] is IGNORED


@pytest.mark.parametrize(
    ("text", "stop_reason", "tokens", "treatment"),
    [
        ("Write the numbers from 1 to 60 in digits", "max_tokens", 24, HONOURED),
        ("1 2 3 4 5 6 7", "end_turn", 24, HONOURED),
        (" ".join(map(str, range(1, 61))), "end_turn", None, IGNORED),
        ("many words", "max_tokens", 90, IGNORED),
        ("I would rather not.", "end_turn", 6, UNCLEAR),
    ],
)
def test_a_reply_is_cut_if_it_ends_early_or_has_no_more_tokens(
    text: str, stop_reason: str, tokens: int | None, treatment: Treatment
) -> None:
    usage = {"input_tokens": 9, "output_tokens": tokens}
    counted = reply(message=message(text, stop_reason=stop_reason, usage=usage))

    assert found("max_tokens", count=counted)[0] is treatment


def test_the_one_reply_of_a_simulator_says_nothing_of_temperature() -> None:
    by_name = {each.feature: each.treatment for each in findings(answers(), "m", is_simulated=True)}

    assert by_name["temperature"] is UNCLEAR
    assert found("temperature")[0] is IGNORED


def test_a_key_that_is_sent_the_other_way_is_told(tmp_path: Path) -> None:
    class Strict(Gateway):
        def _check_key(self, request: object) -> None:
            if "authorization" in request.headers:  # type: ignore[attr-defined]
                raise _unauthorized()

    report = probed(tmp_path, Strict())

    auth = report.finding("auth")
    assert auth is not None
    assert auth.treatment is REFUSED
    assert auth.evidence == '`Authorization: Bearer` is refused; set `auth = "x-api-key"`'
    assert treatments(report)["system"] is HONOURED


def _unauthorized() -> Exception:
    from harness.simulator.refusal import RefusedError

    return RefusedError(401, "authentication_error", "send x-api-key")


def test_a_server_that_answers_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ApiStatusError, match="HTTP 400"):
        probed(tmp_path, Gateway(refused="model"))


@pytest.mark.parametrize(
    ("prices", "most", "words"),
    [
        ({}, 1.0, "no price for `m`"),
        ({"m": Price(1_000, 1_000)}, 1.0, "a probe may cost"),
    ],
)
def test_a_limit_on_cost_is_kept_before_anything_is_sent(
    prices: dict[str, Price], most: float, words: str
) -> None:
    settings = Settings(base_url="http://127.0.0.1:9", api_key=Secret("k"), prices=prices)

    with pytest.raises(SettingsError, match=words):
        plan_probe(settings, "m", most)
