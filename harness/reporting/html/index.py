"""The index of a page: what it filters, sorts and lists of trials and cases, in columns."""

from __future__ import annotations

import re
from array import array
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model.case_result import CaseKey, CaseResult
from harness.model.record import AnsweredBy, OutcomeRecord, answered_by, is_timed
from harness.reporting.case_results import key_of, reply_hash
from harness.reporting.failures import deciding_verdict, first_reason
from harness.reporting.html.result_columns import (
    ResultColumns,
    chance_of,
    flips_data,
    labels_data,
    scaled,
)

_LETTERS = {"passed": "p", "failed": "f", "errored": "e", "skipped": "s", "unjudged": "u"}
_XFAILED = "x"
_ANSWERING = {
    AnsweredBy.SERVICE: "s",
    AnsweredBy.SIMULATOR: "m",
    AnsweredBy.GIVEN: "g",
    AnsweredBy.NOBODY: "n",
}
BINS = 60  # of the time a run took
_LONGEST_MESSAGE = 200
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\b[0-9a-f]{8,}\b|\d+(?:\.\d+)?")


@dataclass(slots=True)
class Numbering:
    """Numbers values in the order in which they first appear."""

    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, value: Hashable) -> int:
        """Return the number of a value."""
        return self._numbers.setdefault(value, len(self._numbers))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(slots=True)
class _FirstTrial:
    """The first trial of a case in a variant, and the first of them that went wrong."""

    case: int
    variant: int
    signature: int = -1
    reason: str | None = None


@dataclass(slots=True)
class Columns:
    """A value for each trial; None where there is none.

    Outcomes, and who answered, are a letter each.

    Times are whole milliseconds, scores thousandths and costs millionths of a USD, which are
    shorter to write.
    """

    case: list[int] = field(default_factory=list)
    variant: list[int] = field(default_factory=list)
    repeat: list[int] = field(default_factory=list)
    outcome: list[str] = field(default_factory=list)
    score: list[int | None] = field(default_factory=list)
    latency: list[int | None] = field(default_factory=list)
    first_token: list[int | None] = field(default_factory=list)
    cost: list[int | None] = field(default_factory=list)
    tokens_in: list[int | None] = field(default_factory=list)
    tokens_out: list[int | None] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    answered_by: list[str] = field(default_factory=list)
    reply: list[int] = field(default_factory=list)
    signature: list[int] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return the columns by their names; those of letters as one word."""
        columns = {name: getattr(self, name) for name in self.__slots__}
        words = {name: "".join(getattr(self, name)) for name in ("outcome", "answered_by")}
        return {**columns, **words}


class Index:
    """Adds trials in suite order, and case results as their last trials come.

    Args:
        flips: In which list of a baseline each case is that changed, by its name.
    """

    def __init__(self, flips: Mapping[str, str] | None = None) -> None:
        self._flips = flips or {}
        self._results: dict[CaseKey, CaseResult] = {}
        self._first_trials: dict[CaseKey, _FirstTrial] = {}
        self._suites, self._variants, self._replies = Numbering(), Numbering(), Numbering()
        self._cases, self._tags, self._signatures = Numbering(), Numbering(), Numbering()
        self._chances = Numbering()
        self._facts: dict[tuple[int, int], dict[str, Any]] = {}
        self._lines: list[list[Any]] = []
        self._columns = Columns()
        self._retries: dict[str, array[float]] = {}

    def __len__(self) -> int:
        return len(self._columns.case)

    def add(self, record: OutcomeRecord) -> None:
        """Add a trial."""
        columns, reply = self._columns, record["reply"]
        suite = self._suites.number((record["suite"], record["path"]))
        variant = self._variants.number(record["variant"])
        columns.case.append(self._case(record, suite))
        columns.variant.append(variant)
        columns.repeat.append(record["repeat"])
        columns.outcome.append(letter_of(record))
        columns.score.append(scaled(record["score"], 3))
        timed = reply if reply is not None and is_timed(reply) else None
        columns.latency.append(None if timed is None else scaled(timed["latency"], 3))
        columns.first_token.append(None if timed is None else scaled(timed["first_token"], 3))
        columns.cost.append(scaled(record["cost"], 6))
        columns.tokens_in.append(record["usage"]["input_tokens"])
        columns.tokens_out.append(record["usage"]["output_tokens"])
        columns.attempts.append(len(record["attempts"]))
        columns.answered_by.append(_ANSWERING[answered_by(record)])
        columns.reply.append(-1 if reply is None else self._replies.number(reply_hash(record)))
        columns.signature.append(self._signature(record))
        self._note_first(record, columns)
        self._note_facts(record, suite, variant)
        ended = record["timings"].get("began", 0.0)
        for attempt in record["attempts"]:
            ended += attempt["wait"] + attempt["seconds"]
            if attempt["reason"]:
                self._retries.setdefault(str(attempt["reason"]), array("d")).append(ended)

    def add_result(self, result: CaseResult) -> None:
        """Add what the repeats of a case add up to."""
        self._results[result.key] = result

    def _note_first(self, record: OutcomeRecord, columns: Columns) -> None:
        key = key_of(record)
        first = self._first_trials.get(key)
        if first is None:
            first = self._first_trials[key] = _FirstTrial(columns.case[-1], columns.variant[-1])
        if first.signature < 0 and columns.signature[-1] >= 0:
            first.signature, first.reason = columns.signature[-1], first_reason(record)

    def _result_columns(self) -> ResultColumns:
        columns = ResultColumns()
        for key, first in self._first_trials.items():  # in the order of the trials
            result = self._results.get(key)
            if result is not None:
                columns.add(
                    result,
                    case=first.case,
                    variant=first.variant,
                    chance=self._chance(result),
                    signature=first.signature,
                    reason=first.reason if result.label.needs_attention else None,
                    flip=self._flips.get(str(key)),
                )
        return columns

    def _chance(self, result: CaseResult) -> int:
        # thousands of cases with a few repeats share a few texts
        text = chance_of(result)
        return -1 if text is None else self._chances.number(text)

    def as_data(self, seconds: float) -> dict[str, Any]:
        """Return the index as plain data.

        Args:
            seconds: How long the run took.
        """
        return {
            "suites": [list(suite) for suite in self._suites],
            "variants": list(self._variants),
            "cases": self._lines,
            "tags": [list(tag) for tag in self._tags],
            "signatures": [list(signature) for signature in self._signatures],
            "facts": [[*key, facts] for key, facts in self._facts.items()],
            "rows": self._columns.as_data(),
            "labels": labels_data(),
            "flips": flips_data(),
            "results": self._result_columns().as_data(),
            "chances": list(self._chances),
            "suffixes": [str(CaseKey("", "", name)).removeprefix("::") for name in self._variants],
            "attempts": {name: len(times) for name, times in sorted(self._retries.items())},
            "attempts_over_time": over_time(self._retries, seconds),
        }

    def _case(self, record: OutcomeRecord, suite: int) -> int:
        number = self._cases.number((suite, record["case"]))
        if number == len(self._lines):
            tags = self._tags.number(tuple(record["tags"]))
            rate = record["pass_rate"]
            self._lines.append([suite, record["case"], record["line"], tags, rate])
        return number

    def _signature(self, record: OutcomeRecord) -> int:
        if record["outcome"] not in {"failed", "errored"}:
            return -1
        return self._signatures.number(signature_of(record))

    def _note_facts(self, record: OutcomeRecord, suite: int, variant: int) -> None:
        request = record["request"]
        if request is not None and (suite, variant) not in self._facts:
            names = ("model", "temperature")
            facts = {name: request[name] for name in names if request.get(name) is not None}
            self._facts[suite, variant] = facts


def over_time(times: Mapping[str, array[float]], seconds: float) -> dict[str, list[int]]:
    """Return how often each thing happened in `BINS` equal parts of a run.

    Args:
        times: Seconds from the beginning of the run, by what happened.
        seconds: How long the run took.
    """
    counts = {name: [0] * BINS for name in sorted(times)}
    for name, moments in times.items():
        for moment in moments:
            part = int(BINS * moment / seconds) if seconds > 0 else 0
            counts[name][min(max(part, 0), BINS - 1)] += 1
    return counts


def letter_of(record: OutcomeRecord) -> str:
    """Return the letter of a trial's outcome; `x` is a failure that `xfail` expects."""
    if record["xfail"] is not None and record["outcome"] in {"failed", "errored"}:
        return _XFAILED
    return _LETTERS[record["outcome"]]


def signature_of(record: OutcomeRecord) -> tuple[str, str]:
    """Return the assertion or error behind a failure, and its message without what varies."""
    error = record["error"]
    verdict = deciding_verdict(record)
    if verdict is not None:
        return verdict["assertion"], normalised(verdict["reason"])
    if error is not None:
        return str(error["reason"]), normalised(str(error["message"]))
    return "threshold", normalised(first_reason(record))


def normalised(message: str) -> str:
    """Return a message with numbers, ids and quoted words blanked, so that like ones are equal."""
    return _VARYING.sub("…", message[: 4 * _LONGEST_MESSAGE])[:_LONGEST_MESSAGE]
