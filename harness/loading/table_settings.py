"""Reads the settings that are tables: timeouts, prices, the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from harness.loading.setting_value import SettingValue, read_seconds
from harness.model.settings import JUDGE_REQUEST, JudgeSettings, Timeouts
from harness.model.usage import Price

_MAX_PRICE = 1e9
_MAX_TOKENS = 32_000
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


def read_judge(setting: SettingValue) -> JudgeSettings:
    """Return the judge: a model, or a table with `model` and fields of its requests."""
    value = setting.value
    table: Any = {"model": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or not isinstance(table.get("model"), str):
        raise setting.invalid('a model, or a table such as {model = "claude-opus-4-6"}')
    for name, field in table.items():
        if name not in JUDGE_REQUEST:
            raise setting.unknown_key(name, list(JUDGE_REQUEST))
        if name == "max_tokens" and not (isinstance(field, int) and 1 <= field <= _MAX_TOKENS):
            raise setting.item(name, field).invalid(f"a whole number from 1 to {_MAX_TOKENS}")
        if name == "temperature" and not (isinstance(field, int | float) and 0 <= field <= 1):
            raise setting.item(name, field).invalid("a number from 0 to 1")
    return JudgeSettings({**JUDGE_REQUEST, **table})
