from __future__ import annotations

from harness.model.settings import Secret, Settings


def test_a_secret_has_a_length_and_a_value_on_request() -> None:
    secret = Secret("sk-1")

    assert (len(secret), secret.reveal(), str(secret)) == (4, "sk-1", "***")


def test_the_simulator_is_a_base_url() -> None:
    assert Settings(base_url="simulator").uses_simulator
    assert not Settings(base_url="http://simulator").uses_simulator
