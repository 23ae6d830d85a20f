"""Cases whose verdict flipped, asked again; only the fresh trials say what becomes of them.

The first run chose these cases by what it saw, so judging by it again would find what was sought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.app.compare.comparability import comparable_pair
from harness.app.compare.fresh_runs import (
    NEW,
    OLD,
    SERVICE,
    CutShortError,
    FreshRuns,
    Rerun,
    needed_for,
)
from harness.app.compare.service_change import ServiceChange, service_change
from harness.app.plan.planning import Plan
from harness.errors import HarnessError
from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey, CaseResult
from harness.reporting.comparing.checks import cases, few, named
from harness.reporting.comparing.model import Comparison
from harness.reporting.comparing.sides import RunSide


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the fresh trials say.

    Attributes:
        old: What the baseline sent, asked again; without cases if it does not hold that.
        new: What is sent today, asked again.
        times: How often each was asked.
        fixed: Cases that had flipped the other way.
        service: How the replies to the baseline's own requests changed; None if it is not known.
        notes: What a person should know of it.
        stopped: The status of a run that did not come to its end.
    """

    old: RunSide
    new: RunSide
    times: int = 0
    fixed: frozenset[CaseKey] = frozenset()
    service: ServiceChange | None = None
    notes: tuple[str, ...] = ()
    stopped: RunStatus | None = None

    @property
    def passed_again(self) -> frozenset[CaseKey]:
        """Cases that pass in at least half of their fresh trials, or as often as they have to."""
        return frozenset(key for key, result in self.new.results.items() if _passes(result))

    @property
    def failed_again(self) -> frozenset[CaseKey]:
        """Cases that were broken and fail in most of their fresh trials."""
        return frozenset(self.new.results) - self.passed_again - self.unanswered - self.fixed

    @property
    def not_fixed(self) -> frozenset[CaseKey]:
        """Cases that passed now and fail in most of their fresh trials."""
        return self.fixed & self.new.results.keys() - self.passed_again - self.unanswered

    @property
    def unanswered(self) -> frozenset[CaseKey]:
        """Cases of which all fresh trials errored: nothing excuses them, nothing confirms them."""
        return frozenset(
            key for key, result in self.new.results.items() if not result.passed + result.failed
        )

    @property
    def has_both_sides(self) -> bool:
        """Whether a case was answered with both requests, so that they can be compared."""
        return any(
            result.passed + result.failed
            and (old := self.old.results.get(key)) is not None
            and old.passed + old.failed
            for key, result in self.new.results.items()
        )

    @property
    def old_request_fails(self) -> frozenset[CaseKey]:
        """Cases that fail again with the request of the baseline, too."""
        return frozenset(
            key
            for key, result in self.old.results.items()
            if key in self.failed_again and not _passes(result)
        )

    def sentence(self) -> str:
        """Say how many of the cases that were run again fail again."""
        asked, failing = len(named(self.new.results)), sorted(self.failed_again)
        if not asked:
            return "nothing was run again"
        was = "was" if asked == 1 else "were"
        errored, relapsed = named(sorted(self.unanswered)), sorted(self.not_fixed)
        rest = f"; only errors came of {few(errored)}" if errored else ""
        rest += f"; not fixed after all: {few(self._splits(relapsed))}" if relapsed else ""
        times = "once" if self.times == 1 else f"{self.times} times"
        if not failing:
            return f"of the {cases(asked)} that {was} run again {times}, none fails again{rest}"
        splits = self._splits(failing)
        verb = "fails" if len(splits) == 1 else "fail"
        return (
            f"of the {cases(asked)} that {was} run again {times},"
            f" {len(splits):,} {verb} again: {few(splits)}{rest}"
        )

    def _splits(self, keys: Iterable[CaseKey]) -> list[str]:
        """Return how often cases passed again; the variants of one are added up."""
        of_case: dict[CaseKey, list[CaseKey]] = {}
        for key in keys:
            of_case.setdefault(CaseKey(key.suite, key.case), []).append(key)
        asked = Counter(CaseKey(key.suite, key.case) for key in self.new.results)
        return [
            self._split(_in_variants(case, variants, asked[case]), variants)
            for case, variants in of_case.items()
        ]

    def _split(self, name: str, keys: Sequence[CaseKey]) -> str:
        words = f"{name} {_share(self.new, keys)}"
        if not any(key in self.old.results for key in keys):
            return words
        return f"{words} ({_share(self.old, keys)} with the baseline's request)"


def _in_variants(case: CaseKey, variants: Sequence[CaseKey], asked: int) -> str:
    if len(variants) == 1:
        return str(variants[0])
    return str(case) if len(variants) == asked else f"{case} in {len(variants)} of {asked} variants"


def _share(side: RunSide, keys: Sequence[CaseKey]) -> str:
    results = [side.results[key] for key in keys if key in side.results]
    passed, judged, errored = (
        sum(getattr(result, name) for result in results) for name in ("passed", "judged", "errored")
    )
    return f"{passed}/{judged}" + (f" ({errored} errored)" if errored else "")


def _passes(result: CaseResult) -> bool:
    # Errors say nothing. A flaky case may fail once in a few repeats without being broken, so a
    # single fresh failure confirms nothing; what fails more often than not does.
    answered = result.passed + result.failed
    return answered > 0 and (2 * result.passed >= answered or result.label.passes)


def flipped(comparison: Comparison) -> set[CaseKey]:
    """Return the cases that passed and fail now or the other way round, where that can be said.

    A flaky case fails in both runs; if most of its trials passed and do not any more, it has
    flipped, too.
    """
    pairs = [*comparison.broken, *comparison.fixed]
    pairs += [pair for pair in comparison.still_failing if pair.crosses_half]
    keys = {pair.new.key for pair in pairs}
    if comparison.verdict is not None:
        return keys
    old, new = comparison.old, comparison.new
    return {key for key in keys if comparable_pair(old, new, key) is not None}


def confirm(rerun: Rerun, comparison: Comparison, keys: Collection[CaseKey]) -> Confirmation | None:
    """Ask cases again that flipped: as they are today and, if that is known, as they were.

    Returns None if there is nothing to confirm: without their old requests, cases that were fixed
    are what they are.

    Args:
        rerun: What is run again.
        comparison: The whole run against its baseline.
        keys: The cases that flipped and are in the plan.
    """
    needed = needed_for(rerun.plan, keys)
    repeatable = _repeatable(rerun)
    both = sorted(key for key in keys if needed[key] <= repeatable)
    # without the old request, only what is broken can be confirmed
    broken = {pair.new.key for pair in comparison.broken}.intersection(keys)
    alone = sorted(broken.difference(both))
    if not both and not alone:
        return None
    fresh = FreshRuns(rerun)
    try:
        new = fresh.run(NEW, [*both, *alone], rerun.times)
        old = fresh.run(OLD, both, rerun.times) if both else RunSide(OLD)
        service = _service(rerun, fresh, old) if both else None
    except CutShortError as error:
        return _nothing([f"nothing is confirmed: {error}"], error.status)
    except HarnessError as error:
        return _nothing([f"nothing is confirmed: {error}"], RunStatus.ERRORED)
    fixed = frozenset(pair.new.key for pair in comparison.fixed)
    asked = Confirmation(old, new, rerun.times, fixed, service)
    # who is to blame is a question only for what fails again
    notes = _not_repeatable(asked.failed_again.intersection(alone), rerun.sent)
    records = f"records of what was run again: {fresh.names()}"
    return replace(asked, notes=(*notes, records))


def _service(rerun: Rerun, fresh: FreshRuns, old: RunSide) -> ServiceChange | None:
    repeatable = _repeatable(rerun)
    drawn = [key for key in rerun.drawn if needed_for(rerun.plan, [key])[key] <= repeatable]
    again = fresh.run(SERVICE, drawn, 1) if drawn else RunSide(SERVICE)
    return service_change(rerun.before, old, again, rerun.unflipped)


def _nothing(notes: Sequence[str], stopped: RunStatus | None = None) -> Confirmation:
    return Confirmation(RunSide(OLD), RunSide(NEW), notes=tuple(notes), stopped=stopped)


def _repeatable(rerun: Rerun) -> set[CaseKey]:
    """Return the cases whose old requests can be judged by the expectations of today's turns."""
    turns = _turns(rerun.plan)
    return {
        key
        for key, requests in rerun.sent.items()
        if len(requests["turns"]) == turns.get((key.suite, key.case))
    }


def _not_repeatable(alone: Collection[CaseKey], sent: Mapping[CaseKey, Any]) -> Iterator[str]:
    missing = len(named(key for key in alone if key not in sent))
    if missing:
        yield (
            f"of {cases(missing)} only today's request was asked again, so whether the service or"
            " the prompt is to blame is not known: the baseline does not hold what was sent"
            " (save it with its replies, or name a run)"
        )
    changed = len(named(key for key in alone if key in sent))
    if changed:
        yield f"of {cases(changed)} only today's request was asked again: the conversation changed"


def _turns(plan: Plan) -> dict[tuple[str, str], int]:
    """Return how many turns each case has today."""
    return {
        (suite.name, case.id): max(1, len(case.turns))
        for suite in plan.suites
        for case in suite.cases
    }
