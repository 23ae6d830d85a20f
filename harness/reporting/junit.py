"""JUnit XML, written case by case; the repeats of a case are one test."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harness.model.record import NOTHING_DECIDES, OutcomeRecord
from harness.reporting.cases import failures_at_length, split
from harness.reporting.failures import cases_in, first_reason, rerun_command
from harness.reporting.metrics import ComputedMetric
from harness.reporting.rates import CaseRow
from harness.reporting.summary import RunSummary, needs_attention
from harness.source import Excerpts

_WHITE_SPACE_IN_ATTRIBUTES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_LONGEST_MESSAGE = 4_000
_LONGEST_BODY = 64_000


def junit_xml(
    records: Callable[[], Iterable[OutcomeRecord]],
    excerpts: Excerpts,
    *,
    started: str,
    options: Sequence[str] = (),
    compute: Callable[[RunSummary], Sequence[ComputedMetric]] = lambda _summary: (),
) -> Iterator[str]:
    """Yield the pieces of a report in which passed, failed, errored and skipped are kept apart.

    Args:
        records: Returns the outcomes in suite order; it is called three times, first to judge the
            cases and to count.
        excerpts: Shows the places in the suites.
        started: When the run began, as ISO 8601.
        options: What a command to run a case again has to repeat.
        compute: Returns what the suites compute from their metrics; each is a test of its own.

    Source:
        The Jenkins xUnit plugin's `junit-10.xsd`; unjudged trials are skipped ones there.
    """
    summary = RunSummary()
    for record in records():
        summary.add(record)
    summary.finish()
    counts = _count(records(), summary)
    computed = compute(summary)
    of_metrics = _count_metrics(computed)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<testsuites name="harness"{_counts(_sum([*counts.values(), of_metrics]))}>\n'
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
        yield from _test_case(case, _Context(excerpts, options, summary))
    if current is not None:
        yield "</testsuite>\n"
    if computed:
        yield f'<testsuite name="metrics"{_counts(of_metrics)} timestamp={_attribute(started)}>\n'
        yield from map(_metric, computed)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


@dataclass(frozen=True, slots=True)
class _Context:
    """What the description of a case draws on beside its records."""

    excerpts: Excerpts
    options: Sequence[str]
    summary: RunSummary


_NUMBERS = ("tests", "failures", "errors", "skipped", "time")


def _count(records: Iterable[OutcomeRecord], summary: RunSummary) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for case in cases_in(records):
        of_suite = counts.setdefault(case[0]["suite"], dict.fromkeys(_NUMBERS, 0))
        of_suite["tests"] += 1
        of_suite["time"] += _seconds(case)
        kind = _kind(case, summary)
        if kind is not None:
            of_suite[kind] += 1
    return counts


def _count_metrics(computed: Sequence[ComputedMetric]) -> dict[str, float]:
    errors = sum(metric.value is None for metric in computed)
    failures = sum(not metric.passed for metric in computed) - errors
    counts = dict.fromkeys(_NUMBERS, 0.0)
    return {**counts, "tests": len(computed), "failures": failures, "errors": errors}


def _metric(metric: ComputedMetric) -> str:
    variant = "" if metric.variant == "default" else f"[{metric.variant}]"
    name = f"classname={_attribute(metric.suite)} name={_attribute(f'{metric.name}{variant}')}"
    if metric.passed:
        return f'<testcase {name} time="0.000"/>\n'
    tag = "error" if metric.value is None else "failure"
    told = f"<{tag} message={_attribute(metric.line)}/>"
    return f'<testcase {name} time="0.000">{told}</testcase>\n'


def _kind(case: Sequence[OutcomeRecord], summary: RunSummary) -> str | None:
    """Return what a case counts as; one whose pass rate allows for its failures is passed."""
    outcomes = {record["outcome"] for record in case}
    if outcomes <= {"skipped", "unjudged"}:
        return "skipped"
    if case[0]["xfail"] is not None:
        return "skipped" if outcomes & {"failed", "errored"} else None
    wrong = {record["outcome"] for record in case if needs_attention(record, summary)}
    if "failed" in wrong:
        return "failures"
    return "errors" if wrong else None


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


def _test_case(case: Sequence[OutcomeRecord], context: _Context) -> Iterator[str]:
    name = case[0]["id"].partition("::")[2].partition("#")[0]
    yield (
        f"<testcase classname={_attribute(case[0]['suite'])} name={_attribute(name)}"
        f' time="{_seconds(case):.3f}">\n'
    )
    properties = "".join(
        f"<property name={_attribute(key)} value={_attribute(value)}/>"
        for key, value in _properties(case)
    )
    yield f"<properties>{properties}</properties>\n"
    yield _result(case, context)
    yield "</testcase>\n"


def _result(case: Sequence[OutcomeRecord], context: _Context) -> str:
    kind = _kind(case, context.summary)
    if kind is None:
        return ""
    if kind == "skipped":
        reason = case[0]["skip"] or case[0]["xfail"] or NOTHING_DECIDES
        return f"<skipped message={_attribute(reason)}/>\n"
    tag, outcome = ("failure", "failed") if kind == "failures" else ("error", "errored")
    first = next(record for record in case if record["outcome"] == outcome)
    error = first["error"]
    of_type = error["reason"] if error is not None else outcome
    again = rerun_command(first, context.options)
    text = failures_at_length(case, context.excerpts, again)
    message = first_reason(first)
    if len(case) > 1:
        message = f"{split(case)}: {message}"
    return (
        f"<{tag} type={_attribute(str(of_type))}"
        f" message={_attribute(_shortened(message, _LONGEST_MESSAGE))}>"
        f"{html.escape(_printable(_shortened(text, _LONGEST_BODY)), quote=False)}</{tag}>\n"
    )


def _properties(case: Sequence[OutcomeRecord]) -> Iterator[tuple[str, str]]:
    first, row = case[0], CaseRow.of(case)
    yield "place", f"{first['path']}:{first['line']}"
    yield "variant", first["variant"]
    if first["model"]:
        yield "model", first["model"]
    if len(case) > 1:
        yield "passed", f"{row.passed}/{row.judged}"
        yield "passed_interval", f"[{row.interval.low:.3f}, {row.interval.high:.3f}]"
        yield "distinct_replies", str(len(row.replies))
    scores = [record["score"] for record in case if record["score"] is not None]
    if scores:
        yield "score", f"{statistics.fmean(scores):.4f}"
    replies = [record["reply"] for record in case if record["reply"] is not None]
    if replies:
        for name in ("input_tokens", "output_tokens"):
            yield name, str(sum(record["usage"][name] for record in case))
        yield "latency", f"{statistics.fmean(reply['latency'] for reply in replies):.4f}"
        firsts = [each["first_token"] for each in replies if each["first_token"] is not None]
        if firsts:
            yield "first_token", f"{statistics.fmean(firsts):.4f}"
    costs = [record["cost"] for record in case if record["cost"] is not None]
    if costs:
        yield "cost", f"{sum(costs):.6f}"
    yield "outcome", first["outcome"] if len(case) == 1 else row.label
    yield "attempts", str(sum(len(record["attempts"]) for record in case))


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… (truncated)"


def _printable(text: str) -> str:
    """Return the text with what XML 1.0 cannot carry written as escapes."""
    return _forbidden().sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@cache
def _forbidden() -> re.Pattern[str]:
    return re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _attribute(text: str) -> str:
    escaped = html.escape(_printable(text))
    for character, reference in _WHITE_SPACE_IN_ATTRIBUTES.items():
        escaped = escaped.replace(character, reference)
    return f'"{escaped}"'
