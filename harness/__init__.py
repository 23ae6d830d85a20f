"""Tests prompts the way pytest tests code.

All names of the public API are imported from here; `docs/python.md` shows how to use them. Each is
loaded when it is first used, so that importing the package, which every command and every pytest
session does, costs nothing.
"""

# A variable of this name is true for type checkers and editors. That of `typing` would cost more
# than everything else in this file.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from harness.api.comparing import compare
    from harness.api.execution import run
    from harness.api.plan import Plan, load
    from harness.api.run import Run
    from harness.app.plan.estimating import PlannedTrial
    from harness.assertions.parameters import (
        ArgumentError,
        Duration,
        NonEmptyText,
        ParameterType,
        Range,
        Share,
        TrueOnly,
        VariantName,
    )
    from harness.assertions.peers import PeerResults
    from harness.assertions.questions import Judge
    from harness.assertions.registry import AssertionRegistry
    from harness.errors import (
        BrokenSuitesError,
        DefinitionError,
        HarnessError,
        NothingSelectedError,
        SettingsError,
        StoreError,
        SuiteError,
    )
    from harness.exit_code import ExitCode, RunStatus
    from harness.model.case_result import CaseKey, CaseLabel, CaseResult
    from harness.model.outcome import Verdict
    from harness.model.record import OutcomeRecord
    from harness.model.reply import Reply
    from harness.model.run_file import RunEnd, RunHead
    from harness.model.suite import Case, Suite
    from harness.reporting.comparing.model import ChangeVerdict, Comparison
    from harness.reporting.rates import Rate
    from harness.version import __version__

__all__ = [
    "ArgumentError",
    "AssertionRegistry",
    "BrokenSuitesError",
    "Case",
    "CaseKey",
    "CaseLabel",
    "CaseResult",
    "ChangeVerdict",
    "Comparison",
    "DefinitionError",
    "Duration",
    "ExitCode",
    "HarnessError",
    "Judge",
    "NonEmptyText",
    "NothingSelectedError",
    "OutcomeRecord",
    "ParameterType",
    "PeerResults",
    "Plan",
    "PlannedTrial",
    "Range",
    "Rate",
    "Reply",
    "Run",
    "RunEnd",
    "RunHead",
    "RunStatus",
    "SettingsError",
    "Share",
    "StoreError",
    "Suite",
    "SuiteError",
    "TrueOnly",
    "VariantName",
    "Verdict",
    "__version__",
    "compare",
    "load",
    "run",
]

_HOMES = {
    "compare": "harness.api.comparing",
    "run": "harness.api.execution",
    "Plan": "harness.api.plan",
    "load": "harness.api.plan",
    "Run": "harness.api.run",
    "PlannedTrial": "harness.app.plan.estimating",
    "ArgumentError": "harness.assertions.parameters",
    "Duration": "harness.assertions.parameters",
    "NonEmptyText": "harness.assertions.parameters",
    "ParameterType": "harness.assertions.parameters",
    "Range": "harness.assertions.parameters",
    "Share": "harness.assertions.parameters",
    "TrueOnly": "harness.assertions.parameters",
    "VariantName": "harness.assertions.parameters",
    "PeerResults": "harness.assertions.peers",
    "Judge": "harness.assertions.questions",
    "AssertionRegistry": "harness.assertions.registry",
    "BrokenSuitesError": "harness.errors",
    "DefinitionError": "harness.errors",
    "HarnessError": "harness.errors",
    "NothingSelectedError": "harness.errors",
    "SettingsError": "harness.errors",
    "StoreError": "harness.errors",
    "SuiteError": "harness.errors",
    "ExitCode": "harness.exit_code",
    "RunStatus": "harness.exit_code",
    "CaseKey": "harness.model.case_result",
    "CaseLabel": "harness.model.case_result",
    "CaseResult": "harness.model.case_result",
    "Verdict": "harness.model.outcome",
    "OutcomeRecord": "harness.model.record",
    "Reply": "harness.model.reply",
    "RunEnd": "harness.model.run_file",
    "RunHead": "harness.model.run_file",
    "Case": "harness.model.suite",
    "Suite": "harness.model.suite",
    "ChangeVerdict": "harness.reporting.comparing.model",
    "Comparison": "harness.reporting.comparing.model",
    "Rate": "harness.reporting.rates",
    "__version__": "harness.version",
}

# A type checker that saw this function would accept any name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name of the API when it is first used (PEP 562)."""
        import sys
        from importlib import import_module

        if name not in _HOMES:
            message = f"module {__name__!r} has no attribute {name!r}"
            # With the module, Python asks "Did you mean …?".
            raise AttributeError(message, name=name, obj=sys.modules[__name__])
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value  # the next look-up does not come here
        return value

    def __dir__() -> list[str]:
        """Return the names of the API, those that are not loaded yet included."""
        return sorted({*globals(), *__all__})
