"""The baseline that a session is compared with, and the failing tests that it excuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.model.record import OutcomeRecord
from harness.model.settings import Settings

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck
    from harness.app.compare.failure_kind import FailureKind


@dataclass(frozen=True, slots=True)
class BaselineRules:
    """How strictly a session is compared with its baseline.

    Attributes:
        fail_on: `failed`, `broken` or `regression`.
        confirm: How often cases whose verdict flipped are asked again.
        margin: Changes of the pass rate, in points, that count as equivalent; None for the default.
        excludes_errors: Whether errored trials are left out instead of counted as failures.
    """

    fail_on: str = "failed"
    confirm: int = 0
    margin: float | None = None
    excludes_errors: bool = False


class SessionBaseline:
    """Reads a baseline once.

    What `latest` names changes when the session's own run is written, so neither a baseline nor the
    error of one that cannot be read is looked for again.
    """

    def __init__(
        self,
        name: str | None,
        settings: Callable[[], Settings],
        rules: BaselineRules = BaselineRules(),
    ) -> None:
        self._name, self._settings, self._rules = name, settings, rules
        self._check: BaselineCheck | None = None
        self._error: HarnessError | None = None

    def read(self) -> BaselineCheck | None:
        """Return the baseline with the rules, if there is one to compare with.

        Raises:
            SettingsError: The settings are unusable.
            StoreError: It cannot be read.
        """
        if self._error is not None:
            raise self._error
        if self._check is None and self._name is not None:
            try:
                self._check = self._opened(self._name)
            except HarnessError as error:
                self._error = error
                raise
        return self._check

    def excuse(self, records: Sequence[OutcomeRecord], judge: str | None) -> str | None:
        """Return why a failing test does not fail the session by itself, if it does not.

        Args:
            records: The repeats of its case.
            judge: The model that judged them.
        """
        if self._rules.fail_on == "failed":
            return None
        try:
            check = self.read()
        except HarnessError:  # a baseline that cannot be read is reported once, for all tests
            return None
        if check is None:
            return None
        from harness.app.compare.failure_kind import kind_of_trials

        return excuse_of(kind_of_trials(check.baseline.side, records, judge), check)

    def _opened(self, name: str) -> BaselineCheck:
        from harness.app.compare import baseline_check  # most sessions do without

        rules = self._rules
        return baseline_check.BaselineCheck(
            baseline_check.open_whole_baseline(name, self._settings()),
            baseline_check.FailOn(rules.fail_on),
            confirm=rules.confirm,
            may_confirm=True,
            margin=baseline_check.MARGIN if rules.margin is None else rules.margin / 100,
            excludes_errors=rules.excludes_errors,
        )


def excuse_of(kind: FailureKind, check: BaselineCheck) -> str | None:
    """Return why a failing test of some kind does not fail a session, if it does not.

    What broke is not known to fail until it was asked again, so that excuse holds only until then.
    """
    if kind == "broken" and check.confirm and check.fails_on == "broken":
        return f"broke; asked again {check.confirm} times at the end of the session"
    if kind.fails_run(check.fails_on):
        return None
    if kind == "known":
        return f"known failure (also failed in baseline {check.baseline.name})"
    what = "broke" if kind == "broken" else "new"
    return f"{what}; only a regression fails this session"
