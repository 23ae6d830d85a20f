"""Where each name of the public API lives; it is imported when it is first used."""

from __future__ import annotations

import sys
from importlib import import_module

HOMES = {
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
    "NothingToRerunError": "harness.errors",
    "SettingsError": "harness.errors",
    "StoreError": "harness.errors",
    "SuiteError": "harness.errors",
    "ExitCode": "harness.exit_code",
    "RunStatus": "harness.exit_code",
    "CaseKey": "harness.model.case_result",
    "CaseLabel": "harness.model.case_result",
    "CaseResult": "harness.model.case_result",
    "IdenticalVariants": "harness.model.identical_variants",
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


def public_value(name: str) -> object:
    """Return what a name of the API stands for, and put it into the package for the next time.

    Raises:
        AttributeError: The API has no such name.
    """
    if name == "__all__":
        return sorted(HOMES)
    package = sys.modules["harness"]
    if name not in HOMES:
        message = f"module 'harness' has no attribute {name!r}"
        # With the package, Python asks "Did you mean …?".
        raise AttributeError(message, name=name, obj=package)
    value: object = getattr(import_module(HOMES[name]), name)
    setattr(package, name, value)
    return value


def listed_names() -> list[str]:
    """Return what `dir` shows: the API, and no modules that happen to be loaded."""
    special = {name for name in vars(sys.modules["harness"]) if name.startswith("__")}
    return sorted({*HOMES, *special})
