"""The first and the last line of a run file: where a run comes from and what it came to."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from harness.app.plan.planning import Plan
from harness.app.plan.requirements import recorded_judges
from harness.exit_code import ExitCode
from harness.model.identical_variants import IdenticalVariants
from harness.model.run_file import FINISHED, RunEnd, RunHead, ShardHead
from harness.model.settings import Settings
from harness.model.suite import Suite
from harness.model.suite_head import MetricHead, SuiteHead
from harness.reporting.summary import RunSummary
from harness.running.stopping import Stop
from harness.store.git_commit import git_commit
from harness.version import __version__


def run_head(
    run_id: str,
    started: datetime,
    plan: Plan,
    settings: Settings,
    command: Sequence[str],
    previous_run_file: Path | None = None,
    service: str = "",
) -> RunHead:
    """Return where a run comes from, without secrets.

    Args:
        run_id: Its id.
        started: When it began.
        plan: What it runs.
        settings: Where requests go.
        command: The words of the command line.
        previous_run_file: That of the run that it follows, if any.
        service: The key of the service whose replies it has.
    """
    shard, commit = plan.selection.shard, git_commit(Path())
    return RunHead(
        id=run_id,
        started=started.isoformat(timespec="milliseconds"),
        harness=__version__,
        pid=os.getpid(),  # named to whoever finds the file locked
        command=tuple(command),
        git=commit.revision,
        dirty=commit.is_dirty,
        previous_run_file=None if previous_run_file is None else str(previous_run_file),
        # A shard is not partial: merged with the others it is the whole run.
        partial=plan.is_partial,
        shard=None if shard is None else ShardHead(shard.number, shard.of, _digest_of_all(plan)),
        judge=recorded_judges(plan),
        simulated=settings.uses_simulator,
        options=plan.options,
        suites=tuple(suite_head(suite, plan.identical_in(suite)) for suite in plan.suites),
        settings={
            "base_url": settings.base_url,
            "service": service,
            "auth": settings.auth,
            "task_path": settings.task_path,
            "concurrency": settings.concurrency,
            "requests_per_minute": settings.requests_per_minute,
            "tokens_per_minute": settings.tokens_per_minute,
            "max_attempts": settings.max_attempts,
            "timeouts": {
                name: getattr(settings.timeouts, name)
                for name in ("connect", "first_byte", "idle", "attempt", "case")
            },
        },
    )


def _digest_of_all(plan: Plan) -> str:
    """Return a hash of all trials that shards are shares of, with their variables."""
    whole = replace(plan, selection=replace(plan.selection, shard=None))
    digest = hashlib.sha256()
    # Ids are not enough: a dataset that differs between machines may have as many rows.
    for trial in whole.trials():
        digest.update(f"{trial.id}\n{json.dumps(trial.vars, default=str)}\n".encode())
    return digest.hexdigest()


def suite_head(suite: Suite, identical: Sequence[IdenticalVariants] = ()) -> SuiteHead:
    """Return what a run file says of a suite.

    Args:
        suite: The suite.
        identical: Its variants that send the same request.
    """
    return SuiteHead(
        name=suite.name,
        path=str(suite.span.path),
        sha256=suite.digest,
        files=suite.files,
        description=suite.description,
        variants=tuple(variant.name for variant in suite.variants),
        cases=len(suite.cases),
        metrics=tuple(
            MetricHead(metric.name, metric.expression, metric.min, metric.max)
            for metric in suite.metrics
        ),
        identical_variants=tuple(identical),
        levels={variant.name: variant.levels for variant in suite.variants if variant.levels},
    )


def run_end(
    summary: RunSummary,
    exit_code: ExitCode,
    stop: Stop | None,
    seconds: float,
    planned: int,
    limits: Sequence[tuple[float, int]] = (),
) -> RunEnd:
    """Return what a run came to.

    Args:
        summary: The trials that came to their outcomes.
        exit_code: The exit status of the run.
        stop: Why it ended before its time, if it did.
        seconds: How long it took.
        planned: How many trials were selected.
        limits: How many requests might be under way at once: from which second on, how many.
    """
    status = FINISHED
    if stop is not None:
        status = "interrupted" if stop.exit_code is ExitCode.INTERRUPTED else "stopped"
    return RunEnd(
        status=status,
        exit_code=int(exit_code),
        seconds=seconds,
        stopped=None if stop is None else stop.why,
        planned=planned,
        limits=tuple(limits),
        summary=summary.as_data(),
        unfinished=summary.unfinished,
    )
