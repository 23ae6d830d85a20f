"""From records to case results, as a stream: a case is given as soon as its last repeat ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from harness.json_text import json_bytes
from harness.model.case_result import CaseConditions, CaseKey, CaseResult, MetricScores
from harness.model.record import OutcomeRecord, is_timed, metric_scores

_SAMPLING = ("temperature", "top_p", "top_k", "max_tokens", "stop_sequences")
_DIGEST_BYTES = 8
# names that a service gives anew each time, and what is never shown to users of a model
_VOLATILE = frozenset({"id", "tool_use_id", "signature"})
_JUDGED = frozenset({"passed", "failed", "errored"})
_UNKNOWN = frozenset({None})
_NO_CONDITIONS = CaseConditions()
_HIDDEN_BLOCKS = frozenset({"thinking", "redacted_thinking"})


def key_of(record: OutcomeRecord) -> CaseKey:
    """Return the case and variant that a record is of."""
    return CaseKey(record["suite"], record["case"], record["variant"])


def case_results(records: Iterable[OutcomeRecord]) -> Iterator[CaseResult]:
    """Yield a result for each case and variant, in the order in which their last repeats come.

    Args:
        records: In any order.
    """
    collector = CaseResultCollector()
    for record in records:
        result = collector.add(record)
        if result is not None:
            yield result
    yield from collector.finish()


def comparable_results(records: Iterable[OutcomeRecord]) -> list[CaseResult]:
    """Return all results with their conditions, to be compared with those of another run."""
    cases: dict[CaseKey, _OpenCase] = {}
    for record in records:
        key = key_of(record)
        case = cases.get(key)
        if case is None:
            case = cases[key] = _OpenCase(key, record, record["index"])
        case.add(record, has_conditions=True)
    return [case.result() for case in cases.values()]


def result_of(records: Sequence[OutcomeRecord]) -> CaseResult:
    """Return the result of one case in one variant.

    Args:
        records: All its repeats that ended, one at least.
    """
    first = records[0]
    case = _OpenCase(key_of(first), first, first["index"])
    for record in records:
        case.add(record, has_conditions=False)
    return case.result()


class CaseResultCollector:
    """Collects the repeats of cases; memory holds only the cases that are not complete.

    Args:
        has_conditions: Whether the results will be compared with others. Such a collector gives
            everything at its end: what is compared is held in memory anyway, and a run that was
            put together by hand may have more repeats than it announces.
    """

    def __init__(self, *, has_conditions: bool = False) -> None:
        self._has_conditions = has_conditions
        self._open: dict[CaseKey, _OpenCase] = {}

    def add(self, record: OutcomeRecord) -> CaseResult | None:
        """Add an outcome; return the result of its case if this was the last repeat."""
        key = CaseKey(record["suite"], record["case"], record["variant"])
        case = self._open.get(key)
        if case is None:
            case = self._open[key] = _OpenCase(key, record, record["index"])
        case.add(record, has_conditions=self._has_conditions)
        if self._has_conditions or case.ended < record["repeats"]:
            return None
        del self._open[key]
        return case.result()

    def finish(self) -> Iterator[CaseResult]:
        """Yield the results of cases of which repeats are missing, by those that came."""
        while self._open:
            key = next(iter(self._open))
            yield self._open.pop(key).result()


# fingerprints of inputs and expectations, threshold, pass rate, model, sampling settings
_Conditions: TypeAlias = tuple[
    str | None, str | None, float | None, float, str, tuple[tuple[str, str], ...]
]


@dataclass(slots=True)
class _OpenCase:
    """A case of which repeats may be missing.

    Attributes:
        identities: Hashes of the distinct replies; those of a single repeat need no telling apart.
        digests: The same for results that are compared, which outlive the process in baselines.
        metrics: Scores by name, for results that are compared; `reported` has the names of those
            that user code reports.
        newest: The conditions of the newest record, `request` what it sent, and `settings` the
            sampling settings of that: repeats mostly have the same.
    """

    key: CaseKey
    first: OutcomeRecord
    index: int
    ended: int = 0
    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    unjudged: int = 0
    scores: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    identities: set[int] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)
    conditions: set[_Conditions] = field(default_factory=set)
    newest: _Conditions | None = None
    requests: set[str] = field(default_factory=set)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    reported: set[str] = field(default_factory=set)
    tags: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)
    settings: tuple[tuple[str, str], ...] = ()

    def add(self, record: OutcomeRecord, *, has_conditions: bool) -> None:
        self.ended += 1
        outcome, index, reply = record["outcome"], record["index"], record["reply"]
        score, cost = record["score"], record["cost"]
        setattr(self, outcome, getattr(self, outcome) + 1)
        if index < self.index:
            self.index = index
        if score is not None:
            self.scores.append(score)
        if cost is not None:
            self.costs.append(cost)
        if reply is not None:
            if is_timed(reply):
                self.latencies.append(reply["latency"])
            tokens = record["usage"]["output_tokens"]
            if tokens is not None:
                self.tokens.append(tokens)
            if has_conditions:
                self.digests.add(reply_digest(record))
            elif record["repeats"] > 1:
                self.identities.add(reply_hash(record))
        if has_conditions:
            self._add_compared(record)

    def _add_compared(self, record: OutcomeRecord) -> None:
        """Add what only comparisons need."""
        self.tags = tuple(record["tags"])
        for verdict in record["verdicts"]:
            for name, score, is_reported in metric_scores(verdict):
                self.metrics.setdefault(name, []).append(score)
                if is_reported:
                    self.reported.add(name)
        # what was not judged was not under any conditions either
        if record["outcome"] in _JUDGED:
            self._add_conditions(record)

    def _add_conditions(self, record: OutcomeRecord) -> None:
        prints, request = record["fingerprints"], record["request"] or {}
        if request != self.request:
            self.request = request
            self.settings = tuple(
                [(name, repr(request[name])) for name in _SAMPLING if name in request]
            )
        conditions = (
            prints.get("inputs"),
            prints.get("expectations"),
            record["threshold"],
            record["pass_rate"],
            str(request.get("model")),
            self.settings,
        )
        # repeats mostly have the same ones, which are compared faster than hashed
        if conditions != self.newest:
            self.newest = conditions
            self.conditions.add(conditions)
        sent = prints.get("request")
        # the hash of a request holds its repeat, so only first repeats can be equal
        if record["repeat"] == 1 and sent is not None:
            self.requests.add(sent)

    def _all_conditions(self) -> CaseConditions:
        if not self.conditions:
            return _NO_CONDITIONS
        inputs, expectations, thresholds, pass_rates, models, settings = zip(
            *self.conditions, strict=True
        )
        return CaseConditions(
            frozenset(inputs) - _UNKNOWN,
            frozenset(expectations) - _UNKNOWN,
            frozenset(zip(thresholds, pass_rates, strict=True)),
            frozenset(self.requests),
            frozenset(models),
            frozenset().union(*settings),
        )

    def result(self) -> CaseResult:
        first = self.first
        single = 1 if self.tokens else 0
        return CaseResult(
            self.key,
            first["path"],
            first["line"],
            first["repeats"],
            first["pass_rate"],
            first["xfail"],
            first["skip"],
            self.passed,
            self.failed,
            self.errored,
            self.skipped,
            self.unjudged,
            tuple(self.scores),
            tuple(self.latencies),
            tuple(self.tokens),
            tuple(self.costs),
            len(self.digests) or len(self.identities) or single,
            frozenset(self.digests),
            self.index,
            conditions=self._all_conditions(),
            metrics=tuple(
                MetricScores(name, tuple(self.metrics[name]), name in self.reported)
                for name in sorted(self.metrics)
            ),
            tags=self.tags,
            group=first.get("group"),
        )


def reply_digest(record: OutcomeRecord) -> str:
    """Return a short name for what was said: texts and tool calls of all turns.

    Two trials have the same digest if their replies are the same for whoever uses them. The ids
    that a service gives to tool calls, and a model's thinking, make no difference.
    """
    return hashlib.blake2b(_identity(record), digest_size=_DIGEST_BYTES).hexdigest()


def reply_hash(record: OutcomeRecord) -> int:
    """Return a number that is equal for equal replies, in this process only."""
    return hash(_identity(record))


def _identity(record: OutcomeRecord) -> bytes:
    reply, earlier = record["reply"], record["earlier_replies"]
    last = [] if reply is None else [_said(reply["message"].get("content"))]
    if last and not earlier and isinstance(last[0], str):
        return last[0].encode("utf-8", "surrogatepass")
    turns = [_said(turn["message"].get("content")) for turn in earlier]
    return json_bytes([*turns, *last], sort_keys=True)


def _said(content: Any) -> str | list[Any]:
    """Return the text of a message, or its blocks where there is more than text."""
    if not isinstance(content, list):
        return str(content or "")
    if len(content) == 1 and isinstance(content[0], dict) and content[0].get("type") == "text":
        return str(content[0].get("text", ""))  # as most replies are
    blocks = [block for block in content if _is_said(block)]
    if all(isinstance(block, Mapping) and block.get("type") == "text" for block in blocks):
        return "".join(str(block.get("text", "")) for block in blocks)
    return [_stable(block) for block in blocks]


def _is_said(block: Any) -> bool:
    return not isinstance(block, Mapping) or block.get("type") not in _HIDDEN_BLOCKS


def _stable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: part for key, part in value.items() if key not in _VOLATILE}
    return value
