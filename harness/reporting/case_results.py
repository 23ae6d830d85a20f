"""From records to case results, as a stream: a case is given as soon as its last repeat ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

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
_Number = TypeVar("_Number", int, float)


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
    collector = ComparableResultCollector()
    for record in records:
        collector.add(record)
    return collector.results()


def result_of(records: Sequence[OutcomeRecord]) -> CaseResult:
    """Return the result of one case in one variant.

    Args:
        records: All its repeats that ended, one at least.
    """
    first = records[0]
    case = _OpenCase(key_of(first), first)
    for record in records:
        case.add(record)
    return case.result()


class CaseResultCollector:
    """Collects the repeats of cases; memory holds only the cases that are not complete."""

    def __init__(self) -> None:
        self._open: dict[CaseKey, _OpenCase] = {}

    def add(self, record: OutcomeRecord) -> CaseResult | None:
        """Add an outcome; return the result of its case if this was the last repeat."""
        key = key_of(record)
        case = self._open.get(key)
        if case is None:
            case = self._open[key] = _OpenCase(key, record)
        case.add(record)
        if len(case.trials) < record["repeats"]:
            return None
        del self._open[key]
        return case.result()

    def finish(self) -> Iterator[CaseResult]:
        """Yield the results of cases of which repeats are missing, by those that came."""
        while self._open:
            key = next(iter(self._open))
            yield self._open.pop(key).result()


class ComparableResultCollector:
    """Collects results with their conditions, to be compared with others.

    Each case is held to the end: what is compared is held in memory anyway, and a run that was put
    together by hand may have more repeats than it announces.
    """

    def __init__(self) -> None:
        self._cases: dict[tuple[str, str, str], _ComparedCase] = {}

    def add(self, record: OutcomeRecord) -> None:
        """Add an outcome."""
        # by a plain tuple, which is equal to its key and made faster
        case = self._cases.get((record["suite"], record["case"], record["variant"]))
        if case is None:
            key = key_of(record)
            case = self._cases[key] = _ComparedCase(key, record)
        case.add(record)

    def results(self) -> list[CaseResult]:
        """Return a result for each case, in the order in which their first repeats came."""
        return [case.result() for case in self._cases.values()]


# of one trial: outcome, place in suite order, score, cost, latency, output tokens, and a hash or
# digest of the reply; None where there is none, or where nothing has to be told apart
_Trial: TypeAlias = tuple[
    str, int, float | None, float | None, float | None, int | None, int | str | None
]
# of a request: the model and the sampling settings
_Sampling: TypeAlias = tuple[str, frozenset[tuple[str, str]]]
# fingerprints of inputs and expectations, threshold and pass rate, and the sampling
_Conditions: TypeAlias = tuple[str | None, str | None, tuple[float | None, float], _Sampling]
_of_case = itemgetter("path", "line", "repeats", "pass_rate", "xfail", "skip")
_of_trial = itemgetter("outcome", "index", "score", "cost", "reply")


class _OpenCase:
    """A case of which repeats may be missing; no record is held, as texts may be long."""

    __slots__ = ("group", "key", "of_case", "trials")

    def __init__(self, key: CaseKey, first: OutcomeRecord) -> None:
        self.key, self.of_case, self.group = key, _of_case(first), first.get("group")
        self.trials: list[_Trial] = []

    def add(self, record: OutcomeRecord) -> None:
        outcome, index, score, cost, reply = _of_trial(record)
        latency = tokens = said = None
        if reply is not None:
            latency = reply["latency"] if is_timed(reply) else None
            tokens = record["usage"]["output_tokens"]
        # also of a conversation that broke off: what was said until then tells it from others
        if reply is not None or record["earlier_replies"]:
            said = self.name_of_reply(record)
        self.trials.append((outcome, index, score, cost, latency, tokens, said))

    def name_of_reply(self, record: OutcomeRecord) -> int | str | None:
        """Return what equal replies have in common; that of a single repeat is not looked at."""
        return reply_hash(record) if record["repeats"] > 1 else None

    def result(self) -> CaseResult:
        return self._with()

    def _with(self, **compared: Any) -> CaseResult:
        outcomes, indexes, scores, costs, latencies, tokens, said = zip(*self.trials, strict=True)
        path, line, repeats, pass_rate, xfail, skip = self.of_case
        known_tokens = _known(tokens)
        return CaseResult(
            self.key,
            path,
            line,
            repeats,
            pass_rate,
            xfail,
            skip,
            outcomes.count("passed"),
            outcomes.count("failed"),
            outcomes.count("errored"),
            outcomes.count("skipped"),
            outcomes.count("unjudged"),
            _known(scores),
            _known(latencies),
            known_tokens,
            _known(costs),
            len({*said} - _UNKNOWN) or min(1, len(known_tokens)),
            index=min(indexes),
            group=self.group,
            **compared,
        )


class _ComparedCase(_OpenCase):
    """The same with what only comparisons need.

    Attributes:
        metrics: Scores by name; `reported` has the names of those that user code reports.
        newest: The conditions of the newest record, `request` what it sent, and `sampling` what
            that says of sampling: repeats mostly have the same.
    """

    __slots__ = (
        "conditions", "metrics", "newest", "reported", "request", "requests", "sampling", "tags",
    )  # fmt: skip

    def __init__(self, key: CaseKey, first: OutcomeRecord) -> None:
        super().__init__(key, first)
        self.conditions: set[_Conditions] = set()
        self.newest: _Conditions | None = None
        self.requests: set[str] = set()
        self.metrics: dict[str, list[float]] = {}
        self.reported: set[str] = set()
        self.tags: list[str] = []
        self.request: Mapping[str, Any] = {}
        self.sampling = _sampling_of({})

    def add(self, record: OutcomeRecord) -> None:
        super().add(record)
        self.tags = record["tags"]
        for verdict in record["verdicts"]:
            for name, score, is_reported in metric_scores(verdict):
                self.metrics.setdefault(name, []).append(score)
                if is_reported:
                    self.reported.add(name)
        # what was not judged was not under any conditions either
        if record["outcome"] in _JUDGED:
            self._add_conditions(record)

    def name_of_reply(self, record: OutcomeRecord) -> str:
        """Return a name that outlives the process in baselines."""
        return reply_digest(record)

    def _add_conditions(self, record: OutcomeRecord) -> None:
        prints, request = record["fingerprints"], record["request"] or {}
        if request != self.request:
            self.request, self.sampling = request, _sampling_of(request)
        rules = (record["threshold"], record["pass_rate"])
        conditions = (prints.get("inputs"), prints.get("expectations"), rules, self.sampling)
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
        inputs, expectations, rules, sampling = zip(*self.conditions, strict=True)
        models, settings = zip(*sampling, strict=True)
        return CaseConditions(
            frozenset(inputs) - _UNKNOWN,
            frozenset(expectations) - _UNKNOWN,
            frozenset(rules),
            frozenset(self.requests),
            frozenset(models),
            settings[0].union(*settings[1:]),
        )

    def result(self) -> CaseResult:
        return self._with(
            replies=frozenset([trial[-1] for trial in self.trials]) - _UNKNOWN,
            conditions=self._all_conditions(),
            metrics=tuple(
                MetricScores(name, tuple(self.metrics[name]), name in self.reported)
                for name in sorted(self.metrics)
            ),
            tags=tuple(self.tags),
        )


def _sampling_of(request: Mapping[str, Any]) -> _Sampling:
    settings = [(name, repr(request[name])) for name in _SAMPLING if name in request]
    return str(request.get("model")), frozenset(settings)


def _known(values: Sequence[_Number | None]) -> tuple[_Number, ...]:
    return tuple([value for value in values if value is not None])


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
