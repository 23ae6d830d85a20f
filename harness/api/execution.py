"""Runs suites from Python, also where an event loop is running already."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from harness import app
from harness.api import arguments
from harness.api.plan import Assignments, Paths, Plan, loading_options, with_settings
from harness.api.run import Run
from harness.errors import HarnessError, SettingsError, StoreError
from harness.exit_code import ExitCode
from harness.suggestions import write_instead
from harness.wording import Option, Wording

Duration = float | str
"""Seconds, or a text such as `"250ms"`, `"5s"` or `"2m"`."""


def run(
    suites: Plan | Paths,
    *,
    keyword: str | None = None,
    tags: str | Iterable[str] = (),
    only: str | Iterable[str] = (),
    shard: str | None = None,
    set: Assignments = (),  # noqa: A002  # the word that the command line has for it
    repeat: int | None = None,
    allow_code: bool | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    concurrency: int | None = None,
    judge: str | None = None,
    cache: bool | None = None,
    max_cost: float | None = None,
    max_time: Duration | None = None,
    grace: Duration = 10.0,
    resume: Run | str | os.PathLike[str] | None = None,
    rerun: Literal["failed", "errored", "flaky"] | None = None,
    record: str | os.PathLike[str] | None = None,
    replay: str | os.PathLike[str] | None = None,
    run_file: str | os.PathLike[str] | None = None,
    progress: IO[str] | None = None,
) -> Run:
    """Run suites, judge the replies, leave a record and return it.

    Failed cases are results, not errors: see `Run.passed`. Ctrl-C starts no more trials and raises
    KeyboardInterrupt when those in flight have ended; a second one ends at once. What had finished
    is on record either way.

    In a coroutine this blocks the event loop; `await asyncio.to_thread(harness.run, …)` does not.

    Args:
        suites: A plan, or paths, which are loaded with the options from `keyword` to `allow_code`.
            A plan was loaded with its own.
        keyword: Words in ids, such as `"refund and not haiku"`.
        tags: A case needs one of them.
        only: Ids of cases or trials.
        shard: One of several equal shares, such as `"2/5"`.
        set: Settings of requests and variables for all suites: `{"request.temperature": 0}`.
        repeat: Trials per case and variant.
        allow_code: Whether `python` expectations may run functions of the project.
        base_url: The server; `"simulator"` for the built-in one, which asks no model.
        api_key: The key; without it the variable that the settings name is read.
        concurrency: The most requests in flight; without it the number adapts, up to 50.
        judge: The model that judges where a suite has none of its own.
        cache: Whether replies are shared between runs.
        max_cost: USD; the run stops when its replies cost more.
        max_time: The run stops after this time.
        grace: How long trials in flight may go on when the run is stopped.
        resume: A run to complete; its replies are used instead of new requests.
        rerun: Run only what had this result in the latest run or, with `resume`, in that one, whose
            other replies are kept: `"failed"` and `"flaky"` cases whole, `"errored"` trials alone.
        record: A folder to write replies to, for `replay`.
        replay: A folder to take recorded replies from; nothing is sent.
        run_file: Where the record goes; without it into a new folder below the reports.
        progress: A stream to show progress on, such as `sys.stderr`; nothing is shown without it.

    Raises:
        BrokenSuitesError: All mistakes of all files; nothing was sent.
        SettingsError: An option or the settings are unusable; nothing was sent.
        NothingSelectedError: No trial is selected.
        NothingToRerunError: Nothing had the result that `rerun` asks for.
        StoreError: The record cannot be written, or the run to resume not read.
    """
    flags = {"base_url": base_url, "concurrency": concurrency, "judge": judge, "cache": cache}
    selection: dict[str, Any] = {
        "keyword": keyword, "tags": tags, "only": only, "shard": shard, "set": set,
        "repeat": repeat, "allow_code": allow_code,
    }  # fmt: skip
    if arguments.text("rerun", rerun) is not None and rerun not in app.RERUNS:
        raise arguments.unusable("rerun", rerun, write_instead(str(rerun), app.RERUNS))
    options = with_settings(_options(suites, selection), flags, api_key)
    budget = app.Budget(
        _cost(max_cost), _optional_seconds("max_time", max_time), _seconds("grace", grace)
    )
    sources = app.Sources(record=_optional_path(record), replay=_optional_path(replay))
    outputs = app.OutputOptions(run_file=_optional_path(run_file))
    if progress is not None:
        if not hasattr(progress, "write"):
            raise arguments.unusable("progress", progress, "give a stream, such as `sys.stderr`")
        outputs = replace(outputs, progress=partial(app.progress_on, progress))
    name = None if resume is None else _name_of(resume)
    with app.following(options, sources, resume=name, rerun=rerun) as (options, sources):
        plan = suites.prepared(options) if isinstance(suites, Plan) else app.plan_run(options)
        return _run_of(_interruptible(partial(app.run, plan, outputs, budget, sources)))


def _options(suites: Plan | Paths, selection: dict[str, Any]) -> app.RunOptions:
    if not isinstance(suites, Plan):
        return loading_options(suites, **selection)
    # by what was not given, not by truth: `repeat=0` is a mistake, and must not be ignored
    extra = [name for name, value in selection.items() if value is not None and value != ()]
    if extra:
        problem = Wording("{option} cannot change a plan", option=Option(extra[0]))
        raise SettingsError(problem, "give it to `harness.load`, or give `run` the paths")
    return suites.options


def _run_of(result: app.RunResult) -> Run:
    """Return the run, unless it was interrupted or its record is not whole."""
    if result.broken is not None:
        raise StoreError(result.broken)
    if result.exit_code is ExitCode.INTERRUPTED:
        # A loop over models has to end too when a person interrupts one of its runs.
        interrupt = KeyboardInterrupt()
        record = f"what finished is in {result.run_file}"
        interrupt.add_note(f'{record}; `resume="{result.run_file}"` goes on with it')
        raise interrupt
    return Run(result)


def _interruptible(execute: Callable[..., app.RunResult]) -> app.RunResult:
    """Execute a run so that Ctrl-C reaches it, in a thread if this one runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return execute()
    # A thread runs one event loop at a time, and a notebook runs one all the time.
    interrupter = app.Interrupter()
    with ThreadPoolExecutor(1, thread_name_prefix="harness-run") as executor:
        future = executor.submit(execute, interrupter=interrupter)
        with _interrupts_to(interrupter):
            result = future.result()
    if interrupter.count and result.exit_code is not ExitCode.INTERRUPTED:
        raise KeyboardInterrupt  # it came when the last trial had ended
    return result


@contextmanager
def _interrupts_to(interrupter: app.Interrupter) -> Iterator[None]:
    """Hand Ctrl-C on to a run in another thread.

    `asyncio.run` has a handler of its own, which would wait until this thread is in its event loop
    again, so one is set even where KeyboardInterrupt is the default.
    """
    previous = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or previous is None:  # no handlers from here, or one that is not Python's
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: interrupter.interrupt())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _name_of(run: Run | str | os.PathLike[str]) -> str:
    return str(run.path) if isinstance(run, Run) else arguments.path("resume", run)


def _optional_path(path: str | os.PathLike[str] | None) -> Path | None:
    return None if path is None else Path(path)


def _cost(value: float | None) -> float | None:
    fix = "give USD above 0"
    if value is not None and not 0 < arguments.number("max_cost", value, fix) < math.inf:
        raise arguments.unusable("max_cost", value, fix)
    return value


def _optional_seconds(option: str, value: Duration | None) -> float | None:
    return None if value is None else _seconds(option, value)


def _seconds(option: str, value: Duration) -> float:
    try:
        return app.read_duration(value)
    except HarnessError as error:
        raise arguments.unusable(
            option, value, 'give seconds, or `"250ms"`, `"5s"` or `"2m"`'
        ) from error
