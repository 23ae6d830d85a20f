"""Builds the parts and joins them: the one place that names concrete classes together."""

from harness.app.execute.background_run import BackgroundOutcome, BackgroundRun
from harness.app.execute.cache import CacheFinding, cache_stats, clear_cache, explain_cache
from harness.app.execute.execution import Budget
from harness.app.execute.previous_runs import (
    LATEST,
    RERUNS,
    find_run_file,
    open_previous_run,
    rerun_ids,
    scoring_options,
)
from harness.app.execute.reply_sources import Sources
from harness.app.execute.running import OutputOptions, RunResult, run
from harness.app.execute.simulator import serve_simulator
from harness.app.plan.estimating import PlannedTrial, planned_trials
from harness.app.plan.planning import (
    Plan,
    RunOptions,
    SuiteBook,
    plan,
    project_settings,
    schema_text,
    why_no_judge,
)
from harness.app.report.files import check_report, write_junit, write_text
from harness.app.report.merge_workers import is_written, merge_parts
from harness.app.report.progress import progress_on
from harness.app.report.run_results import (
    annotation_lines,
    failure_texts,
    metric_texts,
    result_data,
    result_notes,
    run_markdown_text,
    summary_text,
    totals_text,
)
from harness.assertions.parameters import read_duration
from harness.loading.settings import require_server
from harness.reporting.case_texts import CaseText, case_log, case_text
from harness.running.interrupter import Interrupter
from harness.store.folder import RUN_FILE

__all__ = [
    "LATEST",
    "RERUNS",
    "RUN_FILE",
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
    "check_report",
    "clear_cache",
    "explain_cache",
    "failure_texts",
    "find_run_file",
    "is_written",
    "merge_parts",
    "metric_texts",
    "open_previous_run",
    "plan",
    "planned_trials",
    "progress_on",
    "project_settings",
    "read_duration",
    "require_server",
    "rerun_ids",
    "result_data",
    "result_notes",
    "run",
    "run_markdown_text",
    "schema_text",
    "scoring_options",
    "serve_simulator",
    "summary_text",
    "totals_text",
    "why_no_judge",
    "write_junit",
    "write_text",
]
