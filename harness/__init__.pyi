# The public API for type checkers and editors; `public_names.py` has the same names.

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
    NothingToRerunError,
    SettingsError,
    StoreError,
    SuiteError,
)
from harness.exit_code import ExitCode, RunStatus
from harness.model.case_result import CaseKey, CaseLabel, CaseResult
from harness.model.identical_variants import IdenticalVariants
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
    "IdenticalVariants",
    "Judge",
    "NonEmptyText",
    "NothingSelectedError",
    "NothingToRerunError",
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
