"""What a run is told from outside its suites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.model.reply import Usage

SIMULATOR = "simulator"
FIRST_CONCURRENCY = 10
MOST_CONCURRENCY = 50
TASK_PATH = "/v1/task/{id}"


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float
    cache_read: float = 0.0
    cache_write: float = 0.0

    def cost(self, usage: Usage) -> float:
        """Return what this usage costs in USD."""
        return (
            self.input * usage.input_tokens
            + self.output * usage.output_tokens
            + self.cache_read * usage.cache_read_input_tokens
            + self.cache_write * usage.cache_creation_input_tokens
        ) / 1_000_000


def cost_of(
    prices: Mapping[str, Price], message: Mapping[str, Any], body: Mapping[str, Any]
) -> float | None:
    """Return what a message costs in USD, by the model that answered or else by the one asked."""
    price = prices.get(str(message.get("model"))) or prices.get(str(body.get("model")))
    return None if price is None else price.cost(Usage.of(message))


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, at the most.

    Attributes:
        connect: To connect.
        first_byte: From sending to the response's first byte.
        idle: Between two pieces of a response.
        attempt: For one exchange.
        case: For a whole call, with its retries and the look-ups of its task.
    """

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 120.0
    attempt: float = 600.0
    case: float = 600.0


JUDGE_REQUEST: Mapping[str, Any] = {"model": "", "max_tokens": 1024, "temperature": 0.0}


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Who judges replies.

    Attributes:
        request: The body of its requests without system prompt and messages; `model` is in it.
    """

    request: Mapping[str, Any]

    @property
    def model(self) -> str:
        """The model that judges."""
        return str(self.request["model"])


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that shows itself only when asked by name."""

    _value: str

    def __len__(self) -> int:
        return len(self._value)

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, ("***",)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go, how many at once, and where the results are left.

    Attributes:
        root: The folder that suites may read files from.
        auth: `bearer`, `x-api-key` or `none`.
        concurrency: The most requests under way at once; None lets the number find itself.
        requests_per_minute: The most requests to send in any minute.
        tokens_per_minute: The most tokens to use in any minute.
        max_attempts: How often a request is sent at the most, the first time included.
        cache: Whether replies are shared by all runs.
        cache_age: How old a shared reply may be, in seconds; None for any age.
        simulator_rules: The rules of the built-in simulator, if it is used.
        judge: Who judges replies, if somebody does.
        allow_code: Whether functions of the project may judge.
    """

    base_url: str | None = None
    api_key: Secret | None = None
    api_key_env: str = "HARNESS_API_KEY"
    auth: str = "bearer"
    task_path: str = TASK_PATH
    headers: Mapping[str, str] = field(default_factory=dict)
    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    max_attempts: int = 6
    timeouts: Timeouts = field(default_factory=Timeouts)
    prices: Mapping[str, Price] = field(default_factory=dict)
    reports: Path = Path("reports")
    baselines: Path = Path("baselines")
    cache: bool = False
    cache_age: float | None = None
    simulator_rules: Path | None = None
    judge: JudgeSettings | None = None
    allow_code: bool = False

    @property
    def cache_file(self) -> Path:
        """Where shared replies are kept."""
        return self.reports / "cache.sqlite"

    @property
    def first_concurrency(self) -> int:
        """How many requests may be under way at once when a run starts."""
        return self.concurrency or FIRST_CONCURRENCY

    @property
    def most_concurrency(self) -> int:
        """How many requests may ever be under way at once."""
        return self.concurrency or MOST_CONCURRENCY

    @property
    def uses_simulator(self) -> bool:
        """Whether the run talks to the built-in simulator."""
        return self.base_url == SIMULATOR
