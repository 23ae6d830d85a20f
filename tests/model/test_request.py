from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.json_text import json_bytes
from harness.model.request import (
    Delivery,
    PreparedTrial,
    PreparedTurn,
    Request,
    SharedFingerprint,
    inputs_fingerprint,
)
from harness.model.suite import Expectation
from tests.support.suites import plan_of, write_suite
from tests.support.trials import case, expectation, trial

SUITE = """\
suite: prints
request:
  model: m
  system: "You know {{ place }} — naïve"
  extra: {z: 1, a: [1.5, null]}
vars: {place: Köln, list: [a, 2]}
variants:
  plain: {}
  streamed: {request: {stream: true}}
cases:
  - id: said
    prompt: "Hi {{ name }}"
    vars: {name: Ada}
    repeat: 2
    assert:
      - contains: Ada
      - not_contains: "{{ place }}"
      - all_of: [{word_count: {max: 20}}, {equals: "{{ name }}"}]
        weight: 2
  - id: talk
    turns:
      - prompt: one
        assert: [{contains: one}]
      - messages:
          - {role: user, content: [{type: text, text: "two {{ place }}"}]}
    assert:
      - that: "output is string"
"""
# Run files, caches and cassettes of earlier versions hold these: the trial, its request, its
# expectations, the key of its first request, that key of this trial alone.
PRINTS = """\
prints::said[plain]#1 afbdbb26682ba275a4c3b0749c5efc09 0cc88148ec05adb500ce1775d46fc710 \
08adeba3408da441642bf9e13d594860 cdd6addc7b2e140eab5a4920b349aaef
prints::said[plain]#2 e60d1a3ddb8c6a49205c78f823761432 0cc88148ec05adb500ce1775d46fc710 \
720a18ae595cd13bb0e2621a5e1adaac 979e8df56ce3a887a57871d2e9037636
prints::said[streamed]#1 7124408389e7a95ea915278cd033482f 0cc88148ec05adb500ce1775d46fc710 \
e8013463e222e27a388418d38ada2c5e 8adfb58a5a466a10d411c48463dd0461
prints::said[streamed]#2 6e321f9ecb5e9f745b12f5baa64a45a0 0cc88148ec05adb500ce1775d46fc710 \
cdf2c4c5b5549534dc8020799a9364fa c864f7bcbcac54e6e8ebe41fb3af4932
prints::talk[plain] 293fba4e549e910737ae23c4bbd85784 9200b5b01c3f10ea899a2b13d23eda3e \
50332bb8db94d537b1fc6ac07c90ca5f 82df2a6baef44945a84af84d3b5c3d2e
prints::talk[streamed] ad8a71953dfe9494b68301b5d09d4777 9200b5b01c3f10ea899a2b13d23eda3e \
d6079ff80b13b0a944a63ee09e2ca056 b623e420e75305da99c2fcd684084a12
"""
PREPARED = PreparedTrial(
    {"model": "m"},
    (PreparedTurn(({"role": "user", "content": "Hi"},), (expectation("contains", "x"),)),),
    (expectation("equals", "y"),),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # lone surrogates and integers beyond 64 bits take the standard library's way
    | st.text(st.characters()),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


def test_fingerprints_are_those_that_earlier_versions_wrote(tmp_path: Path) -> None:
    plan = plan_of(write_suite(tmp_path, SUITE))

    prints = []
    for one in plan.trials():
        prepared = plan.renderer.prepare(one)
        request = prepared.first_request(one)
        prints.append(
            f"{one.id} {prepared.request_fingerprint(one.repeat)}"
            f" {prepared.expectations_fingerprint()} {request.key} {request.trial_key}\n"
        )

    assert "".join(prints) == PRINTS


@pytest.mark.parametrize(
    ("variables", "fingerprint"),
    [
        ({"name": "Ada"}, "88bab6d8f6dc68a877064d584cbb5b6c"),
        ({}, "44136fa355b3678a1146ad16f7e8649e"),
    ],
)
def test_the_fingerprint_of_variables_is_that_of_earlier_versions(
    variables: dict[str, Any], fingerprint: str
) -> None:
    assert inputs_fingerprint(variables) == fingerprint


@given(
    st.dictionaries(st.text(), JSON, max_size=3), st.lists(JSON, max_size=3), st.integers(1, 999)
)
def test_what_is_hashed_once_and_the_repeat_are_hashed_like_the_whole(
    settings: dict[str, Any], contents: list[Any], repeat: int
) -> None:
    messages = tuple({"role": "user", "content": content} for content in contents)
    prepared = PreparedTrial(settings, (PreparedTurn(messages),))
    repeats = [repeat, repeat, repeat + 1, repeat + 2, repeat]

    fingerprints = [prepared.request_fingerprint(number) for number in repeats]

    wholes = [[settings, [messages], Delivery.of(settings), number] for number in repeats]
    assert fingerprints == list(map(_hash_of, wholes))


def test_a_request_hashes_its_body_once() -> None:
    body = {"model": "m", "messages": ()}
    request = Request(body, trial="t::a")

    first = request.key
    body["model"] = "another"  # only a body that is not read again can change unseen

    assert request.key == first
    assert request == Request(body, trial="t::a")


def test_trials_may_share_the_fingerprint_of_their_expectations() -> None:
    shared = SharedFingerprint()
    one, other = (
        PreparedTrial({"model": model}, (PreparedTurn(()),), (), shared) for model in ("m", "n")
    )

    fingerprint = one.expectations_fingerprint()

    assert shared.value == fingerprint == other.expectations_fingerprint()
    assert fingerprint == PreparedTrial({}, (PreparedTurn(()),)).expectations_fingerprint()


@pytest.mark.parametrize(
    ("body", "delivery"),
    [
        ({}, Delivery.AT_ONCE),
        ({"stream": False, "async": False}, Delivery.AT_ONCE),
        ({"async": True}, Delivery.TASK),
        ({"stream": True, "async": True}, Delivery.STREAM),
    ],
)
def test_a_body_says_how_its_reply_is_delivered(body: dict[str, Any], delivery: Delivery) -> None:
    assert Request(body).delivery is delivery


def test_a_key_depends_on_body_and_repeat_only() -> None:
    request = Request({"a": 1, "b": 2}, 1, "t::a", turn=1)

    assert request.key == Request({"b": 2, "a": 1}, 1, "t::b", turn=2, awaits_more=True).key
    assert request.key != replace(request, repeat=2).key
    assert request.key != replace(request, body={"a": 1}).key


def test_the_key_of_a_trial_depends_on_the_trial_too() -> None:
    request = Request({}, trial="t::a")

    assert request.trial_key != replace(request, trial="t::b").trial_key
    assert request.trial_key != request.key


def test_the_first_request_sends_the_messages_of_the_first_turn() -> None:
    one = trial(repeat=2, repeats=3)

    request = PREPARED.first_request(one)

    assert request.body == {"model": "m", "messages": ({"role": "user", "content": "Hi"},)}
    assert (request.repeat, request.trial, request.trial_specific) == (2, one.id, False)


def test_the_reply_to_a_compared_trial_is_its_own() -> None:
    compared = trial(of=case(compared={"default": frozenset({"other"})}))

    assert PREPARED.first_request(compared).trial_specific


def fingerprints(prepared: PreparedTrial) -> tuple[str, str]:
    return prepared.request_fingerprint(1), prepared.expectations_fingerprint()


@pytest.mark.parametrize(
    "changed",
    [
        expectation("not_equals", "y"),
        expectation("equals", "z"),
        expectation("equals", "y", weight=2.0),
        expectation("equals", "y", is_warning=True),
        expectation("equals", "y", options={"ignore_case": True}),
        expectation("equals", "y", nested=(expectation(),)),
        expectation("equals", "y", transforms=("output | strip",)),
    ],
)
def test_what_changes_a_verdict_changes_the_fingerprint_of_expectations(
    changed: Expectation,
) -> None:
    request, expectations = fingerprints(PREPARED)

    other = fingerprints(replace(PREPARED, expectations=(changed,), shared=SharedFingerprint()))

    assert other[0] == request
    assert other[1] != expectations


@pytest.mark.parametrize("change", [{"name": "n"}, {"metric": "m"}])
def test_what_only_reports_show_leaves_the_fingerprint(change: dict[str, Any]) -> None:
    changed = replace(expectation("equals", "y"), **change)

    other = replace(PREPARED, expectations=(changed,), shared=SharedFingerprint())

    assert fingerprints(other) == fingerprints(PREPARED)


def test_the_fingerprint_of_a_request_depends_on_settings_and_repeat() -> None:
    other = replace(PREPARED, settings={"model": "n"})

    assert other.request_fingerprint(1) != PREPARED.request_fingerprint(1)
    assert PREPARED.request_fingerprint(2) != PREPARED.request_fingerprint(1)


def test_the_fingerprint_of_variables_ignores_their_order() -> None:
    assert inputs_fingerprint({"a": 1, "b": 2}) == inputs_fingerprint({"b": 2, "a": 1})
    assert inputs_fingerprint({"a": 1}) != inputs_fingerprint({"a": "1"})


def _hash_of(value: Any) -> str:
    return hashlib.sha256(json_bytes(value, sort_keys=True)).hexdigest()[:32]
