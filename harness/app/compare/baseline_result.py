"""What a baseline says of a run: the comparisons, the exit status, and both in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from harness.app.compare.baselines import Baseline
from harness.exit_code import ExitCode, RunStatus
from harness.model.case_result import CaseKey
from harness.reporting.comparing.checks import few
from harness.reporting.comparing.model import ChangeVerdict, Comparison
from harness.reporting.comparing.render import (
    comparison_data,
    comparison_markdown,
    comparison_text,
    headline,
)
from harness.reporting.failures import harmless
from harness.reporting.markdown import escaped

_ADVICE = "if the change is intended, save the new state: `harness baseline save`"
# a regression is an error of its own, and the others need no warning
_CONCLUSIVE = frozenset({ChangeVerdict.IMPROVED, ChangeVerdict.EQUIVALENT, ChangeVerdict.REGRESSED})


class FailOn(StrEnum):
    """What fails a run: every failed case, or only what is worse than in the baseline."""

    FAILED = "failed"
    REGRESSION = "regression"


@dataclass(frozen=True, slots=True)
class BaselineCheck:
    """Which baseline a run is compared with, and how strictly.

    Attributes:
        fails_on: What fails the run.
        needs_conclusion: Whether an inconclusive comparison is not good enough.
        confirm: How often the cases whose verdict flipped are run again on both sides.
        may_confirm: Whether the user could have asked for that.
    """

    baseline: Baseline
    fails_on: FailOn = FailOn.FAILED
    needs_conclusion: bool = False
    confirm: int = 0
    may_confirm: bool = False


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """What came of comparing a run with a baseline.

    Attributes:
        comparisons: One for each variant; of the runs that confirm where there are any.
        first: What was found before anything was run again; empty if nothing was.
        known_failures: Failing cases that failed in the baseline too and do not fail the run.
        notes: What else a person should know.
    """

    check: BaselineCheck
    comparisons: tuple[Comparison, ...]
    status: RunStatus
    first: tuple[Comparison, ...] = ()
    known_failures: frozenset[CaseKey] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def has_regressed(self) -> bool:
        """Whether a variant is worse than in the baseline."""
        return bool(self.regressions())

    @property
    def exit_code(self) -> ExitCode:
        """The exit status of the process."""
        return self.status.exit_code

    def headlines(self) -> list[str]:
        """Return the verdicts in words, a line each."""
        return [headline(comparison) for comparison in self.comparisons]

    def warnings(self) -> list[str]:
        """Return what a reader has to know even if everything passed."""
        return [
            headline(comparison)
            for comparison in self.comparisons
            if comparison.verdict not in _CONCLUSIVE
        ]

    def regressions(self) -> list[str]:
        """Return the comparisons that fail the run, in words."""
        return [
            headline(comparison)
            for comparison in self.comparisons
            if comparison.verdict is ChangeVerdict.REGRESSED
        ]

    def text(self, *, is_short: bool = False) -> str:
        """Return the comparisons for a terminal."""
        parts = [_in_a_line(f"baseline: {self.check.baseline.title}")]
        if self.first and not is_short:
            parts += [_in_a_line(f"at first {headline(comparison)}") for comparison in self.first]
        show = _in_short if is_short else partial(comparison_text, advice=_ADVICE)
        parts += [part for comparison in self.comparisons for part in ("", show(comparison))]
        return "\n".join([*parts, *(_in_a_line(f"note: {note}") for note in self.notes)])

    def markdown(self) -> str:
        """Return the comparisons for a job summary or a pull request."""
        notes = "".join(f"- {escaped(note)}\n" for note in self.notes)
        return comparison_markdown(self.comparisons) + notes

    def data(self) -> dict[str, Any]:
        """Return everything as plain data."""
        head = self.check.baseline.head
        return {
            "name": self.check.baseline.name,
            **{key: head.get(key) for key in ("run", "started", "git")},
            "fail_on": self.check.fails_on.value,
            "comparisons": _data(self.comparisons),
            "before_confirming": _data(self.first),
            "known_failures": len(self.known_failures),
            "notes": list(self.notes),
        }


def _data(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    return [comparison_data(comparison) for comparison in comparisons]


def _in_short(comparison: Comparison) -> str:
    """Return the verdict, and why there is none or what broke."""
    lines = [headline(comparison)]
    lines += [f"  not comparable: {refusal}" for refusal in comparison.refusals]
    # a refused comparison pairs cases that are not alike, so its lists mean nothing
    names = [str(pair.new.key) for pair in comparison.broken]
    if names and not comparison.refusals:
        lines.append(f"  broken: {few(names)}")
    return "\n".join(_in_a_line(line) if line[:1] != " " else harmless(line) for line in lines)


def _in_a_line(text: str) -> str:
    # names of runs and baselines are file names, which may hold line breaks
    return harmless(" ".join(text.split()))
