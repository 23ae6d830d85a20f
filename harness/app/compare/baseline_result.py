"""What a baseline says of a run: the comparisons, the exit status, and both in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.app.compare.baselines import Baseline
from harness.app.compare.confirmation import Confirmation
from harness.exit_code import ExitCode, RunStatus
from harness.model.case_result import CaseKey
from harness.printable import visible
from harness.reporting.comparing.checks import few, named
from harness.reporting.comparing.data import comparison_data
from harness.reporting.comparing.decision import MARGIN
from harness.reporting.comparing.markdown import comparison_markdown
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.sentences import (
    headline,
    is_all_as_before,
    needs_a_look,
    rerun_sentence,
)
from harness.reporting.comparing.text import comparison_text
from harness.reporting.markdown_text import escaped
from harness.wording import COMMAND, Option, Vocabulary

_ADVICE = "if the change is intended, save the new state: `harness baseline save`"


class FailOn(StrEnum):
    """What fails a run: every failed case, what broke, or only a regression by statistics."""

    FAILED = "failed"
    BROKEN = "broken"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class BaselineCheck:
    """Which baseline a run is compared with, and how strictly.

    Attributes:
        fails_on: What fails the run.
        needs_conclusion: Whether an inconclusive comparison is not good enough.
        confirm: How often the cases whose verdict flipped are run again.
        may_confirm: Whether the user could have asked for that.
        margin: Changes of pass rate up to this are as good as none.
        excludes_errors: Whether trials that errored are left out instead of counted as failures.
        by_tag: Whether each tag has a verdict of its own.
    """

    baseline: Baseline
    fails_on: FailOn = FailOn.FAILED
    needs_conclusion: bool = False
    confirm: int = 0
    may_confirm: bool = False
    margin: float = MARGIN
    excludes_errors: bool = False
    by_tag: bool = False


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What came of comparing a run with a baseline.

    Attributes:
        comparisons: The whole run first, then its suites, tags and variants; none if it was not
            compared.
        confirmation: What was run again, if anything.
        rerun: The comparison of what was run again on both sides.
        reasons: Why the run fails.
        excused: Failing cases that do not fail the run, and what each is called.
        notes: What else a person should know.
    """

    check: BaselineCheck
    comparisons: tuple[Comparison, ...]
    status: RunStatus
    confirmation: Confirmation | None = None
    rerun: Comparison | None = None
    reasons: tuple[str, ...] = ()
    excused: Mapping[CaseKey, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def known_failures(self) -> frozenset[CaseKey]:
        """Failing cases that do not fail the run."""
        return frozenset(self.excused)

    @property
    def has_regressed(self) -> bool:
        """Whether the run is worse than its baseline, as a whole or in a part."""
        return bool(self.regressions())

    @property
    def exit_code(self) -> ExitCode:
        """The exit status of the process."""
        return self.status.exit_code

    @property
    def stopped(self) -> str | None:
        """Why asking again ended early, if that is how the run ended."""
        confirmation = self.confirmation
        if confirmation is None or self.status is not confirmation.stopped:
            return None
        return confirmation.notes[0]

    def headlines(self) -> list[str]:
        """Return the verdicts in words, a line each."""
        return [headline(comparison) for comparison in self.comparisons]

    def warnings(self) -> list[str]:
        """Return what a reader has to look at even if everything passed."""
        return [
            "; ".join([headline(comparison), *comparison.refusals])
            for comparison in self.comparisons[:1]
            if needs_a_look(comparison)
        ]

    def regressions(self) -> list[str]:
        """Return the comparisons that fail the run, in words."""
        compared = [*self.comparisons, *([] if self.rerun is None else [self.rerun])]
        return [
            headline(comparison)
            for comparison in compared
            if comparison.verdict is ChangeVerdict.REGRESSED
        ]

    def text(self, *, is_short: bool = False, vocabulary: Vocabulary = COMMAND) -> str:
        """Return the comparisons for a terminal, with options spelled by a vocabulary."""
        parts = [_in_a_line(f"baseline: {self.check.baseline.title}"), ""]
        if is_short:
            parts += [_in_short(comparison) for comparison in self._told_in_short()]
        elif self.comparisons:
            # a run in which no case was judged is no baseline
            advice = _ADVICE if self.comparisons[0].passing.cases else ""
            parts.append(comparison_text(self.comparisons, advice=advice))
        parts += ["", *map(_in_a_line, self._after_rerun())] if self.confirmation else []
        parts += [_in_a_line(f"note: {note}") for note in self.notes]
        return "\n".join([*parts, *map(_in_a_line, self.gate(vocabulary))])

    def markdown(self) -> str:
        """Return the comparisons for a job summary or a pull request."""
        lines = [*self.gate(), *self._after_rerun(), *self.notes]
        listed = "".join(f"- {escaped(line.removeprefix('  '))}\n" for line in lines)
        return f"{comparison_markdown(self.comparisons)}\n{listed}"

    def data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        head = self.check.baseline.head
        return {
            "name": self.check.baseline.name,
            **{key: head.get(key) for key in ("run", "started", "git")},
            "fail_on": self.check.fails_on.value,
            "comparisons": _data(self.comparisons),
            "confirmed": None if self.confirmation is None else self._confirmed(),
            "reasons": list(self.reasons),
            "excused_failures": named(sorted(self.known_failures)),
            "notes": [*self._after_rerun(), *self.notes],
        }

    def _told_in_short(self) -> list[Comparison]:
        """Return the whole, and the parts that fail the run."""
        whole, parts = self.comparisons[:1], self.comparisons[1:]
        return [*whole, *(part for part in parts if part.verdict is ChangeVerdict.REGRESSED)]

    def _after_rerun(self) -> list[str]:
        if self.confirmation is None or not self.confirmation.new.results:
            return []
        lines = [f"confirmed: {self.confirmation.sentence()}"]
        return lines if self.rerun is None else [*lines, f"  {rerun_sentence(self.rerun)}"]

    def gate(self, vocabulary: Vocabulary = COMMAND) -> list[str]:
        """Return why the run does not pass, or nothing."""
        if self.status is RunStatus.INCONCLUSIVE:
            option = vocabulary.option(Option("require_conclusive"))
            why = "the comparison does not tell"
            if all(map(is_all_as_before, self.comparisons[:1])):
                why = "no case changed, but so few cases and repeats show no equivalence"
            return [f"INCONCLUSIVE ({option}): {why}"]
        if self.stopped is not None:
            return [f"{self.status.headline()}: {self.stopped}"]
        if self.status is RunStatus.ERRORED:
            return ["ERRORED: not everything could be judged"]
        rule = vocabulary.option(Option("fail_on", self.check.fails_on.value))
        return [f"FAILED ({rule}): {why}" for why in self.reasons]

    def _confirmed(self) -> dict[str, Any]:
        confirmation = self.confirmation
        if confirmation is None:
            return {}
        service = confirmation.service
        return {
            "times": confirmation.times,
            "failed_again": sorted(map(str, confirmation.failed_again)),
            "passed_again": sorted(map(str, confirmation.passed_again)),
            "old_request_fails": sorted(map(str, confirmation.old_request_fails)),
            "comparison": None if self.rerun is None else comparison_data(self.rerun),
            "service": None
            if service is None
            else {
                "difference": service.difference,
                "interval": [service.interval.low, service.interval.high],
                "drawn": service.drawn,
            },
        }


def _data(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    return [comparison_data(comparison) for comparison in comparisons]


def _in_short(comparison: Comparison) -> str:
    """Return the verdict, and why there is none or what broke."""
    lines = [headline(comparison)]
    lines += [f"  not comparable: {refusal}" for refusal in comparison.refusals]
    # a refused comparison pairs cases that are not alike, so its lists mean nothing
    names = named(pair.new.key for pair in comparison.broken)
    if names and not comparison.refusals:
        lines.append(f"  broken: {few(names)}")
    return "\n".join(map(_in_a_line, lines))


def _in_a_line(text: str) -> str:
    # names of runs and baselines are file names, which may hold line breaks
    indent = "  " if text.startswith("  ") else ""
    return indent + visible(" ".join(text.split()))
