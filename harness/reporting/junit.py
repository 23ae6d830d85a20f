"""JUnit XML, written case by case; the repeats of a case are one test."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from harness.excerpts import Excerpts
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseLabel, CaseResult
from harness.model.identical_variants import IdenticalVariants, counted
from harness.model.record import NOTHING_DECIDES, OutcomeRecord, answered_by
from harness.reporting.case_results import result_of
from harness.reporting.case_texts import failures_at_length, first_problem, split_words
from harness.reporting.failures import cases_in, first_reason, is_broken_off, rerun_command
from harness.reporting.metrics import ComputedMetric, MetricStatus
from harness.reporting.summary import RunSummary
from harness.stats.means import mean

_WHITE_SPACE_IN_ATTRIBUTES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_LONGEST_MESSAGE = 4_000
_LONGEST_BODY = 64_000


class Excuse(NamedTuple):
    """Why a failing case does not fail the run: in a few words, and in a sentence."""

    kind: str
    reason: str


class GateTest(NamedTuple):
    """A question about the whole run, and why it fails the run, if it does."""

    name: str
    failure: str | None


_NO_EXCUSES: Mapping[CaseKey, Excuse] = MappingProxyType({})


def junit_xml(
    records: Callable[[], Iterable[OutcomeRecord]],
    excerpts: Excerpts,
    *,
    started: str,
    is_simulated: bool = False,
    options: Sequence[str] = (),
    compute: Callable[[RunSummary], Sequence[ComputedMetric]] = lambda _summary: (),
    identical: Sequence[IdenticalVariants] = (),
    excuses: Mapping[CaseKey, Excuse] = _NO_EXCUSES,
    gate: Sequence[GateTest] = (),
) -> Iterator[str]:
    """Yield the pieces of a report in which passed, failed, errored and skipped are kept apart.

    Args:
        records: Returns the outcomes in suite order; it is called three times, first to judge the
            cases and to count.
        excerpts: Shows the places in the suites.
        started: When the run began, as ISO 8601.
        is_simulated: Whether the settings of the run name the simulator.
        options: What a command to run a case again has to repeat.
        compute: Returns what the suites compute from their metrics; each is a test of its own.
        identical: Variants that send the same request; a property of their suite.
        excuses: Why failing cases do not fail the run; they are skipped tests, as pytest's expected
            failures are.
        gate: What fails the run although no case does; each is a test of its own, and so is a run
            in which nothing was judged.

    Source:
        The Jenkins xUnit plugin's `junit-10.xsd`; unjudged trials are skipped ones there.
    """
    summary = RunSummary()
    for record in records():
        summary.add(record)
    summary.finish()
    counts = _count(records(), excuses)
    computed = compute(summary)
    of_metrics = _count_metrics(computed)
    if summary.status() is RunStatus.UNJUDGED:
        gate = [*gate, GateTest("judged", "UNJUDGED: nothing was judged")]
    of_gate = _count_gate(gate)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<testsuites name="harness"{_counts(_sum([*counts.values(), of_metrics, of_gate]))}>\n'
    context = _Context(excerpts, options, excuses, is_simulated)
    current = None
    for case in cases_in(records()):
        if case[0]["suite"] != current:
            if current is not None:
                yield "</testsuite>\n"
            current = case[0]["suite"]
            yield (
                f"<testsuite name={_attribute(current)}{_counts(counts[current])}"
                f" timestamp={_attribute(started)}>\n"
            )
            yield from _suite_properties([one for one in identical if one.suite == current])
        yield from _test_case(_Case(case, result_of(case)), context)
    if current is not None:
        yield "</testsuite>\n"
    if computed:
        yield f'<testsuite name="metrics"{_counts(of_metrics)} timestamp={_attribute(started)}>\n'
        yield from map(_metric, computed)
        yield "</testsuite>\n"
    if gate:
        yield f'<testsuite name="gate"{_counts(of_gate)} timestamp={_attribute(started)}>\n'
        yield from map(_gate_test, gate)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


@dataclass(frozen=True, slots=True)
class _Context:
    """What the description of a case draws on beside its records."""

    excerpts: Excerpts
    options: Sequence[str]
    excuses: Mapping[CaseKey, Excuse]
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class _Case:
    records: Sequence[OutcomeRecord]
    result: CaseResult


_NUMBERS = ("tests", "failures", "errors", "skipped", "time")


_KINDS = {
    CaseLabel.FAILED: "failures",
    CaseLabel.FLAKY: "failures",
    CaseLabel.ERRORED: "errors",
    CaseLabel.XFAILED: "skipped",
    CaseLabel.SKIPPED: "skipped",
    CaseLabel.UNJUDGED: "skipped",
}  # of labels that are no plain pass


def _kind(result: CaseResult, excuses: Mapping[CaseKey, Excuse]) -> str | None:
    kind = _KINDS.get(result.label)
    return "skipped" if kind == "failures" and result.key in excuses else kind


def _count(
    records: Iterable[OutcomeRecord], excuses: Mapping[CaseKey, Excuse]
) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for case in cases_in(records):
        of_suite = counts.setdefault(case[0]["suite"], dict.fromkeys(_NUMBERS, 0))
        of_suite["tests"] += 1
        of_suite["time"] += _seconds(case)
        kind = _kind(result_of(case), excuses)
        if kind is not None:
            of_suite[kind] += 1
    return counts


_METRIC_KINDS = {
    MetricStatus.MISSED: "failures",
    MetricStatus.ERRORED: "errors",
    MetricStatus.NOT_CHECKED: "skipped",
}
_METRIC_TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _count_metrics(computed: Sequence[ComputedMetric]) -> dict[str, float]:
    counts = {**dict.fromkeys(_NUMBERS, 0.0), "tests": float(len(computed))}
    for metric in computed:
        kind = _METRIC_KINDS.get(metric.status)
        if kind is not None:
            counts[kind] += 1
    return counts


def _metric(metric: ComputedMetric) -> str:
    variant = "" if metric.variant == "default" else f"[{metric.variant}]"
    name = f"classname={_attribute(metric.suite)} name={_attribute(f'{metric.name}{variant}')}"
    kind = _METRIC_KINDS.get(metric.status)
    if kind is None:
        return f'<testcase {name} time="0.000"/>\n'
    reason = f"<{_METRIC_TAGS[kind]} message={_attribute(metric.line)}/>"
    return f'<testcase {name} time="0.000">{reason}</testcase>\n'


def _count_gate(gate: Sequence[GateTest]) -> dict[str, float]:
    failures = sum(test.failure is not None for test in gate)
    return {**dict.fromkeys(_NUMBERS, 0.0), "tests": float(len(gate)), "failures": float(failures)}


def _gate_test(test: GateTest) -> str:
    named = f'<testcase classname="gate" name={_attribute(test.name)} time="0.000"'
    if test.failure is None:
        return f"{named}/>\n"
    shortened = _attribute(_shortened(test.failure, _LONGEST_MESSAGE))
    return f'{named}><failure type="gate" message={shortened}/></testcase>\n'


def _seconds(case: Sequence[OutcomeRecord]) -> float:
    return sum(record["timings"]["total"] for record in case)


def _sum(counts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total = dict.fromkeys(_NUMBERS, 0.0)
    for count in counts:
        for name in _NUMBERS:
            total[name] += count[name]
    return total


def _counts(counts: Mapping[str, float]) -> str:
    whole = "".join(f' {name}="{counts[name]:.0f}"' for name in _NUMBERS[:-1])
    return f'{whole} time="{counts["time"]:.3f}"'


def _suite_properties(identical: Sequence[IdenticalVariants]) -> Iterator[str]:
    if identical:
        value = _attribute(counted(identical))
        yield f'<properties><property name="identical_variants" value={value}/></properties>\n'


def _test_case(case: _Case, context: _Context) -> Iterator[str]:
    key = case.result.key
    name = str(key).removeprefix(f"{key.suite}::")
    yield (
        f"<testcase classname={_attribute(key.suite)} name={_attribute(name)}"
        f' time="{_seconds(case.records):.3f}">\n'
    )
    properties = "".join(
        f"<property name={_attribute(property_name)} value={_attribute(value)}/>"
        for property_name, value in _properties(case, context)
    )
    yield f"<properties>{properties}</properties>\n"
    yield _outcome(case, context)
    yield "</testcase>\n"


def _outcome(case: _Case, context: _Context) -> str:
    result, records = case.result, case.records
    kind = _kind(result, context.excuses)
    if kind is None:
        return ""
    if result.key in context.excuses and kind == "skipped":
        return _excused(case, context.excuses[result.key])
    if kind == "skipped":
        reason = result.skip or result.xfail or NOTHING_DECIDES
        return f"<skipped message={_attribute(reason)}/>\n"
    tag = {"failures": "failure", "errors": "error"}[kind]
    first = first_problem(result, records)
    error = first["error"]
    of_type = error["reason"] if error is not None and is_broken_off(first) else first["outcome"]
    again = rerun_command(first, context.options)
    text = failures_at_length(result, records, context.excerpts, again)
    message = _message(case, first)
    return (
        f"<{tag} type={_attribute(str(of_type))}"
        f" message={_attribute(_shortened(message, _LONGEST_MESSAGE))}>"
        f"{html.escape(_printable(_shortened(text, _LONGEST_BODY)), quote=False)}</{tag}>\n"
    )


def _excused(case: _Case, excuse: Excuse) -> str:
    message = f"{excuse.reason}: {_message(case, first_problem(case.result, case.records))}"
    shortened = _attribute(_shortened(message, _LONGEST_MESSAGE))
    return f"<skipped type={_attribute(excuse.kind)} message={shortened}/>\n"


def _message(case: _Case, first: OutcomeRecord) -> str:
    reason = first_reason(first)
    return f"{split_words(case.result)}: {reason}" if len(case.records) > 1 else reason


def _properties(case: _Case, context: _Context) -> Iterator[tuple[str, str]]:
    first, records, result = case.records[0], case.records, case.result
    yield "place", f"{result.path}:{result.line}"
    yield "variant", result.key.variant
    if first["model"]:
        yield "model", first["model"]
    if len(records) > 1:
        yield "passed", f"{result.passed}/{result.judged}"
        yield "passed_interval", f"[{result.interval.low:.3f}, {result.interval.high:.3f}]"
        yield "distinct_replies", str(result.distinct_replies)
    if result.score is not None:
        yield "score", f"{result.score:.4f}"
    replies = [record["reply"] for record in records if record["reply"] is not None]
    if replies:
        answering = (answered_by(one, is_simulated=context.is_simulated) for one in records)
        yield "answered_by", ", ".join(dict.fromkeys(filter(None, answering)))
        for name in ("input_tokens", "output_tokens"):
            counts = [count for record in records if (count := record["usage"][name]) is not None]
            if len(counts) == len(records):
                yield name, str(sum(counts))
        yield "latency", f"{mean([reply['latency'] for reply in replies]):.4f}"
        firsts = [reply["first_token"] for reply in replies if reply["first_token"] is not None]
        if firsts:
            yield "first_token", f"{mean(firsts):.4f}"
    if result.cost is not None:
        yield "cost", f"{result.cost:.6f}"
    yield "outcome", result.label.value
    yield "attempts", str(sum(len(record["attempts"]) for record in records))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… (truncated)"


def _printable(text: str) -> str:
    """Return the text with what XML 1.0 cannot carry written as escapes."""
    return _forbidden().sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@cache
def _forbidden() -> re.Pattern[str]:
    return re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _attribute(text: str) -> str:
    escaped = html.escape(_printable(text))
    for character, reference in _WHITE_SPACE_IN_ATTRIBUTES.items():
        escaped = escaped.replace(character, reference)
    return f'"{escaped}"'
