"""What can go wrong, and what the person who reads about it should do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from harness.source import Span


class HarnessError(Exception):
    """The root of everything that is reported without a traceback."""


class SuiteError(HarnessError):
    """A suite has to be edited before it can run."""

    def __init__(self, span: Span, problem: str, fix: str) -> None:
        super().__init__(span, problem, fix)  # the fields as args, so that it pickles
        self.span, self.problem, self.fix = span, problem, fix

    def __str__(self) -> str:
        return f"{self.span}: {self.problem}\n  fix: {self.fix}"


class BrokenSuitesError(HarnessError):
    """Every problem of every file, in the order of the files and of their lines."""

    def __init__(self, errors: Iterable[SuiteError]) -> None:
        unique = {(str(error.span), error.problem): error for error in errors}
        self.errors = tuple(unique.values())
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class SettingsError(HarnessError):
    """An option, a settings file or the environment has to be changed."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem, fix)
        self.problem, self.fix = problem, fix

    def __str__(self) -> str:
        return f"{self.problem}\n  fix: {self.fix}"


class NothingSelectedError(SettingsError):
    """The options leave no trial to run."""


class ApiError(HarnessError):
    """A request brought no usable reply.

    Attributes:
        reason: The API's error type, such as `rate_limit_error`, or our own word for the trouble.
        status: The HTTP status, if there was a response.
        request_id: What the service calls the request, if it said.
        retry_after: Seconds that the service asks to wait before the next try, if it does.
        is_final: Whether the service says that another try would fail too.
    """

    def __init__(
        self,
        message: str,
        reason: str,
        status: int | None = None,
        request_id: str | None = None,
        *,
        retry_after: float | None = None,
        is_final: bool = False,
    ) -> None:
        super().__init__(message, reason, status, request_id)
        self.message, self.reason = message, reason
        self.status, self.request_id = status, request_id
        self.retry_after, self.is_final = retry_after, is_final

    def __str__(self) -> str:
        known_as = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.message}{known_as}"

    def because(self, why: str, reason: str | None = None) -> Self:
        """Return the same error with why there is no other try, and perhaps another reason."""
        message = f"{self.message}; {why}"
        error = type(self)(message, reason or self.reason, self.status, self.request_id)
        error.__cause__ = self
        return error


class ApiConnectionError(ApiError):
    """The server could not be reached, or hung up."""


class ApiTimeoutError(ApiError):
    """The server did not answer in the time it was given."""


class ApiStatusError(ApiError):
    """The server answered with an error."""


class ApiResponseError(ApiError):
    """The server answered with success, but not with what the API promises."""


class StreamError(ApiError):
    """A stream broke off, or does not say what a stream of the API must say."""


class TaskError(ApiError):
    """A task failed, or took too long."""


class StoreError(HarnessError):
    """A run file is missing, damaged, in use or newer than this version."""


class RunEndedError(HarnessError):
    """A trial was asked for, and the run had ended before it could be run."""


class DefinitionError(HarnessError):
    """An assertion or plugin is declared wrongly, or twice."""
