"""What a person needs to see of a trial that did not pass."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from harness.excerpts import Excerpts
from harness.model.record import OutcomeRecord, VerdictRecord, decides
from harness.printable import visible
from harness.reporting.figures import tokens
from harness.source import Span
from harness.wording import Option

_LONGEST_REPLY = 300


def is_wrong(verdict: VerdictRecord) -> bool:
    """Return whether a verdict is one of those that decided against the trial."""
    return decides(verdict) and (not verdict["passed"] or verdict["error"] is not None)


def rerun_command(record: OutcomeRecord, options: Sequence[str] = ()) -> str:
    """Return the command that runs just this trial's case and variant, as it was run."""
    variant = "" if record["variant"] == "default" else f"[{record['variant']}]"
    only = f"{record['suite']}::{record['case']}{variant}"
    selected = Option("only", only).arguments
    return shlex.join(["harness", "run", record["path"], *selected, *options])


def deciding_verdict(record: OutcomeRecord) -> VerdictRecord | None:
    """Return the first verdict that explains the outcome; None if no verdict does.

    What could not be judged does not explain why a trial failed, nor what failed why it errored.
    """
    if is_broken_off(record):
        return None
    wrong = [verdict for verdict in record["verdicts"] if is_wrong(verdict)]
    is_failed = record["outcome"] == "failed"
    explaining = (verdict for verdict in wrong if (verdict["error"] is None) == is_failed)
    return next(explaining, wrong[0] if wrong else None)


def is_broken_off(record: OutcomeRecord) -> bool:
    """Return whether a trial errored because a reply is missing."""
    # one that had failed before has failed all the same
    return record["error"] is not None and record["outcome"] != "failed"


def line_of(record: OutcomeRecord) -> int:
    """Return the line of the suite, counted from 1, that explains the outcome."""
    verdict = deciding_verdict(record)
    return record["line"] if verdict is None else verdict["line"]


def first_reason(record: OutcomeRecord) -> str:
    """Return in one line why the trial did not pass."""
    verdict = deciding_verdict(record)
    if verdict is not None:
        return f"{verdict['name'] or verdict['assertion']}: {verdict['reason']}"
    if record["error"] is not None:
        return str(record["error"]["message"])
    if record["score"] is not None:
        return f"the score {record['score']:.2f} is below the threshold"
    return record["skip"] or ""


def failure_text(
    record: OutcomeRecord,
    excerpts: Excerpts,
    options: Sequence[str] = (),
    *,
    rerun: str | None = None,
) -> str:
    """Describe a failed or errored trial: places, reasons, expected beside actual, the reply.

    Args:
        record: The trial.
        excerpts: Shows the places in the suite.
        options: What a command to run it again has to repeat.
        rerun: That command, if it is not one of `harness run`.
    """
    again = rerun or rerun_command(record, options)
    lines = "\n".join(_lines(record, excerpts, again)).split("\n")
    return "\n".join(visible(line) for line in lines)


def _lines(record: OutcomeRecord, excerpts: Excerpts, rerun: str) -> Iterator[str]:
    yield f"{record['outcome'].upper()} {record['id']}"
    if record["error"] is not None:
        location = f"{record['path']}:{record['line']}"
        known_as = record["error"].get("request_id")
        yield f"  {location}: {record['error']['message']}" + (
            f" (request {known_as})" if known_as else ""
        )
    wrong = [verdict for verdict in record["verdicts"] if is_wrong(verdict)]
    for verdict in wrong:
        yield from _verdict_lines(record, verdict, excerpts)
    for verdict in record["verdicts"]:
        if not verdict["passed"] and not is_wrong(verdict):
            name = verdict["name"] or verdict["assertion"]
            location = f"{record['path']}:{verdict['line']}:{verdict['column']}"
            yield f"  {location}: {name} (shown only): {verdict['reason']}"
    if not wrong and record["error"] is None:
        yield f"  {record['path']}:{record['line']}: {first_reason(record)}"
    if record["threshold"] is not None and record["score"] is not None:
        yield f"  score:    {record['score']:.3f}, the threshold is {record['threshold']:g}"
    yield from _reply_lines(record)
    yield f"  rerun:    {rerun}"


def _verdict_lines(
    record: OutcomeRecord, verdict: VerdictRecord, excerpts: Excerpts
) -> Iterator[str]:
    span = Span(Path(record["path"]), verdict["line"], verdict["column"], len(verdict["assertion"]))
    name = verdict["name"] or verdict["assertion"]
    in_turn = f" (turn {verdict['turn']})" if record["earlier_replies"] else ""
    cannot = "could not judge: " if verdict["error"] is not None else ""
    yield f"  {span}: {name}{in_turn}: {cannot}{verdict['reason']}"
    excerpt = excerpts.of(span)
    if excerpt:
        yield from excerpt.split("\n")
    if verdict["expected"] is not None:
        yield f"  expected: {_indented(verdict['expected'])}"
    if verdict["actual"] is not None:
        yield f"  actual:   {_indented(verdict['actual'])}"
    if verdict["error"]:
        yield from (f"  | {line}" for line in verdict["error"].rstrip().split("\n"))


def _reply_lines(record: OutcomeRecord) -> Iterator[str]:
    reply = record["reply"]
    if reply is None:
        return
    text = reply["text"]
    shown = text if len(text) <= _LONGEST_REPLY else f"{text[:_LONGEST_REPLY]}…"
    usage = record["usage"]
    stop = reply["message"].get("stop_reason")
    facts = (
        f"{stop}, {reply['latency']:.3f} s, {tokens(usage['input_tokens'], usage['output_tokens'])}"
    )
    yield f"  reply:    {_indented(shown) or '(empty)'}"
    yield f"            ({facts})"


def _indented(text: str) -> str:
    return text.rstrip("\n").replace("\n", "\n            ")


def by_case(records: Iterable[OutcomeRecord]) -> Iterator[tuple[OutcomeRecord, int]]:
    """Yield the first of each case and variant, and how many there are of it.

    Args:
        records: In suite order.
    """
    for repeats in cases_in(records):
        yield repeats[0], len(repeats)


def cases_in(records: Iterable[OutcomeRecord]) -> Iterator[list[OutcomeRecord]]:
    """Yield the trials of each case and variant together.

    Args:
        records: In suite order.
    """
    for _, repeats in groupby(records, key=_case):
        yield list(repeats)


def _case(record: OutcomeRecord) -> str:
    return record["id"].partition("#")[0]


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Trials that ended with the same error, or repeats of one case, described once."""

    first: OutcomeRecord
    ids: tuple[str, ...]
    count: int


def grouped_errors(
    records: Iterable[OutcomeRecord], *, most: int, most_ids: int = 5
) -> tuple[list[ErrorGroup], int]:
    """Put trials with the same error, and repeats of a case, together in the order of the first.

    Returns:
        At most `most` groups, and how many trials belong to none of them; only the first record of
        each group is kept in memory.
    """
    groups: dict[str, ErrorGroup] = {}
    uncounted = 0
    for record in records:
        error = record["error"] if is_broken_off(record) else None
        key = _case(record) if error is None else f"{error['kind']}: {error['message']}"
        group = groups.get(key)
        if group is not None:
            ids = (*group.ids, record["id"]) if group.count < most_ids else group.ids
            groups[key] = ErrorGroup(group.first, ids, group.count + 1)
        elif len(groups) < most:
            groups[key] = ErrorGroup(record, (record["id"],), 1)
        else:
            uncounted += 1
    return list(groups.values()), uncounted
