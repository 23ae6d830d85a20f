"""JUnit XML, written trial by trial."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from harness.model.record import OutcomeRecord
from harness.reporting.failures import failure_text, first_reason
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
) -> Iterator[str]:
    """Yield the pieces of a report in which passed, failed, errored and skipped are kept apart.

    Args:
        records: Returns the outcomes in suite order; it is called three times, first to judge the
            cases and to count.
        excerpts: Shows the places in the suites.
        started: When the run began, as ISO 8601.
        options: What a command to run a trial again has to repeat.

    Source:
        The Jenkins xUnit plugin's `junit-10.xsd`; unjudged trials are skipped ones there.
    """
    summary = RunSummary()
    for record in records():
        summary.add(record)
    summary.finish()
    counts = _count(records(), summary)
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<testsuites name="harness"{_counts(_sum(counts.values()))}>\n'
    current = None
    for record in records():
        if record["suite"] != current:
            if current is not None:
                yield "</testsuite>\n"
            current = record["suite"]
            yield (
                f"<testsuite name={_attribute(current)}{_counts(counts[current])}"
                f" timestamp={_attribute(started)}>\n"
            )
        yield from _test_case(record, _Context(excerpts, options, summary))
    if current is not None:
        yield "</testsuite>\n"
    yield "</testsuites>\n"


@dataclass(frozen=True, slots=True)
class _Context:
    """What the description of a trial draws on beside its record."""

    excerpts: Excerpts
    options: Sequence[str]
    summary: RunSummary


_NUMBERS = ("tests", "failures", "errors", "skipped", "time")


def _count(records: Iterable[OutcomeRecord], summary: RunSummary) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for record in records:
        of_suite = counts.setdefault(record["suite"], dict.fromkeys(_NUMBERS, 0))
        of_suite["tests"] += 1
        of_suite["time"] += record["timings"]["total"]
        kind = _kind(record, summary)
        if kind is not None:
            of_suite[kind] += 1
    return counts


def _kind(record: OutcomeRecord, summary: RunSummary) -> str | None:
    """Return what a trial counts as; one that its case's pass rate allows to fail is passed."""
    outcome = record["outcome"]
    if outcome in {"skipped", "unjudged"}:
        return "skipped"
    if record["xfail"] is not None and outcome in {"failed", "errored"}:
        return "skipped"
    if not needs_attention(record, summary):
        return None
    return {"failed": "failures", "errored": "errors"}.get(outcome)


def _sum(counts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total = dict.fromkeys(_NUMBERS, 0.0)
    for each in counts:
        for name in _NUMBERS:
            total[name] += each[name]
    return total


def _counts(counts: Mapping[str, float]) -> str:
    whole = "".join(f' {name}="{counts[name]:.0f}"' for name in _NUMBERS[:-1])
    return f'{whole} time="{counts["time"]:.3f}"'


def _test_case(record: OutcomeRecord, context: _Context) -> Iterator[str]:
    name = record["id"].partition("::")[2]
    yield (
        f"<testcase classname={_attribute(record['suite'])} name={_attribute(name)}"
        f' time="{record["timings"]["total"]:.3f}">\n'
    )
    properties = "".join(
        f"<property name={_attribute(key)} value={_attribute(value)}/>"
        for key, value in _properties(record)
    )
    yield f"<properties>{properties}</properties>\n"
    yield _result(record, context)
    yield "</testcase>\n"


def _result(record: OutcomeRecord, context: _Context) -> str:
    kind = _kind(record, context.summary)
    if kind is None:
        return ""
    if kind == "skipped":
        reason = record["skip"] or record["xfail"] or "nothing was expected of the reply"
        return f"<skipped message={_attribute(reason)}/>\n"
    tag = "failure" if kind == "failures" else "error"
    error = record["error"]
    of_type = error["reason"] if error is not None else record["outcome"]
    body = _shortened(failure_text(record, context.excerpts, context.options), _LONGEST_BODY)
    message = _shortened(first_reason(record), _LONGEST_MESSAGE)
    return (
        f"<{tag} type={_attribute(str(of_type))} message={_attribute(message)}>"
        f"{html.escape(_printable(body), quote=False)}</{tag}>\n"
    )


def _properties(record: OutcomeRecord) -> Iterator[tuple[str, str]]:
    usage, reply = record["usage"], record["reply"]
    yield "place", f"{record['path']}:{record['line']}"
    yield "variant", record["variant"]
    if record["model"]:
        yield "model", record["model"]
    if record["score"] is not None:
        yield "score", f"{record['score']:.4f}"
    if reply is not None:
        yield "input_tokens", str(usage["input_tokens"])
        yield "output_tokens", str(usage["output_tokens"])
        yield "latency", f"{reply['latency']:.4f}"
        if reply["first_token"] is not None:
            yield "first_token", f"{reply['first_token']:.4f}"
    if record["cost"] is not None:
        yield "cost", f"{record['cost']:.6f}"
    yield "outcome", record["outcome"]
    yield "attempts", str(len(record["attempts"]))


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
