"""What the options say of a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import app
from harness.errors import SettingsError

if TYPE_CHECKING:
    from harness.app.compare.baseline_check import BaselineCheck


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """What the options say of a baseline."""

    baseline: str | None = None
    fail_on: str | None = None
    require_conclusive: bool = False
    confirm: int | None = None
    may_confirm: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> BaselineOptions:
        """Take what is said of a baseline out of a command's options."""
        names = ("baseline", "fail_on", "require_conclusive")
        baseline, fail_on, is_strict = (options.pop(name) for name in names)
        may_confirm = "confirm" in options
        return cls(baseline, fail_on, is_strict, options.pop("confirm", None), may_confirm)

    def gate(self, plan: app.Plan, *, is_offline: bool) -> BaselineCheck | None:
        """Return what the run is to be held against, if anything.

        Args:
            plan: What is to run.
            is_offline: Whether nothing is ever sent.

        Raises:
            SettingsError: Something is asked for that needs a baseline.
            StoreError: The baseline cannot be read, or has no case of the plan.
        """
        if self.baseline is None:
            for name, value in (
                ("--fail-on regression", self.fail_on == "regression"),
                ("--require-conclusive", self.require_conclusive),
                ("--confirm", self.confirm),
            ):
                if value:
                    raise SettingsError(f"{name} needs a baseline", "add --baseline")
            return None
        from harness.app.compare import baseline_check  # most runs do without

        if self.confirm and is_offline:
            raise SettingsError("--confirm asks again, and --replay never does", "leave one out")
        baseline = baseline_check.open_baseline(self.baseline, plan.settings)
        baseline_check.baseline_for(baseline, plan)
        fails_on = baseline_check.FailOn(self.fail_on or baseline_check.FailOn.FAILED)
        return baseline_check.BaselineCheck(
            baseline, fails_on, self.require_conclusive, self.confirm or 0, self.may_confirm
        )
