"""Builds the parts and joins them: the one place that names concrete classes together."""

from harness.app.job import Bounds
from harness.app.planning import Choice, Plan, plan, planned_trials, schema_text
from harness.app.results import (
    check_report,
    failure_texts,
    progress_on,
    result_data,
    summary_text,
    totals_text,
    write_junit,
)
from harness.app.running import Outputs, RunResult, run
from harness.app.simulating import serve_simulator
from harness.assertions.parameters import read_duration

__all__ = [
    "Bounds",
    "Choice",
    "Outputs",
    "Plan",
    "RunResult",
    "check_report",
    "failure_texts",
    "plan",
    "planned_trials",
    "progress_on",
    "read_duration",
    "result_data",
    "run",
    "schema_text",
    "serve_simulator",
    "summary_text",
    "totals_text",
    "write_junit",
]
