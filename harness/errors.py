"""What can go wrong, and how the reader fixes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from harness.source import Span
from harness.wording import PYTHON, Vocabulary, Words, worded


class HarnessError(Exception):
    """The root of all errors that are reported without a traceback."""

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return the message with options spelled as in a way in."""
        del vocabulary  # most errors name no option
        return str(self)


class SuiteError(HarnessError):
    """A suite has to be edited before it can run."""

    def __init__(self, span: Span, problem: str, fix: Words) -> None:
        super().__init__(span, problem, fix)  # the fields as args, so that it pickles
        self.span, self.problem, self.fix = span, problem, fix

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return the place, the problem and its fix."""
        return f"{self.span}: {self.problem}\n  fix: {worded(self.fix, vocabulary)}"

    def __str__(self) -> str:
        return self.message_in(PYTHON)


class BrokenSuitesError(HarnessError):
    """All problems of all files, in the order of files and lines."""

    def __init__(self, errors: Iterable[SuiteError]) -> None:
        unique = {(str(error.span), error.problem): error for error in errors}
        self.errors = tuple(unique.values())
        super().__init__(self.errors)

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return all problems, each with its fix."""
        return "\n".join(error.message_in(vocabulary) for error in self.errors)

    def __str__(self) -> str:
        return self.message_in(PYTHON)


class SettingsError(HarnessError):
    """An option, a settings file or the environment has to be changed."""

    def __init__(self, problem: Words, fix: Words) -> None:
        super().__init__(problem, fix)
        self.problem, self.fix = problem, fix

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return the problem and its fix."""
        return f"{worded(self.problem, vocabulary)}\n  fix: {worded(self.fix, vocabulary)}"

    def __str__(self) -> str:
        return self.message_in(PYTHON)


class NothingSelectedError(SettingsError):
    """The options select no trial."""


class NothingToRerunError(NothingSelectedError):
    """No trial of an earlier run had the result that is to be run again.

    Attributes:
        status: The exit status of that run: 0 if it passed, so that nothing is left to do. A rerun
            must not turn a run green that was not.
    """

    def __init__(self, problem: Words, fix: Words, status: int = 0) -> None:
        super().__init__(problem, fix)
        self.args = (problem, fix, status)  # so that it pickles
        self.status = status


class ApiError(HarnessError):
    """A request got no usable reply.

    Attributes:
        reason: The API's error type, such as `rate_limit_error`, or our own if it sent none.
        status: The HTTP status, if there was a response.
        request_id: The service's id of the request, if it sent one.
        retry_after: Seconds to wait before the next try, if the service says so.
        is_final: Whether the service says that another try would fail too.
        is_structured: Whether an error that the service sent has the form of the API.
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
        is_structured: bool = True,
    ) -> None:
        super().__init__(message, reason, status, request_id)
        self.message, self.reason = message, reason
        self.status, self.request_id = status, request_id
        self.retry_after, self.is_final = retry_after, is_final
        self.is_structured = is_structured

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{self.message}{request}"

    def because(self, why: str, reason: str | None = None) -> Self:
        """Return the same error with the reason for giving up, and perhaps another type."""
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
    """The server answered with success, but not in the form that the API defines."""


class StreamError(ApiError):
    """A stream broke off, or is not a valid stream of the API."""


class TaskError(ApiError):
    """A task failed, or took too long."""


class StoreError(HarnessError):
    """A run file is missing, damaged, in use or newer than this version."""

    def __init__(self, message: Words) -> None:
        super().__init__(message)
        self.message = message

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return what is wrong, and how to go on."""
        return worded(self.message, vocabulary)

    def __str__(self) -> str:
        return self.message_in(PYTHON)


class RunEndedError(HarnessError):
    """A trial was asked for, and the run had ended before it could be run."""

    def message_in(self, vocabulary: Vocabulary) -> str:
        """Return why the run ended, which is the message of the error that ended it, if one did."""
        cause = self.__cause__
        return cause.message_in(vocabulary) if isinstance(cause, HarnessError) else str(self)


class DefinitionError(HarnessError):
    """An assertion or plugin is declared wrongly, or twice."""
