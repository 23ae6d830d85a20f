"""Definitions of assertions, read from signatures."""

from __future__ import annotations

from typing import Any

import pytest

from harness.assertions.definition import define
from harness.assertions.nested import EXPECTATIONS, Expectations
from harness.assertions.parameters import FLAG, INTEGER, TEXT, VARIANT, Share, VariantName
from harness.assertions.peers import PeerResults, VariantComparison
from harness.errors import DefinitionError
from harness.model.outcome import Verdict
from harness.model.reply import Reply
from tests.support.trials import expectation

WITH_NAMED = VariantComparison.WITH_NAMED


def longer(
    reply: Reply, length: int, *, min_: Share = 0.5, loud: bool = False, variables: Any
) -> Verdict:
    """Pass when the reply is longer.

    Much longer.
    """
    return Verdict.passing(f"{reply}{length}{min_}{loud}{variables}")


def nesting(reply: Reply, path: str, *, assert_: Expectations | None = None) -> Verdict:
    return Verdict.passing(f"{reply}{path}{assert_}")


def composing(reply: Reply, expectations: Expectations) -> Verdict:
    return Verdict.passing(f"{reply}{expectations}")


async def waiting(reply: Reply, text: str, *, judge: Any, votes: int) -> Verdict:
    return Verdict.passing(f"{reply}{text}{judge}{votes}")


def comparing(reply: Reply, text: str, *, over: VariantName, peers: PeerResults) -> Verdict:
    return Verdict.passing(f"{reply}{text}{over}{peers}")


def test_argument_and_options_are_typed_by_their_annotations() -> None:
    definition = define("longer", longer)

    assert definition.argument is INTEGER
    assert list(definition.options) == ["min", "loud"]
    assert definition.options["loud"] is FLAG
    assert definition.parameters == {"min": "min_", "loud": "loud"}
    assert definition.summary == "Pass when the reply is longer."
    assert definition.location.endswith("test_definition.longer")


def test_special_parameters_are_not_options() -> None:
    assert define("longer", longer).injected == {"variables"}
    assert define("waiting", waiting).injected == {"judge"}
    assert define("waiting", waiting).wants_judge
    assert not define("longer", longer).wants_judge


def test_options_without_a_default_are_required() -> None:
    assert define("waiting", waiting).required_options == ("votes",)
    assert define("longer", longer).required_options == ()


def test_a_coroutine_function_is_async_and_so_not_immediate() -> None:
    assert define("waiting", waiting).is_async
    assert not define("waiting", waiting).is_immediate
    assert define("longer", longer).is_immediate
    assert not define("longer", longer, is_slow=True).is_immediate
    assert not define("c", comparing, compares=WITH_NAMED).is_immediate


def test_the_key_of_nested_expectations_is_that_of_an_option_or_the_name() -> None:
    assert define("nesting", nesting).nested_key == "assert"
    assert define("composing", composing).nested_key == "composing"
    assert define("longer", longer).nested_key is None
    assert define("nesting", nesting).options["assert"] is EXPECTATIONS


def test_the_key_of_the_variant_leads_to_its_name_in_an_expectation() -> None:
    definition = define("c", comparing, compares=WITH_NAMED)

    assert definition.variant_key == "over"
    assert definition.options["over"] is VARIANT
    assert definition.compared_variant(expectation("c", "x", options={"over": "terse"})) == "terse"


def test_templates_are_looked_for_where_they_are_rendered() -> None:
    definition = define("c", comparing, compares=WITH_NAMED)

    templated = definition.templated_arguments(expectation("c", "x", options={"over": "terse"}))

    assert templated == ["x"]
    assert definition.argument is TEXT


def without_argument(reply: Reply) -> Verdict:
    return Verdict.passing(str(reply))


def positional(reply: Reply, text: str, more: str) -> Verdict:
    return Verdict.passing(f"{reply}{text}{more}")


def strange(reply: Reply, argument: complex) -> Verdict:
    return Verdict.passing(f"{reply}{argument}")


def optional_variant(
    reply: Reply, text: str, *, over: VariantName = "a", peers: PeerResults
) -> Verdict:
    return Verdict.passing(f"{reply}{text}{over}{peers}")


def nameless(reply: Reply, text: str, *, peers: PeerResults) -> Verdict:
    return Verdict.passing(f"{reply}{text}{peers}")


@pytest.mark.parametrize(
    ("function", "compares", "words"),
    [
        (without_argument, None, "must take a reply, an argument and keyword-only options"),
        (positional, None, "must take a reply, an argument and keyword-only options"),
        (strange, None, "cannot be annotated"),
        (comparing, None, "must say what it `compares` and take `peers`, or neither"),
        (longer, WITH_NAMED, "must say what it `compares` and take `peers`, or neither"),
        (nameless, WITH_NAMED, "must take a `VariantName`"),
        (optional_variant, WITH_NAMED, "must take a `VariantName`"),
    ],
)
def test_a_signature_that_is_not_that_of_an_assertion_is_refused(
    function: Any, compares: VariantComparison | None, words: str
) -> None:
    with pytest.raises(DefinitionError, match=words):
        define("odd", function, compares=compares)
