"""One case in one variant: what all its repeats come to, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.model.record import OutcomeRecord, spent
from harness.reporting.failures import failure_text, first_reason, is_wrong
from harness.reporting.summary import RunSummary
from harness.source import Excerpts, visible

_MOST_SHOWN = 3  # repeats that failed alike say little more than the first of them


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What the repeats of a case came to.

    Attributes:
        label: `passed`, `failed`, `errored` or `unjudged`.
        message: One line.
        text: The failures at length; empty if there are none.
        line: Where it shows in the suite's file, counted from 1.
    """

    label: str
    message: str
    text: str
    line: int


def case_verdict(records: Sequence[OutcomeRecord], rerun: Callable[[], str]) -> CaseVerdict:
    """Judge the repeats of one case in one variant together.

    Args:
        records: The outcomes of all repeats, one at least.
        rerun: Returns the command that runs the case again; it is asked only after a failure.
    """
    if all(record["outcome"] == "passed" for record in records):
        return CaseVerdict("passed", split(records), "", records[0]["line"])
    summary = RunSummary()
    for record in records:
        summary.add(record)
    summary.finish()
    wrong = [record for record in records if record["outcome"] in {"failed", "errored"}]
    counts = summary.total.counts
    is_failed = any(record["outcome"] == "failed" for record in wrong) and (
        bool(summary.failed_cases) or records[0]["xfail"] is not None
    )
    is_errored = any(record["outcome"] == "errored" for record in wrong)
    if not is_failed and not is_errored:
        label = "unjudged" if counts["unjudged"] == len(records) else "passed"
        return CaseVerdict(label, split(records), "", records[0]["line"])
    label = "failed" if is_failed else "errored"
    first = next(record for record in wrong if record["outcome"] == label)
    message = visible(first_reason(first))
    if len(records) > 1:
        message = f"{split(records)}: {message}"
    return CaseVerdict(
        label, message, failures_at_length(records, Excerpts(), rerun()), _line(first)
    )


def case_log(records: Sequence[OutcomeRecord]) -> str:
    """Return what happened on the way: repeats, attempts, verdicts, tokens, cost."""
    return "\n".join(visible(line) for record in records for line in _log_lines(record))


def split(records: Sequence[OutcomeRecord]) -> str:
    """Return how many of the repeats passed, and how many have to."""
    passed = sum(record["outcome"] == "passed" for record in records)
    rate = records[0]["pass_rate"]
    wanted = "" if rate == 1 else f", and a pass_rate of {rate:g} is asked"
    return f"{passed} of {len(records)} repeats passed{wanted}"


def failures_at_length(records: Sequence[OutcomeRecord], excerpts: Excerpts, rerun: str) -> str:
    """Describe the repeats of a case that failed or errored, the first few of them.

    Args:
        records: The outcomes of all its repeats.
        excerpts: Shows the places in the suite.
        rerun: The command that runs the case again.
    """
    wrong = [record for record in records if record["outcome"] in {"failed", "errored"}]
    texts = [failure_text(each, excerpts, rerun=rerun) for each in wrong[:_MOST_SHOWN]]
    if len(records) == 1:
        return texts[0].partition("\n")[2]  # its first line is the test's name
    left = len(wrong) - len(texts)
    more = [f"… and {left} more; the run file has them all"] if left else []
    return "\n".join([split(records), *texts, *more])


def _line(record: OutcomeRecord) -> int:
    lines = [verdict["line"] for verdict in record["verdicts"] if is_wrong(verdict)]
    return lines[0] if lines and record["error"] is None else record["line"]


def _log_lines(record: OutcomeRecord) -> Iterator[str]:
    usage, cost = record["usage"], record["cost"]
    price = "" if cost is None else f", {cost:.6f} USD"
    paid = "" if cost is None or cost == spent(record) else f" ({spent(record):.6f} paid now)"
    tokens = f"{usage['input_tokens']} + {usage['output_tokens']} tokens"
    yield f"{record['outcome']} {record['id']}: {record['model']}, {tokens}{price}{paid}"
    for attempt in record["attempts"]:
        status = attempt["status"] or "no status"
        why = f", {attempt['reason']}" if attempt["reason"] else ""
        waited = f", after a wait of {attempt['wait']:.1f} s" if attempt["wait"] else ""
        yield f"  {attempt['purpose']}: {status} in {attempt['seconds']:.3f} s{why}{waited}"
    for verdict in record["verdicts"]:
        sign = "ok" if verdict["passed"] else "no"
        place = f"{record['path']}:{verdict['line']}"
        yield f"  {sign}: {verdict['name'] or verdict['assertion']} ({place}): {verdict['reason']}"
