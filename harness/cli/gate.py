"""What the options say of a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import app
from harness.errors import SettingsError

if TYPE_CHECKING:
    from harness.app.gating import Gate


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What the options say of a baseline."""

    baseline: str | None = None
    fail_on: str | None = None
    require_conclusive: bool = False
    confirm: int | None = None
    may_confirm: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> GateOptions:
        """Take what is said of a baseline out of a command's options."""
        names = ("baseline", "fail_on", "require_conclusive")
        baseline, fail_on, is_strict = (options.pop(name) for name in names)
        may_confirm = "confirm" in options
        return cls(baseline, fail_on, is_strict, options.pop("confirm", None), may_confirm)

    def gate(self, plan: app.Plan, *, is_offline: bool) -> Gate | None:
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
        from harness.app import gating  # most runs do without

        if self.confirm and is_offline:
            raise SettingsError("--confirm asks again, and --replay never does", "leave one out")
        baseline = gating.open_baseline(self.baseline, plan.settings)
        gating.asked_of(baseline, plan)
        fails_on = gating.FailOn(self.fail_on or gating.FailOn.FAILED)
        return gating.Gate(
            baseline, fails_on, self.require_conclusive, self.confirm or 0, self.may_confirm
        )
