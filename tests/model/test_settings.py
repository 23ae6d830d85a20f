from __future__ import annotations

import pytest

from harness.model.reply import Usage
from harness.model.settings import Price, Secret, Settings, cost_of

PRICES = {"m": Price(1.0, 10.0, cache_read=0.1, cache_write=2.0), "n": Price(2.0, 0.0)}


def test_a_price_counts_cached_tokens_separately() -> None:
    usage = Usage(
        input_tokens=1_000_000,
        output_tokens=100_000,
        cache_creation_input_tokens=500_000,
        cache_read_input_tokens=10_000_000,
    )

    assert PRICES["m"].cost(usage) == pytest.approx(1.0 + 1.0 + 1.0 + 1.0)


@pytest.mark.parametrize(
    ("answered", "requested", "cost"),
    [("m", "n", 1.0), ("m-2026", "n", 2.0), ("x", "y", None), (None, "m", 1.0)],
)
def test_the_model_that_answered_is_paid_for_or_else_the_one_requested(
    answered: str | None, requested: str, cost: float | None
) -> None:
    message = {"model": answered, "usage": {"input_tokens": 1_000_000}}

    assert cost_of(PRICES, message, {"model": requested}) == cost


def test_a_secret_has_a_length_and_a_value_on_request() -> None:
    secret = Secret("sk-1")

    assert (len(secret), secret.reveal(), str(secret)) == (4, "sk-1", "***")


def test_the_simulator_is_a_base_url() -> None:
    assert Settings(base_url="simulator").uses_simulator
    assert not Settings(base_url="http://simulator").uses_simulator
