"""Reads the settings that are tables: timeouts, prices, the judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import UnionType
from typing import Any

from harness.loading.setting_value import SettingValue, read_seconds
from harness.model.request_ranges import API_RANGES, OPEN_RANGES, RequestRanges
from harness.model.settings import JUDGE_REQUEST, JudgeSettings, ServiceSettings, Timeouts
from harness.model.usage import Price

_MAX_PRICE = 1e9
_PRICE_FIX = "write {input = 1.0, output = 5.0}, in USD per million tokens"


def read_timeouts(setting: SettingValue) -> Timeouts:
    """Return timeouts; those that are not set have their defaults."""
    names = [field.name for field in fields(Timeouts)]
    if not isinstance(setting.value, Mapping):
        raise setting.invalid(f"a table with {', '.join(names)}")
    seconds = {}
    for name, value in setting.value.items():
        if name not in names:
            raise setting.unknown_key(name, names)
        seconds[name] = read_seconds(setting.item(name, value))
    return Timeouts(**seconds)


def read_prices(setting: SettingValue) -> Mapping[str, Price]:
    """Return prices by model."""
    if not isinstance(setting.value, Mapping):
        raise setting.invalid('a table such as {"model-name" = {input = 1.0, output = 5.0}}')
    return {model: _price(setting.item(model, table)) for model, table in setting.value.items()}


def _price(setting: SettingValue) -> Price:
    names = [field.name for field in fields(Price)]
    table = setting.value
    if not isinstance(table, Mapping) or not {"input", "output"} <= set(table):
        raise setting.error("{name} needs an input and an output price", _PRICE_FIX)
    for name, value in table.items():
        if name not in names:
            raise setting.unknown_key(name, names)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value < _MAX_PRICE:
            raise setting.item(name, value).refused(_PRICE_FIX)
    return Price(**table)


def read_service(setting: SettingValue) -> ServiceSettings:
    """Return what the service does otherwise than the Messages API."""
    if not isinstance(setting.value, Mapping):
        raise setting.invalid('a table such as {ranges = "open"}')
    for name in setting.value:
        if name != "ranges":
            raise setting.unknown_key(name, ["ranges"])
    if "ranges" not in setting.value:
        return ServiceSettings()
    return ServiceSettings(_ranges(setting.item("ranges", setting.value["ranges"])))


def _ranges(setting: SettingValue) -> RequestRanges:
    if setting.value == "open":
        return OPEN_RANGES
    if not isinstance(setting.value, Mapping):
        raise setting.invalid('"open", or a table such as {max_tokens = 128000, temperature = 2.0}')
    for name, value in setting.value.items():
        if name not in _BOUNDS:
            raise setting.unknown_key(name, list(_BOUNDS))
        fits, expected = _BOUNDS[name]
        if not fits(value):
            raise setting.item(name, value).invalid(expected)
    return RequestRanges(**setting.value)


def _is_number(value: object, kinds: type | UnionType = int) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


_BOUNDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "max_tokens": (lambda value: _is_number(value) and value >= 1, "a whole number above 0"),
    "temperature": (
        lambda value: _is_number(value, int | float) and 0 < value < math.inf,
        "a number above 0",
    ),
    "top_k": (lambda value: _is_number(value) and value >= 0, "a whole number from 0"),
    "blank_stop_sequences": (lambda value: isinstance(value, bool), "true or false"),
}


def read_judge(setting: SettingValue, ranges: RequestRanges = API_RANGES) -> JudgeSettings:
    """Return the judge: a model, or a table with `model` and fields of its requests."""
    value = setting.value
    table: Any = {"model": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or not isinstance(table.get("model"), str):
        raise setting.invalid('a model, or a table such as {model = "claude-opus-4-6"}')
    for name, field in table.items():
        if name not in JUDGE_REQUEST:
            raise setting.unknown_key(name, list(JUDGE_REQUEST))
        most = {"max_tokens": ranges.max_tokens, "temperature": ranges.temperature}.get(name)
        limit = math.inf if most is None else most
        to = "" if most is None else f" to {most:g}" if name == "temperature" else f" to {most}"
        if name == "max_tokens" and not (_is_number(field) and 1 <= field <= limit):
            raise setting.item(name, field).invalid(f"a whole number from 1{to}")
        if name == "temperature" and not (_is_number(field, int | float) and 0 <= field <= limit):
            raise setting.item(name, field).invalid(f"a number from 0{to}")
    return JudgeSettings({**JUDGE_REQUEST, **table})
