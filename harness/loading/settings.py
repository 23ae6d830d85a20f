"""Settings from the command line, the environment, pytest's configuration and settings files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from harness.errors import SettingsError
from harness.loading.server_settings import read_auth, read_base_url, read_headers, read_task_path
from harness.loading.setting_value import (
    SettingValue,
    read_existing_file,
    read_flag,
    read_path,
    read_seconds,
    read_table,
    read_text,
    whole_number_to,
)
from harness.loading.settings_files import find_settings
from harness.loading.table_settings import read_judge, read_prices, read_service, read_timeouts
from harness.model.settings import TASK_PATH, Secret, Settings
from harness.suggestions import write_instead
from harness.wording import Option, Wording

_ENVIRONMENT_PREFIX = "HARNESS_"
_FROM_ENVIRONMENT = (
    "base_url",
    "api_key_env",
    "auth",
    "task_path",
    "concurrency",
    "max_attempts",
    "reports",
    "baselines",
)
_KEY = re.compile(r"[!-~]+")  # what a header can carry
_BASE_URL_FIX = Wording(
    "set `base_url` in harness.toml, HARNESS_BASE_URL or {base_url};"
    " to try harness without a service, use `{simulator}`",
    base_url=Option("base_url"),
    simulator=Option("base_url", "simulator"),
)


def read_settings(
    start: Path,
    environment: Mapping[str, str],
    flags: Mapping[str, Any],
    ini: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings for suites below `start`: flag > environment > ini > file > default.

    Args:
        start: A folder, or a file in it; the settings file is searched for from there upwards.
        environment: Environment variables.
        flags: Options of the command line; None for those that are not set.
        ini: Options of pytest's configuration, likewise.

    Raises:
        SettingsError: A file cannot be read, a key is unknown, or a value is invalid.
    """
    values = dict(_from_file(start))
    values |= {
        key: SettingValue(value, f"`harness_{key}` in pytest's configuration")
        for key, value in (ini or {}).items()
        if value is not None
    }
    values |= _from_environment(environment)
    values |= {
        key: SettingValue(value, Option(key)) for key, value in flags.items() if value is not None
    }
    readers = dict(_READERS)
    if "service" in values:
        # what a judge is sent has the same ranges
        ranges = read_service(values["service"]).ranges
        readers["judge"] = partial(read_judge, ranges=ranges)
    settings = Settings(**{key: readers[key](value) for key, value in values.items()})
    return replace(settings, api_key=_api_key(environment, settings.api_key_env))


def require_server(settings: Settings) -> Settings:
    """Return the settings if they say where to send requests, and with which key.

    Raises:
        SettingsError: They do not.
    """
    if settings.base_url is None:
        raise SettingsError("no `base_url` is set", _BASE_URL_FIX)
    if settings.uses_simulator:
        return replace(settings, api_key=Secret("simulator"), auth="bearer", task_path=TASK_PATH)
    if settings.api_key is None and settings.auth != "none":
        raise SettingsError(
            f"no API key: the environment variable {settings.api_key_env} is not set",
            f"export {settings.api_key_env}=sk-… (any text works for the simulator),"
            ' or set `auth = "none"` for a server that needs no key',
        )
    return settings


def _from_file(start: Path) -> Iterator[tuple[str, SettingValue]]:
    table = find_settings(start)
    if table is None:
        return
    for key, value in table.values.items():
        if key not in _READERS:
            raise SettingsError(f"{table.path}: unknown key `{key}`", write_instead(key, _READERS))
        yield key, SettingValue(value, f"`{key}`", table.path, table.path.parent)


def _from_environment(environment: Mapping[str, str]) -> dict[str, SettingValue]:
    names = {_ENVIRONMENT_PREFIX + key.upper(): key for key in _FROM_ENVIRONMENT}
    return {
        key: SettingValue(environment[name], name)
        for name, key in names.items()
        if environment.get(name)
    }


def _api_key(environment: Mapping[str, str], name: str) -> Secret | None:
    key = environment.get(name, "").strip()
    if key and not _KEY.fullmatch(key):
        problem = f"the key in {name} contains characters that cannot be sent"
        raise SettingsError(problem, "set it to the key alone, without spaces or line breaks")
    return Secret(key) if key else None


_READERS: dict[str, Callable[[SettingValue], Any]] = {
    "base_url": read_base_url,
    "api_key_env": read_text,
    "auth": read_auth,
    "task_path": read_task_path,
    "headers": read_headers,
    "service": read_service,
    "concurrency": whole_number_to(10_000),
    "requests_per_minute": whole_number_to(1_000_000),
    "tokens_per_minute": whole_number_to(1_000_000_000),
    "max_attempts": whole_number_to(100),
    "retry_for": read_seconds,
    "timeouts": read_timeouts,
    "prices": read_prices,
    "reports": read_path,
    "baselines": read_path,
    "cache": read_flag,
    "cache_age": read_seconds,
    "simulator_rules": read_existing_file,
    "judge": read_judge,
    "allow_code": read_flag,
    "request": read_table,
}
