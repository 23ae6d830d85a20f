from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import SettingsError
from harness.loading.setting_value import SettingValue
from harness.loading.table_settings import read_judge, read_prices, read_service, read_timeouts
from harness.model.request_ranges import API_RANGES, OPEN_RANGES, RequestRanges
from harness.model.settings import Timeouts
from harness.model.usage import Price


def setting(value: Any) -> SettingValue:
    return SettingValue(value, "`x`")


def test_timeouts_that_are_not_set_have_their_defaults() -> None:
    assert read_timeouts(setting({"idle": "2m"})) == Timeouts(idle=120.0)


def test_prices_are_read_by_model() -> None:
    table = {"m": {"input": 1, "output": 5.0, "cache_read": 0.1}}

    assert read_prices(setting(table)) == {"m": Price(1, 5.0, cache_read=0.1)}


def test_the_ranges_of_a_service_are_those_of_the_api_or_open_or_single_bounds() -> None:
    assert read_service(setting({})).ranges == API_RANGES
    assert read_service(setting({"ranges": "open"})).ranges == OPEN_RANGES
    assert read_service(setting({"ranges": {"top_k": 0}})).ranges == RequestRanges(top_k=0)


def test_a_judge_has_the_ranges_of_the_service() -> None:
    table = setting({"model": "m", "max_tokens": 64_000, "temperature": 1.5})

    assert read_judge(table, OPEN_RANGES).request["max_tokens"] == 64_000
    with pytest.raises(SettingsError, match="max_tokens"):
        read_judge(table)


def test_a_judge_is_a_model_or_a_table() -> None:
    assert read_judge(setting("m")).request == {"model": "m", "max_tokens": 1024, "temperature": 0}
    assert read_judge(setting({"model": "m", "max_tokens": 9})).request["max_tokens"] == 9


@pytest.mark.parametrize(
    ("read", "value", "problem"),
    [
        (read_timeouts, 5, "invalid `x`: 5"),
        (read_timeouts, {"idel": 1}, "unknown key `idel` in `x`"),
        (read_timeouts, {"idle": "soon"}, "invalid `x.idle`: 'soon'"),
        (read_service, "open", "invalid `x`: 'open'"),
        (read_service, {"range": "open"}, "unknown key `range` in `x`"),
        (read_service, {"ranges": "wide"}, "invalid `x.ranges`: 'wide'"),
        (read_service, {"ranges": {"top_p": 2}}, "unknown key `top_p` in `x.ranges`"),
        (read_service, {"ranges": {"max_tokens": True}}, "invalid `x.ranges.max_tokens`: True"),
        (read_service, {"ranges": {"temperature": 0}}, "invalid `x.ranges.temperature`: 0"),
        (read_prices, 5, "invalid `x`: 5"),
        (read_prices, {"m": {"input": 1}}, "`x.m` needs an input and an output price"),
        (read_prices, {"m": {"input": 1, "output": True}}, "invalid `x.m.output`: True"),
        (read_prices, {"m": {"input": 1, "output": 1e9}}, "invalid `x.m.output`: 1000000000.0"),
        (read_prices, {"m": {"input": 1, "output": 1, "x": 1}}, "unknown key `x` in `x.m`"),
        (read_judge, {"max_tokens": 5}, "invalid `x`: {'max_tokens': 5}"),
        (read_judge, {"model": "m", "top_p": 1}, "unknown key `top_p` in `x`"),
        (read_judge, {"model": "m", "max_tokens": 0}, "invalid `x.max_tokens`: 0"),
        (read_judge, {"model": "m", "temperature": 2}, "invalid `x.temperature`: 2"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_at_its_key(
    read: Callable[[SettingValue], Any], value: object, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(setting(value))

    assert str(caught.value.problem) == problem
    assert str(caught.value.fix)
