"""Builds the parts and joins them: the one place that names concrete classes together."""

from harness.app.caching import CacheFinding, cache_stats, clear_cache, explain_cache
from harness.app.earlier import LATEST, RERUNS, earlier_run, rerun_ids, scoring
from harness.app.job import Bounds
from harness.app.planning import Choice, Plan, plan, planned_trials, schema_text
from harness.app.replies import Sources
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
    "LATEST",
    "RERUNS",
    "Bounds",
    "CacheFinding",
    "Choice",
    "Outputs",
    "Plan",
    "RunResult",
    "Sources",
    "cache_stats",
    "check_report",
    "clear_cache",
    "earlier_run",
    "explain_cache",
    "failure_texts",
    "plan",
    "planned_trials",
    "progress_on",
    "read_duration",
    "rerun_ids",
    "result_data",
    "run",
    "schema_text",
    "scoring",
    "serve_simulator",
    "summary_text",
    "totals_text",
    "write_junit",
]
