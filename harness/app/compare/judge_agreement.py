"""How far a judge agrees with people, by a run whose replies are fixed."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.execute.given_replies import GivenReplies
from harness.app.execute.run_result import RunResult
from harness.app.execute.running import run
from harness.app.plan.options import OutputOptions, RunOptions, Sources
from harness.app.plan.planning import Plan, SuiteBook, suite_text
from harness.errors import BrokenSuitesError, SettingsError, SuiteError
from harness.reporting.judge_agreement import agreement_data, agreement_lines, kappa_shortfall
from harness.source import Span
from harness.stats.agreement import Agreement
from harness.store.reader import RunReader
from harness.wording import Option, Wording

SUITE = "judge-check"
_KEYS = frozenset({"output", "pass", "assert", "id"})
# errors point into the generated suite; its cases are found again by their ids
_CASE = re.compile(r'   "id": "case-[0-9]+",')  # as deep as a case stands


@dataclass(frozen=True, slots=True)
class Labelled:
    """An output that people have labelled.

    Attributes:
        expectation: What the judge is asked, as a suite would have it.
        span: The line that says so.
    """

    name: str
    output: str
    passed: bool
    expectation: Mapping[str, Any]
    span: Span


@dataclass(frozen=True, slots=True)
class JudgeCheck:
    """What came of it.

    Attributes:
        agreement: Of those that could be judged.
        errored: How many could not.
        disputed: Where the judge and people differ: name, the people's label, the judge's reason.
    """

    result: RunResult
    agreement: Agreement
    errored: int
    disputed: Sequence[tuple[str, bool, str]]

    @property
    def lines(self) -> Iterator[str]:
        """The agreement in lines for the terminal."""
        return agreement_lines(self.agreement)

    def shortfall(self, min_kappa: float) -> str:
        """Return why kappa is not shown to be at least this; empty if it is."""
        return kappa_shortfall(self.agreement, min_kappa)

    def as_data(self) -> dict[str, Any]:
        """Return what came of it as plain data."""
        return {
            "labelled": self.agreement.n + self.errored,
            "errored": self.errored,
            **agreement_data(self.agreement),
            "disputed": [
                {"id": name, "pass": people, "reason": reason}
                for name, people, reason in self.disputed
            ],
            "run_file": str(self.result.run_file),
        }

    @property
    def unfinished(self) -> str:
        """Why not all outputs were judged, if so."""
        result = self.result
        if result.broken is not None:
            return result.broken
        if result.stopped is None:
            return ""
        judged = self.agreement.n + self.errored
        return f"{result.stopped.why}; {judged:,} of {result.planned:,} outputs were judged"


def read_labelled(path: Path, rubric: str | None) -> list[Labelled]:
    """Return the labelled outputs of a JSONL file.

    Args:
        path: A line each: `output`, `pass`, and `assert` unless there is a rubric.
        rubric: What the judge is asked where a line has no `assert`.

    Raises:
        SettingsError: The file cannot be read, or a line is none; the first such line is named.
    """
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SettingsError(f"{path} cannot be read: {words}", "name a JSONL file") from error
    outputs = [
        _labelled(line, number, path, rubric)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not outputs:
        raise SettingsError(f"{path} is empty", "write a line for each labelled output")
    return outputs


def _labelled(line: str, number: int, path: Path, rubric: str | None) -> Labelled:
    where = f"{path}:{number}"
    fix = 'write {"output": "…", "pass": true, "assert": {"judge": "…"}}'
    try:
        item = json.loads(line)
    except ValueError as error:
        raise SettingsError(f"{where}: not JSON: {error}", fix) from error
    except RecursionError as error:
        raise SettingsError(f"{where}: nested too deeply", fix) from error
    if not isinstance(item, dict):
        raise SettingsError(f"{where}: not a JSON object", fix)
    strange = sorted(set(item) - _KEYS)
    if strange:
        raise SettingsError(f"{where}: unknown key `{strange[0]}`", fix)
    if not isinstance(item.get("output"), str) or not isinstance(item.get("pass"), bool):
        raise SettingsError(f"{where}: `output` must be a text and `pass` true or false", fix)
    expectation = item.get("assert", None if rubric is None else {"judge": rubric})
    if not isinstance(expectation, dict):
        raise SettingsError(
            f"{where}: there is nothing to ask the judge",
            Wording("add {rubric}, or `assert`", rubric=Option("rubric")),
        )
    return Labelled(
        str(item.get("id", f"line-{number}")),
        item["output"],
        item["pass"],
        expectation,
        Span(path, number, 1),
    )


def check_judge(
    labelled: Sequence[Labelled], choice: RunOptions, outputs: OutputOptions
) -> JudgeCheck:
    """Ask the judge about labelled outputs; no request is sent for the outputs themselves.

    Raises:
        SettingsError: There is no judge, or nowhere to ask it.
        BrokenSuitesError: What it is to be asked cannot be.
    """
    # An ordinary run with fixed replies: judges, votes, limits and records behave as in any other.
    plan = _plan(labelled, choice)
    texts = {trial.id: one.output for trial, one in zip(plan.trials(), labelled, strict=True)}
    result = run(
        # `latest` should go on meaning the last run of the suites
        plan,
        replace(outputs, is_latest=False),
        sources=Sources(fixed_replies=GivenReplies(texts)),
    )
    labels = {trial.id: one for trial, one in zip(plan.trials(), labelled, strict=True)}
    counts = {(True, True): 0, (False, True): 0, (True, False): 0, (False, False): 0}
    disputed, errored = [], 0
    for name, outcome, reason in _outcomes(result):
        # a judge that did not answer neither agrees nor disagrees
        if outcome not in {"passed", "failed"}:
            errored += 1
            continue
        people, judge = labels[name].passed, outcome == "passed"
        counts[people, judge] += 1
        if people is not judge:
            disputed.append((labels[name].name, people, reason))
    agreement = Agreement(
        counts[True, True], counts[False, True], counts[True, False], counts[False, False]
    )
    return JudgeCheck(result, agreement, errored, disputed)


def _plan(labelled: Sequence[Labelled], choice: RunOptions) -> Plan:
    book = SuiteBook(choice)
    cases = [
        {
            "id": f"case-{number}",
            "prompt": "(labelled)",
            "assert": [one.expectation],
        }
        for number, one in enumerate(labelled, start=1)
    ]
    suite = {"suite": SUITE, "request": {"model": "labelled"}, "cases": cases}
    try:
        book.add(book.make(Path(f"{SUITE}.json"), suite))
    except BrokenSuitesError as errors:
        raise BrokenSuitesError(_in_the_file(errors.errors, suite, labelled)) from errors
    return book.plan()


def _in_the_file(
    errors: Iterable[SuiteError], suite: Mapping[str, Any], labelled: Sequence[Labelled]
) -> list[SuiteError]:
    """Return what is wrong at the lines that people wrote, and not in the suite made of them."""
    lines = suite_text(suite).split("\n")
    begins = [number for number, line in enumerate(lines, start=1) if _CASE.match(line)]
    return [
        SuiteError(
            labelled[max(bisect_right(begins, error.span.line) - 1, 0)].span,
            error.problem,
            error.fix,
        )
        for error in errors
    ]


def _outcomes(result: RunResult) -> Iterator[tuple[str, str, str]]:
    with RunReader(result.run_file) as reader:
        for record in reader.outcomes():
            reason = "; ".join(verdict["reason"] for verdict in record["verdicts"])
            yield record["id"], record["outcome"], reason
