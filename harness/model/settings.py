"""The settings of a run that do not stand in its suites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.model.request_ranges import API_RANGES, RequestRanges
from harness.model.usage import Price

SIMULATOR = "simulator"
FIRST_CONCURRENCY = 10
MOST_CONCURRENCY = 50
TASK_PATH = "/v1/task/{id}"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds.

    Attributes:
        connect: Connecting.
        first_byte: From sending the request to the first byte of the response.
        idle: Between two pieces of a response.
        attempt: One HTTP exchange.
        case: A whole call, with retries and task polling.
    """

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 120.0
    attempt: float = 600.0
    case: float = 600.0


JUDGE_REQUEST: Mapping[str, Any] = {"model": "", "max_tokens": 1024, "temperature": 0.0}


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """The judge of replies.

    Attributes:
        request: The body of its requests, with `model`, without system prompt and messages.
    """

    request: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model of the judge."""
        return str(self.request["model"])


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that only `reveal` shows: not printing, formatting, pickling or JSON."""

    _value: str

    def __len__(self) -> int:
        return len(self._value)

    def reveal(self) -> str:
        """Return the value."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, ("***",)


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What a service does otherwise than the Messages API."""

    ranges: RequestRanges = API_RANGES


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go, how many at once, and where results are written.

    Attributes:
        auth: `bearer`, `x-api-key` or `none`.
        concurrency: Maximum number of requests in flight; None adapts it to the service.
        requests_per_minute: Maximum number of requests in any minute.
        tokens_per_minute: Maximum number of tokens in any minute.
        max_attempts: Maximum number of attempts per request, the first included.
        retry_for: Seconds that a model which is loading (503) is waited for.
        cache: Whether runs share replies.
        cache_age: Maximum age of a shared reply in seconds; None for any age.
        simulator_rules: The rules of the built-in simulator.
        judge: The judge of replies; None if none is configured.
        allow_code: Whether functions of the project may run as assertions.
        request: Fields of the requests of all suites, unless these say otherwise.
    """

    base_url: str | None = None
    api_key: Secret | None = None
    api_key_env: str = "HARNESS_API_KEY"
    auth: str = "bearer"
    task_path: str = TASK_PATH
    headers: Mapping[str, str] = field(default_factory=dict)
    service: ServiceSettings = ServiceSettings()
    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    max_attempts: int = 6
    retry_for: float = 0.0
    timeouts: Timeouts = field(default_factory=Timeouts)
    prices: Mapping[str, Price] = field(default_factory=dict)
    reports: Path = Path("reports")
    baselines: Path = Path("baselines")
    cache: bool = False
    cache_age: float | None = None
    simulator_rules: Path | None = None
    judge: JudgeSettings | None = None
    allow_code: bool = False
    request: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cache_file(self) -> Path:
        """The file of shared replies."""
        return self.reports / "cache.sqlite"

    @property
    def first_concurrency(self) -> int:
        """Maximum number of requests in flight when a run starts."""
        return self.concurrency or FIRST_CONCURRENCY

    @property
    def most_concurrency(self) -> int:
        """Maximum number of requests in flight at any time."""
        return self.concurrency or MOST_CONCURRENCY

    @property
    def uses_simulator(self) -> bool:
        """Whether requests go to the built-in simulator."""
        return self.base_url == SIMULATOR
