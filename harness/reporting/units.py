"""What a run has to say of each case: the unit that runs are compared by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.model.record import OutcomeRecord, is_timed

Key = tuple[str, ...]


@dataclass(slots=True)
class Unit:
    """All trials of a case that are compared with each other.

    Attributes:
        passed: Trials that passed.
        counted: Trials that passed, failed or errored; an error counts as a failure.
        errored: Trials that could not be judged.
        scores: Of the trials that have one.
        latencies: Seconds, of real calls.
        tokens: Output tokens of the trials with a reply.
        costs: USD, where the price is known.
        replies: Hashes of what was said.
        inputs: Fingerprints of the variables of the case.
        expectations: Fingerprints of what was expected.
        rules: Threshold and pass rate.
    """

    suite: str
    case: str
    variant: str
    path: str
    line: int
    passed: int = 0
    counted: int = 0
    errored: int = 0
    pass_rate: float = 1.0
    scores: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    replies: set[int] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    expectations: set[str] = field(default_factory=set)
    rules: set[tuple[float | None, float]] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """What people call it."""
        variant = "" if self.variant == "default" else f"[{self.variant}]"
        return f"{self.suite}::{self.case}{variant}"

    @property
    def fraction(self) -> float:
        """The share of its trials that passed."""
        return self.passed / self.counted

    @property
    def passes(self) -> bool:
        """Whether so many passed as the case asks for."""
        return self.fraction >= self.pass_rate - 1e-9

    @property
    def is_flaky(self) -> bool:
        """Whether its repeats disagree."""
        return 0 < self.passed < self.counted

    def add(self, record: OutcomeRecord) -> None:
        """Count a trial."""
        self.counted += 1
        self.passed += record["outcome"] == "passed"
        self.errored += record["outcome"] == "errored"
        self.pass_rate = record["pass_rate"]
        if record["score"] is not None:
            self.scores.append(record["score"])
        reply = record["reply"]
        if reply is not None:
            if is_timed(reply):
                self.latencies.append(reply["latency"])
            self.tokens.append(record["usage"]["output_tokens"])
            self.replies.add(hash(reply["text"]))
        if record["cost"] is not None:
            self.costs.append(record["cost"])
        prints = record["fingerprints"]
        for kept, name in (
            (self.inputs, "inputs"),
            (self.expectations, "expectations"),
            (self.requests, "request"),
        ):
            value = prints.get(name)
            if value is not None:
                kept.add(value)
        self.rules.add((record["threshold"], record["pass_rate"]))


def by_case_and_variant(record: OutcomeRecord) -> Key:
    """Return what a trial is compared with: the same case in the same variant."""
    return record["suite"], record["case"], record["variant"]


def by_case(record: OutcomeRecord) -> Key:
    """Return what a trial is compared with: the same case, whatever the variant."""
    return record["suite"], record["case"]


@dataclass(slots=True)
class Side:
    """One side of a comparison.

    Attributes:
        planned: Trials that are there, whatever became of them.
        skipped: Trials that were skipped, or of which nothing was expected.
    """

    name: str
    units: dict[Key, Unit] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    settings: set[tuple[str, str]] = field(default_factory=set)
    planned: int = 0
    skipped: int = 0

    def add(self, record: OutcomeRecord, key: Key) -> None:
        """Count a trial."""
        self.planned += 1
        if record["outcome"] not in {"passed", "failed", "errored"}:
            self.skipped += 1
            return
        unit = self.units.get(key)
        if unit is None:
            unit = self.units[key] = Unit(
                record["suite"], record["case"], record["variant"], record["path"], record["line"]
            )
        unit.add(record)
        request = record["request"] or {}
        self.models.add(str(request.get("model")))
        self.settings |= {(name, repr(request[name])) for name in _SAMPLING if name in request}


_SAMPLING = ("temperature", "top_p", "top_k", "max_tokens", "stop_sequences")


def side_of(
    name: str, records: Iterable[OutcomeRecord], key: Callable[[OutcomeRecord], Key]
) -> Side:
    """Return the side that some records make up."""
    side = Side(name)
    for record in records:
        side.add(record, key(record))
    return side
