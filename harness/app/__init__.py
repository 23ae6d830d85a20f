"""Builds the parts and joins them: the one place that names concrete classes together.

Names are imported when they are first used: `harness validate` runs nothing and stores nothing,
`harness compare` plans nothing, and most runs write no reports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.app.execute.background_run import BackgroundOutcome, BackgroundRun
    from harness.app.execute.cache import CacheFinding, cache_stats, clear_cache, explain_cache
    from harness.app.execute.given_replies import read_outputs
    from harness.app.execute.previous_runs import (
        RERUNS,
        find_run_file,
        following,
        open_previous_run,
        scoring_options,
    )
    from harness.app.execute.run_result import RunResult
    from harness.app.execute.running import run
    from harness.app.execute.simulator import serve_simulator
    from harness.app.plan.doubts import plan_doubts
    from harness.app.plan.estimating import PlannedTrial, planned_trials
    from harness.app.plan.options import Budget, OutputOptions, RunOptions, Sources
    from harness.app.plan.planning import Plan, SuiteBook, plan_run, schema_text
    from harness.app.plan.project import project_settings
    from harness.app.plan.requirements import (
        check_code,
        missing_requirements,
        recorded_judges,
        required_judges,
        requirement_errors,
    )
    from harness.app.report.files import check_report, write_junit, write_markdown
    from harness.app.report.merge_workers import is_written, merge_parts
    from harness.app.report.progress import progress_on
    from harness.app.report.record_notes import record_notes, same_request_note
    from harness.app.report.run_results import (
        annotation_lines,
        failure_texts,
        metric_texts,
        result_data,
        result_notes,
        run_markdown_text,
        run_status,
        summary_text,
        totals_text,
    )
    from harness.assertions.parameters import read_duration
    from harness.loading.settings import require_server
    from harness.reporting.case_texts import CaseText, case_log, case_text
    from harness.running.interrupter import Interrupter
    from harness.store.atomic_file import STANDARD_OUTPUT
    from harness.store.folder import LATEST, RUN_FILE

__all__ = [
    "LATEST",
    "RERUNS",
    "RUN_FILE",
    "STANDARD_OUTPUT",
    "BackgroundOutcome",
    "BackgroundRun",
    "Budget",
    "CacheFinding",
    "CaseText",
    "Interrupter",
    "OutputOptions",
    "Plan",
    "PlannedTrial",
    "RunOptions",
    "RunResult",
    "Sources",
    "SuiteBook",
    "annotation_lines",
    "cache_stats",
    "case_log",
    "case_text",
    "check_code",
    "check_report",
    "clear_cache",
    "explain_cache",
    "failure_texts",
    "find_run_file",
    "following",
    "is_written",
    "merge_parts",
    "metric_texts",
    "missing_requirements",
    "open_previous_run",
    "plan_doubts",
    "plan_run",
    "planned_trials",
    "progress_on",
    "project_settings",
    "read_duration",
    "read_outputs",
    "record_notes",
    "recorded_judges",
    "require_server",
    "required_judges",
    "requirement_errors",
    "result_data",
    "result_notes",
    "run",
    "run_markdown_text",
    "run_status",
    "same_request_note",
    "schema_text",
    "scoring_options",
    "serve_simulator",
    "summary_text",
    "totals_text",
    "write_junit",
    "write_markdown",
]

_MODULES = {
    "harness.app.execute.background_run": (
        "BackgroundOutcome",
        "BackgroundRun",
    ),
    "harness.app.execute.cache": (
        "CacheFinding",
        "cache_stats",
        "clear_cache",
        "explain_cache",
    ),
    "harness.app.execute.given_replies": ("read_outputs",),
    "harness.app.execute.previous_runs": (
        "RERUNS",
        "open_previous_run",
        "find_run_file",
        "following",
        "scoring_options",
    ),
    "harness.app.execute.run_result": ("RunResult",),
    "harness.app.execute.running": ("run",),
    "harness.app.execute.simulator": ("serve_simulator",),
    "harness.app.plan.doubts": ("plan_doubts",),
    "harness.app.plan.estimating": (
        "PlannedTrial",
        "planned_trials",
    ),
    "harness.app.plan.options": ("Budget", "OutputOptions", "RunOptions", "Sources"),
    "harness.app.plan.planning": ("Plan", "SuiteBook", "plan_run", "schema_text"),
    "harness.app.plan.project": ("project_settings",),
    "harness.app.plan.requirements": (
        "check_code",
        "missing_requirements",
        "recorded_judges",
        "required_judges",
        "requirement_errors",
    ),
    "harness.app.report.files": (
        "check_report",
        "write_junit",
        "write_markdown",
    ),
    "harness.app.report.merge_workers": (
        "is_written",
        "merge_parts",
    ),
    "harness.app.report.progress": ("progress_on",),
    "harness.app.report.record_notes": ("record_notes", "same_request_note"),
    "harness.app.report.run_results": (
        "annotation_lines",
        "failure_texts",
        "metric_texts",
        "result_data",
        "result_notes",
        "run_markdown_text",
        "run_status",
        "summary_text",
        "totals_text",
    ),
    "harness.assertions.parameters": ("read_duration",),
    "harness.loading.settings": ("require_server",),
    "harness.reporting.case_texts": (
        "CaseText",
        "case_log",
        "case_text",
    ),
    "harness.running.interrupter": ("Interrupter",),
    "harness.store.atomic_file": ("STANDARD_OUTPUT",),
    "harness.store.folder": (
        "LATEST",
        "RUN_FILE",
    ),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value
