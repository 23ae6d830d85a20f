"""The results of a case's other variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from harness.assertions.expressions_api import ContentError
from harness.assertions.peers import (
    NotComparableError,
    PeerResult,
    PeerResults,
    VariantComparison,
)
from harness.model.reply import Reply
from tests.support.replies import reply

ALL = frozenset("abc")


@pytest.mark.parametrize(
    ("comparison", "own", "needed"),
    [
        (VariantComparison.WITH_NAMED, "b", {"a"}),
        (VariantComparison.WITH_NAMED, "a", set()),
        (VariantComparison.NAMED_WITH_ALL, "a", {"b", "c"}),
        (VariantComparison.NAMED_WITH_ALL, "b", set()),
    ],
)
def test_only_variants_that_are_compared_are_needed(
    comparison: VariantComparison, own: str, needed: set[str]
) -> None:
    assert comparison.needed_by(own, "a", ALL) == needed


def results(**changes: PeerResult) -> PeerResults:
    return PeerResults("own", 2, {
        "own": PeerResult((reply("o1"), reply("o2"))),
        "other": PeerResult((reply("a1"), reply("a2")), {"name": "Ada"}, 0.25),
        **changes,
    })  # fmt: skip


def test_a_variants_reply_is_that_of_the_turn() -> None:
    assert results().reply("other").text == "a2"
    assert results().score("other") == 0.25
    assert results(third=PeerResult()).others == ["other", "third"]


def test_transforms_see_the_variables_of_the_other_trial_one_after_the_other() -> None:
    def named(reply: Reply, variables: Mapping[str, Any]) -> Reply:
        return replace(reply, text=f"{reply.text} {variables['name']}")

    def loud(reply: Reply, _variables: Mapping[str, Any]) -> Reply:
        return replace(reply, text=reply.text.upper())

    transformed = results().through(named).through(loud)

    assert transformed.reply("other").text == "A2 ADA"
    assert transformed.is_transformed
    assert not results().is_transformed


@pytest.mark.parametrize(
    ("peer", "words"),
    [
        ({}, "the variant `third` was not run"),
        ({"third": PeerResult(problem="has no reply: timeout")}, "`third` has no reply: timeout"),
        ({"third": PeerResult(unscored="was not judged")}, "`third` was not judged"),
    ],
)
def test_a_variant_without_a_score_says_why(peer: dict[str, PeerResult], words: str) -> None:
    with pytest.raises(NotComparableError, match=words):
        results(**peer).score("third")


def test_a_variant_without_a_score_may_still_have_a_reply() -> None:
    peer = PeerResult((reply("1"), reply("2")), unscored="was not judged")

    assert results(third=peer).reply("third").text == "2"


def test_a_reply_of_another_variant_that_lacks_what_is_read_cannot_be_compared() -> None:
    def broken(_reply: Reply, _variables: Mapping[str, Any]) -> Reply:
        raise ContentError("not JSON", "")

    with pytest.raises(
        NotComparableError, match="reply of `other` cannot be transformed: not JSON"
    ):
        results().through(broken).reply("other")
