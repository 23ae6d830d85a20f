"""The options that compare a run with a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import app
from harness.errors import SettingsError

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck
    from harness.model.settings import Settings


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """Which baseline a run is compared with, and how strictly.

    Attributes:
        fail_on: `failed`, `broken` or `regression`; None for the default.
        margin: Changes of the pass rate, in points, that count as equivalent; None for the default.
        errors: `fail` or `exclude`; None for the default.
        gate_by: `tag` for a verdict of each tag.
        confirm: How often cases whose verdict flipped are run again.
        may_confirm: Whether the command has that option.
    """

    baseline: str | None = None
    fail_on: str | None = None
    require_conclusive: bool = False
    margin: float | None = None
    errors: str | None = None
    gate_by: str | None = None
    confirm: int | None = None
    may_confirm: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> BaselineOptions:
        """Take the options about a baseline out of a command's options."""
        names = ("baseline", "fail_on", "margin", "errors", "gate_by")
        taken = {name: options.pop(name) for name in names}
        taken["require_conclusive"] = options.pop("require_conclusive", False)
        may_confirm = "confirm" in options
        return cls(**taken, confirm=options.pop("confirm", None), may_confirm=may_confirm)

    def check(self, plan: app.Plan, *, is_offline: bool) -> BaselineCheck | None:
        """Return what a run of the plan is compared with, if anything.

        Args:
            plan: What is to run.
            is_offline: Whether nothing is ever sent.

        Raises:
            SettingsError: An option needs a baseline, or does not go with another one.
            StoreError: The baseline cannot be read, or has no case of the plan.
        """
        if self.confirm and self.baseline is not None and is_offline:
            problem = "--confirm runs cases again, but --replay sends nothing"
            raise SettingsError(problem, "leave one out")
        check = self.read(plan.settings)
        if check is not None:
            from harness.app.compare import baseline_check  # most runs do without

            baseline_check.baseline_for(check.baseline, plan)
        return check

    def read(self, settings: Settings) -> BaselineCheck | None:
        """Return what a run is compared with, if anything, whatever its cases are.

        Args:
            settings: Say where runs and baselines are.

        Raises:
            SettingsError: An option needs a baseline.
            StoreError: The baseline cannot be read.
        """
        if self.baseline is None:
            for option in self._needing_a_baseline():
                raise SettingsError(f"{option} needs a baseline", "add --baseline")
            return None
        from harness.app.compare import baseline_check  # most runs do without

        return baseline_check.BaselineCheck(
            baseline_check.open_whole_baseline(self.baseline, settings),
            baseline_check.FailOn(self.fail_on or baseline_check.FailOn.FAILED),
            self.require_conclusive,
            self.confirm or 0,
            self.may_confirm,
            baseline_check.MARGIN if self.margin is None else self.margin / 100,
            excludes_errors=self.errors == "exclude",
            by_tag=self.gate_by == "tag",
        )

    def _needing_a_baseline(self) -> Iterator[str]:
        if self.fail_on in {"broken", "regression"}:
            yield f"--fail-on {self.fail_on}"
        if self.require_conclusive:
            yield "--require-conclusive"
        if self.margin is not None:
            yield "--margin"
        if self.errors == "exclude":
            yield "--errors exclude"
        if self.gate_by is not None:
            yield "--gate-by"
        if self.confirm:
            yield "--confirm"
