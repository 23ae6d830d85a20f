"""What a run has to say of each case: the unit that runs are compared by."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from harness.model.record import OutcomeRecord, is_timed
from harness.stats.stratified import Repeats

Key = tuple[str, ...]
MOST_FALSE = 0.1  # of the cases that are said to have moved
_COUNTED = frozenset({"passed", "failed", "errored"})
_SAMPLING = ("temperature", "top_p", "top_k", "max_tokens", "stop_sequences")


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
        requests: Fingerprints of what the first repeat sent; those of others are always others.
        models: What was asked for.
        settings: Names and values of sampling settings.
        variants: Which variants the trials are of; several where variants are put together.
    """

    suite: str
    case: str
    variant: str
    path: str = ""
    line: int = 0
    passed: int = 0
    counted: int = 0
    errored: int = 0
    pass_rate: float = 1.0
    scores: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    replies: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    expectations: set[str] = field(default_factory=set)
    rules: set[tuple[float | None, float]] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    settings: set[tuple[str, str]] = field(default_factory=set)
    variants: set[str] = field(default_factory=set)

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
        return 0 < self.passed < self.counted and len(self.variants) <= 1

    @property
    def share(self) -> str:
        """How many of how many passed, in words."""
        if self.counted > 1:
            return f"{self.passed}/{self.counted}"
        if self.errored:
            return "errored"
        return "passed" if self.passed else "failed"

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
            self.replies.add(text_hash(reply["text"]))
        if record["cost"] is not None:
            self.costs.append(record["cost"])
        prints = record["fingerprints"]
        for kept, name in (
            (self.inputs, "inputs"),
            (self.expectations, "expectations"),
            (self.requests, "request"),
        ):
            value = prints.get(name)
            if value is not None and (name != "request" or record["repeat"] == 1):
                kept.add(value)
        self.rules.add((record["threshold"], record["pass_rate"]))
        self.variants.add(record["variant"])
        request = record["request"] or {}
        self.models.add(str(request.get("model")))
        self.settings |= {(name, repr(request[name])) for name in _SAMPLING if name in request}


@dataclass(frozen=True, slots=True)
class Pair:
    """A case on both sides.

    Attributes:
        q: Of the hypothesis that it passes as often as before, by its repeats alone, adjusted for
            all cases that are compared; None if there are no repeats on both sides.
    """

    old: Unit
    new: Unit
    q: float | None = None

    @property
    def repeats(self) -> Repeats:
        """How often it passed on both sides."""
        return Repeats(self.old.passed, self.old.counted, self.new.passed, self.new.counted)

    @property
    def has_repeats(self) -> bool:
        """Whether it ran more than once on both sides, and was the same each time."""
        return all(each.counted > 1 and len(each.variants) <= 1 for each in (self.old, self.new))

    @property
    def is_sure(self) -> bool:
        """Whether its own repeats tell that it passes more or less often."""
        return self.q is not None and self.q < MOST_FALSE


def by_case_and_variant(record: OutcomeRecord) -> Key:
    """Return what a trial is compared with: the same case in the same variant."""
    return record["suite"], record["case"], record["variant"]


def key_of(unit: Unit) -> Key:
    """Return what a case in a variant is found by."""
    return unit.suite, unit.case, unit.variant


def by_case(record: OutcomeRecord) -> Key:
    """Return what a trial is compared with: the same case, whatever the variant."""
    return record["suite"], record["case"]


@dataclass(slots=True)
class RunSide:
    """One side of a comparison.

    Attributes:
        skipped: By variant, trials that were skipped, or of which nothing was expected.
        excluded: By variant, trials that errored and were left out, because that was asked for.
        judge: The model that judged replies, if one did.
        unjudged: Cases of which trials were skipped, or of which nothing was expected.
        excludes_errors: Whether a trial that errored is left out instead of counted as a failure.
    """

    name: str
    units: dict[Key, Unit] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    judge: str | None = None
    unjudged: set[Key] = field(default_factory=set)
    excludes_errors: bool = False

    @property
    def trials(self) -> int:
        """How many trials there are, whatever became of them."""
        counted = sum(unit.counted for unit in self.units.values())
        return counted + self.skipped.total() + self.excluded.total()

    @property
    def errored(self) -> int:
        """How many trials could not be judged and count as failures."""
        return sum(unit.errored for unit in self.units.values())

    @property
    def models(self) -> set[str]:
        """What was asked for."""
        return {model for unit in self.units.values() for model in unit.models}

    @property
    def settings(self) -> set[tuple[str, str]]:
        """Names and values of sampling settings."""
        return {setting for unit in self.units.values() for setting in unit.settings}

    def add(self, record: OutcomeRecord, key: Key) -> None:
        """Count a trial."""
        if record["outcome"] not in _COUNTED:
            self.skipped[record["variant"]] += 1
            self.unjudged.add(key)
            return
        if self.excludes_errors and record["outcome"] == "errored":
            self.excluded[record["variant"]] += 1
            return
        unit = self.units.get(key)
        if unit is None:
            unit = self.units[key] = Unit(
                record["suite"], record["case"], record["variant"], record["path"], record["line"]
            )
        unit.add(record)

    def part(self, keys: Iterable[Key]) -> RunSide:
        """Return the side with these cases only."""
        wanted = set(keys)
        return replace(self, units={key: unit for key, unit in self.units.items() if key in wanted})


def side_of(
    name: str,
    records: Iterable[OutcomeRecord],
    key: Callable[[OutcomeRecord], Key],
    *,
    excludes_errors: bool = False,
) -> RunSide:
    """Return the side that some records make up."""
    side = RunSide(name, excludes_errors=excludes_errors)
    for record in records:
        side.add(record, key(record))
    return side


def by_variant(old: RunSide, new: RunSide) -> Iterator[tuple[str, RunSide, RunSide]]:
    """Yield each variant with what both sides have of it.

    Variants of one case share its question, so their changes are not independent of each other;
    each is compared for itself. Of a variant that only the new side has there is nothing to say.
    """
    parts = [variants_of(side) for side in (old, new)]
    for variant, side in parts[0].items():
        if side.units:
            yield variant, side, parts[1].get(variant) or RunSide(new.name)


def new_variants(old: RunSide, new: RunSide) -> list[str]:
    """Return the variants that only the new side has."""
    known = {unit.variant for unit in old.units.values()}
    return sorted({unit.variant for unit in new.units.values()} - known)


def variants_of(side: RunSide) -> dict[str, RunSide]:
    """Return what a side has of each variant."""
    names = {unit.variant: None for unit in side.units.values()} | dict.fromkeys(
        (*side.skipped, *side.excluded)
    )
    parts = {
        name: replace(
            side,
            units={},
            skipped=Counter({name: side.skipped[name]}),
            excluded=Counter({name: side.excluded[name]}),
        )
        for name in names
    }
    for key, unit in side.units.items():
        parts[unit.variant].units[key] = unit
    return parts


def text_hash(text: str) -> str:
    """Return a short name for a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
