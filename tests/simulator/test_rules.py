from __future__ import annotations

import re
from typing import Any

import pytest

from harness.simulator.rules import Fault, Rule, Rules

HELLO: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def saying(text: str, **changes: Any) -> dict[str, Any]:
    return {**HELLO, "messages": [{"role": "user", "content": text}], **changes}


def test_replies_end_where_the_request_says() -> None:
    rules = Rules([Rule(replies=["one two three four five"])])

    stopped = rules.answer({**HELLO, "stop_sequences": ["four", "three"]})
    cut = rules.answer({**HELLO, "max_tokens": 2})

    assert (stopped.text, stopped.stop_reason) == ("one two ", "stop_sequence")
    assert stopped.stop_sequence == "three"
    assert (cut.text, cut.stop_reason, cut.stop_sequence) == ("one two ", "max_tokens", None)


def spread(temperature: float) -> list[str]:
    rules = Rules([Rule(replies=["a", "b", "c"])], seed=1)
    body = {**HELLO, "temperature": temperature}
    return [rules.answer(body).text for _ in range(200)]


def test_the_spread_of_replies_grows_with_temperature_and_can_be_made_again() -> None:
    assert set(spread(0.0)) == {"a"}
    assert spread(0.3).count("a") > spread(1.0).count("a") > 80
    assert set(spread(1.0)) == {"a", "b", "c"}
    assert spread(0.7) == spread(0.7)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (saying("x"), "other"),
        (saying("order 4711"), "order 4711 is on its way"),
        (saying("x", system="You triage."), "triage"),
        (saying("x", model="claude-opus"), "opus"),
        (saying("order 1", system="You triage.", model="claude-opus"), "opus"),
    ],
)
def test_the_first_rule_whose_patterns_all_match_answers(body: dict[str, Any], text: str) -> None:
    rules = Rules(
        [
            Rule(model=pattern("opus"), replies=["opus"]),
            Rule(model=pattern("opus"), system=pattern("x"), replies=["never"]),
            Rule(system=pattern("(?i)TRIAGE"), replies=["triage"]),
            Rule(text=pattern(r"order (?P<number>\d+)"), replies=["order {number} is on its way"]),
            Rule(replies=["other"]),
        ]
    )

    assert rules.answer(body).text == text


@pytest.mark.parametrize(("text", "reply"), [("Hello", "Hallo"), ("Bye", "?")])
def test_a_lookup_without_an_entry_does_not_match(text: str, reply: str) -> None:
    rules = Rules([Rule(text=pattern("^(.*)$"), lookup={"Hello": "Hallo"}), Rule(replies=["?"])])

    assert rules.answer(saying(text)).text == reply


def test_a_lookup_with_replies_falls_back_on_them() -> None:
    rules = Rules([Rule(text=pattern("^.*$"), lookup={"Hello": "Hallo"}, replies=["?"])])

    assert [rules.answer(saying(text)).text for text in ("Hello", "Bye")] == ["Hallo", "?"]


def test_placeholders_are_replaced_and_unknown_ones_stay() -> None:
    rules = Rules([Rule(text=pattern("(a)(x)?"), replies=["{1}|{2}|{3}|{length}|{attachments}|"])])

    assert rules.answer(saying("abc")).text == "a||{3}|3||"


def test_without_rules_the_reply_says_what_was_sent() -> None:
    assert Rules().answer(saying("Hello")).text == (
        "This is the simulator. You wrote 5 characters."
    )


def test_tools_are_called_without_a_reply_of_words() -> None:
    answer = Rules([Rule(calls=[{"name": "get_weather"}])]).answer(HELLO)

    assert (answer.text, answer.stop_reason) == ("", "tool_use")
    assert [call["name"] for call in answer.calls] == ["get_weather"]


def test_equal_requests_fail_as_often_as_the_fault_says() -> None:
    rules = Rules([Rule(replies=["fine"], fault=Fault(status=500, times=2))])

    faults = [rules.answer(HELLO).fault is not None for _ in range(4)]

    assert faults == [True, True, False, False]
    assert rules.answer(saying("another")).fault is not None


def test_the_same_draw_is_the_same_reply_in_any_order() -> None:
    def replies(draws: list[str]) -> dict[str, str]:
        rules = Rules([Rule(replies=["a", "b", "c", "d"])], seed=3)
        return {draw: rules.answer({**HELLO, "temperature": 1.0}, draw).text for draw in draws}

    draws = [str(number) for number in range(20)]

    assert replies(draws) == replies(draws[::-1])
    assert len(set(replies(draws).values())) > 1


def test_a_rule_wins_over_the_latency_of_all() -> None:
    rules = Rules([Rule(text=pattern("slow"), latency=2.0)], latency=0.5)

    assert [rules.answer(saying(text)).latency for text in ("slow", "other")] == [2.0, 0.5]
