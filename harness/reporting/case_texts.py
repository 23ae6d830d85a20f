"""A case result in words: one line, the failures at length, and what happened on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.excerpts import Excerpts
from harness.model.case_result import CaseLabel, CaseResult
from harness.model.record import OutcomeRecord, spent
from harness.printable import visible
from harness.reporting.case_results import result_of
from harness.reporting.failures import failure_text, first_reason, line_of
from harness.reporting.figures import tokens

_MOST_SHOWN = 3  # repeats that failed alike say little more than the first of them
_DID_NOT_PASS = frozenset({"failed", "errored"})


@dataclass(frozen=True, slots=True)
class CaseText:
    """What a test runner shows of a case.

    Attributes:
        label: Without regard to `xfail`, which a test runner answers for itself.
        message: One line.
        text: The failures at length; empty if there are none.
        line: Where it shows in the suite's file, counted from 1.
    """

    label: CaseLabel
    message: str
    text: str
    line: int


def case_text(records: Sequence[OutcomeRecord], rerun: Callable[[], str]) -> CaseText:
    """Describe a case.

    Args:
        records: The outcomes of all repeats, one at least.
        rerun: Returns the command that runs the case again; it is called only after a failure.
    """
    result = result_of(records)
    label = result.own_label
    if not label.needs_attention:
        return CaseText(label, split_words(result), "", result.line)
    first = first_problem(result, records)
    message = visible(first_reason(first))
    if len(records) > 1:
        message = f"{split_words(result)}: {message}"
    text = failures_at_length(result, records, Excerpts(), rerun())
    return CaseText(label, message, text, line_of(first))


def first_problem(result: CaseResult, records: Sequence[OutcomeRecord]) -> OutcomeRecord:
    """Return the first repeat that explains the label of a case that needs attention."""
    outcome = "errored" if result.own_label is CaseLabel.ERRORED else "failed"
    return next(record for record in records if record["outcome"] == outcome)


def case_log(records: Sequence[OutcomeRecord]) -> str:
    """Return what happened on the way: repeats, attempts, verdicts, tokens, cost."""
    return "\n".join(visible(line) for record in records for line in _log_lines(record))


def split_words(result: CaseResult) -> str:
    """Return how many of the repeats passed, and how many have to."""
    rate = result.pass_rate
    wanted = "" if rate == 1 else f"; pass_rate is {rate:g}"
    return f"{result.passed} of {result.trials} repeats passed{wanted}"


def failures_at_length(
    result: CaseResult, records: Sequence[OutcomeRecord], excerpts: Excerpts, rerun: str
) -> str:
    """Describe the repeats of a case that failed or errored, the first few of them.

    Args:
        result: What its repeats add up to.
        records: The outcomes of all its repeats.
        excerpts: Shows the lines of the suite.
        rerun: The command that runs the case again.
    """
    wrong = [record for record in records if record["outcome"] in _DID_NOT_PASS]
    texts = [failure_text(record, excerpts, rerun=rerun) for record in wrong[:_MOST_SHOWN]]
    if len(records) == 1:
        return texts[0].partition("\n")[2]  # its first line is the name of the test
    remaining = len(wrong) - len(texts)
    more = [f"… and {remaining} more; the run file has them all"] if remaining else []
    return "\n".join([split_words(result), *texts, *more])


def _log_lines(record: OutcomeRecord) -> Iterator[str]:
    usage, cost = record["usage"], record["cost"]
    price = "" if cost is None else f", {cost:.6f} USD"
    paid = "" if cost is None or cost == spent(record) else f" ({spent(record):.6f} paid now)"
    used = tokens(usage["input_tokens"], usage["output_tokens"])
    yield f"{record['outcome']} {record['id']}: {record['model']}, {used}{price}{paid}"
    for attempt in record["attempts"]:
        status = attempt["status"] or "no status"
        why = f", {attempt['reason']}" if attempt["reason"] else ""
        waited = f", after a wait of {attempt['wait']:.1f} s" if attempt["wait"] else ""
        yield f"  {attempt['purpose']}: {status} in {attempt['seconds']:.3f} s{why}{waited}"
    for verdict in record["verdicts"]:
        sign = "ok" if verdict["passed"] else "no"
        where = f"{record['path']}:{verdict['line']}"
        yield f"  {sign}: {verdict['name'] or verdict['assertion']} ({where}): {verdict['reason']}"
