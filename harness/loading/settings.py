"""Settings from files and the environment; the command line is laid over them by its owner."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from harness.assertions.parameters import ArgumentError, read_duration
from harness.errors import SettingsError
from harness.model.settings import (
    JUDGE_REQUEST,
    SIMULATOR,
    TASK_PATH,
    JudgeSettings,
    Price,
    Secret,
    Settings,
    Timeouts,
)
from harness.suggestions import write_instead
from harness.wording import Option, Wording, Words

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
_HIGHEST_PRICE = 1e9
_MOST_TOKENS = 32_000
_HOST = re.compile(r"[0-9a-f]*:[0-9a-f:.]+|(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_URL_CHARACTERS = re.compile(r"[!-~]+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[ -~]*")
_KEY = re.compile(r"[!-~]+")
_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
_OWN_HEADERS = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_BASE_URL_FIX = Wording(
    "set `base_url` in harness.toml, HARNESS_BASE_URL or {base_url};"
    " `{simulator}` tries it out without a service",
    base_url=Option("base_url"),
    simulator=Option("base_url", "simulator"),
)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value as it was found, and where; `folder` is what relative paths start from."""

    value: Any
    place: Words
    folder: Path

    def problem(self, words: str) -> Wording:
        return Wording("{place} {words}", place=self.place, words=words)

    def error(self, wanted: str) -> SettingsError:
        return SettingsError(self.problem(f"is {self.value!r}"), f"write {wanted}")


def read_settings(
    start: Path,
    environment: Mapping[str, str],
    flags: Mapping[str, Any],
    ini: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings for suites below `start`: flag > environment > ini > file > default.

    Args:
        start: A folder, or a file in it; the settings file is looked for from there upwards.
        environment: The environment's variables.
        flags: What the command line says; None for what it leaves open.
        ini: What pytest's configuration says, likewise.

    Raises:
        SettingsError: A file cannot be read, a key is unknown, a value is unusable.
    """
    here = Path()
    values = dict(_from_file(start))
    values |= {
        key: _Value(value, f"`harness_{key}` of pytest's configuration", here)
        for key, value in (ini or {}).items()
        if value is not None
    }
    values |= _from_environment(environment)
    values |= {
        key: _Value(value, Wording("{option}", option=Option(key)), here)
        for key, value in flags.items()
        if value is not None
    }
    settings = Settings(**{key: _READERS[key](value) for key, value in values.items()})
    key = environment.get(settings.api_key_env, "").strip()
    if key and not _KEY.fullmatch(key):
        problem = f"the key in {settings.api_key_env} holds characters that cannot be sent"
        raise SettingsError(problem, "set it to the key alone, without spaces and line breaks")
    return replace(settings, api_key=Secret(key) if key else None)


def require_server(settings: Settings) -> Settings:
    """Return the settings if they say where to send requests, and with which key.

    Raises:
        SettingsError: They do not.
    """
    if settings.base_url is None:
        raise SettingsError("no base_url is set, so there is nothing to send to", _BASE_URL_FIX)
    if settings.uses_simulator:
        return replace(settings, api_key=Secret("simulator"), auth="bearer", task_path=TASK_PATH)
    if settings.api_key is None and settings.auth != "none":
        raise SettingsError(
            f"no API key: the environment variable {settings.api_key_env} is not set",
            f"export {settings.api_key_env}=sk-… (any text will do for the simulator),"
            ' or set `auth = "none"` for a server that wants no key',
        )
    return settings


def _from_file(start: Path) -> Iterator[tuple[str, _Value]]:
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        table, path = _table(candidate)
        if table is None:
            continue
        for key, value in table.items():
            if key not in _READERS or key == "api_key":
                known = [name for name in _READERS if name != "api_key"]
                raise SettingsError(f"{path}: unknown key `{key}`", write_instead(key, known))
            yield key, _Value(value, f"{path}: `{key}`", candidate)
        return


def _table(folder: Path) -> tuple[Mapping[str, Any] | None, Path]:
    path = folder / "harness.toml"
    if path.is_file():
        return _toml(path), path
    path = folder / "pyproject.toml"
    if path.is_file():
        tool = _toml(path).get("tool")
        table = tool.get("harness") if isinstance(tool, Mapping) else None
        if table is not None and not isinstance(table, Mapping):
            raise SettingsError(f"{path}: `tool.harness` is no table", "write `[tool.harness]`")
        return table, path
    return None, path


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: {error}", "write it as TOML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", "save it as UTF-8") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Value]:
    names = {_ENVIRONMENT_PREFIX + key.upper(): key for key in _FROM_ENVIRONMENT}
    return {
        key: _Value(environment[name], name, Path())
        for name, key in names.items()
        if environment.get(name)
    }


def _base_url(found: _Value) -> str:
    url = str(found.value).rstrip("/")
    if url == SIMULATOR:
        return url
    wanted = f"a URL such as https://api.example.com, or `{SIMULATOR}`"
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise found.error(wanted) from error
    if parts.username or parts.password:
        problem = found.problem("holds a user name or password")
        raise SettingsError(problem, "put the key into the environment instead")
    host = parts.hostname or ""
    is_http = parts.scheme in {"http", "https"}
    if not is_http or not _HOST.fullmatch(host) or not _URL_CHARACTERS.fullmatch(url):
        raise found.error(wanted)
    _check_port_and_path(found, parts)
    return url


def _check_port_and_path(found: _Value, parts: SplitResult) -> None:
    try:
        is_usable = parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise found.error("a port from 1 to 65535")
    if parts.query or parts.fragment:
        raise found.error("the URL without `?…` and `#…`")
    for ending in ("/v1/messages", "/v1"):
        if parts.path.endswith(ending):
            raise found.error(f"it without `{ending}`: the path is added to every call")


def _text(found: _Value) -> str:
    if not isinstance(found.value, str) or not found.value.strip():
        raise found.error("a text")
    return found.value


def _auth(found: _Value) -> str:
    if found.value not in ("bearer", "x-api-key", "none"):
        raise found.error('"bearer", "x-api-key" or "none"')
    return str(found.value)


def _task_path(found: _Value) -> str:
    path = _text(found)
    plain = path.replace("{id}", "id", 1)
    if not path.startswith("/") or "{id}" not in path or not _PATH.fullmatch(plain):
        raise found.error('a path with the task\'s id, such as "/v1/task/{id}"')
    return path


def _headers(found: _Value) -> Mapping[str, str]:
    if not isinstance(found.value, Mapping):
        raise found.error('a table of texts, such as {x-team = "support"}')
    for name, value in found.value.items():
        if name.lower() in _SECRET_HEADERS:
            problem = f"{found.place} holds `{name}`, which may be a secret"
            raise SettingsError(problem, "set `auth` and put the key into the environment")
        if name.lower() in _OWN_HEADERS or not _HEADER_NAME.fullmatch(name):
            problem = f"{found.place} holds `{name}`, which cannot be set"
            raise SettingsError(problem, "remove it")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise found.error(f"one line of ASCII text for `{name}`")
    return dict(found.value)


def _flag(found: _Value) -> bool:
    if not isinstance(found.value, bool):
        raise found.error("true or false")
    return found.value


def _duration(found: _Value) -> float:
    try:
        return read_duration(found.value)
    except ArgumentError as error:
        raise SettingsError(f"{found.place} is {found.value!r}", error.fix) from error


def _whole(most: int) -> Callable[[_Value], int]:
    def read(found: _Value) -> int:
        try:
            number = int(found.value)
        except (OverflowError, TypeError, ValueError):
            number = 0
        if isinstance(found.value, bool | float) or not 1 <= number <= most:
            raise found.error(f"a whole number from 1 to {most}")
        return number

    return read


def _timeouts(found: _Value) -> Timeouts:
    known = [field.name for field in fields(Timeouts)]
    if not isinstance(found.value, Mapping):
        raise found.error(f"a table with {', '.join(known)}")
    seconds = {}
    for name, value in found.value.items():
        if name not in known:
            problem = f"{found.place}: unknown key `{name}`"
            raise SettingsError(problem, write_instead(name, known))
        try:
            seconds[name] = read_duration(value)
        except ArgumentError as error:
            problem = f"{found.place}: `{name}` is {value!r}"
            raise SettingsError(problem, error.fix) from error
    return Timeouts(**seconds)


def _prices(found: _Value) -> Mapping[str, Price]:
    if not isinstance(found.value, Mapping):
        raise found.error('a table such as {"model-name" = {input = 1.0, output = 5.0}}')
    return {model: _price(found, model, value) for model, value in found.value.items()}


def _price(found: _Value, model: str, table: Any) -> Price:
    known = [field.name for field in fields(Price)]
    fix = "write {input = 1.0, output = 5.0}, in USD per million tokens"
    place = f"{found.place}: `{model}`"
    if not isinstance(table, Mapping) or not {"input", "output"} <= set(table):
        raise SettingsError(f"{place} has no input and output price", fix)
    for name, value in table.items():
        if name not in known:
            raise SettingsError(f"{place}: unknown key `{name}`", write_instead(name, known))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value < _HIGHEST_PRICE:
            raise SettingsError(f"{place}: `{name}` is {value!r}", fix)
    return Price(**table)


def _judge(found: _Value) -> JudgeSettings:
    table = {"model": found.value} if isinstance(found.value, str) else found.value
    if not isinstance(table, Mapping) or not isinstance(table.get("model"), str):
        raise found.error('a model, or a table such as {model = "claude-opus-4-6"}')
    for name, value in table.items():
        if name not in JUDGE_REQUEST:
            fix = write_instead(name, JUDGE_REQUEST)
            raise SettingsError(f"{found.place}: unknown key `{name}`", fix)
        problem = f"{found.place}: `{name}` is {value!r}"
        if name == "max_tokens" and not (isinstance(value, int) and 1 <= value <= _MOST_TOKENS):
            raise SettingsError(problem, f"write a whole number from 1 to {_MOST_TOKENS}")
        if name == "temperature" and not (isinstance(value, int | float) and 0 <= value <= 1):
            raise SettingsError(problem, "write a number from 0 to 1")
    return JudgeSettings({**JUDGE_REQUEST, **table})


def _path(found: _Value) -> Path:
    if "\0" in _text(found):
        raise found.error("a path")
    return found.folder / _text(found)


def _existing_file(found: _Value) -> Path:
    path = _path(found)
    if not path.is_file():
        raise found.error("the path of a file that exists")
    return path


_READERS: dict[str, Callable[[_Value], Any]] = {
    "base_url": _base_url,
    "api_key_env": _text,
    "auth": _auth,
    "task_path": _task_path,
    "headers": _headers,
    "concurrency": _whole(10_000),
    "requests_per_minute": _whole(1_000_000),
    "tokens_per_minute": _whole(1_000_000_000),
    "max_attempts": _whole(100),
    "timeouts": _timeouts,
    "prices": _prices,
    "reports": _path,
    "baselines": _path,
    "cache": _flag,
    "cache_age": _duration,
    "simulator_rules": _existing_file,
    "judge": _judge,
    "allow_code": _flag,
}
