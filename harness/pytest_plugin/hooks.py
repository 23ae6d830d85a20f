"""What pytest calls. It is loaded in every session, so it imports nothing but pytest."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.pytest_plugin.keys import (
    BEGAN,
    CASES,
    HAS_RUN_TESTS,
    ITEM,
    PARTS_POINTER,
    PARTS_POINTER_OF_CONTROLLER,
    REPORT,
    RUN_ID,
    RUN_ID_OF_CONTROLLER,
    SESSION,
    WORKERS_RAN_TESTS,
    CaseTest,
    SessionSummary,
)
from harness.pytest_plugin.options import add_options, check_baseline_options, option_or_ini
from harness.pytest_plugin.report_attributes import CASE, IS_EXCUSED

if TYPE_CHECKING:
    from harness.pytest_plugin.fixtures import AssertsPrompts, RunsSuites
    from harness.pytest_plugin.items import SuiteFile
    from harness.pytest_plugin.session import PromptSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of prompt tests."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse options that exclude each other."""
    config.addinivalue_line("markers", "harness: a test made from a case of a prompt suite")
    record, replay = (option_or_ini(config, name) for name in ("record", "replay"))
    if record and replay:
        raise pytest.UsageError("--harness-record and --harness-replay cannot be combined")
    check_baseline_options(config)
    if option_or_ini(config, "baseline") is not None and not hasattr(config, "workerinput"):
        from harness.pytest_plugin.case_reports import CaseReports

        config.stash[CASES] = CaseReports()
        config.pluginmanager.register(config.stash[CASES], "harness-case-reports")
    if config.getoption("numprocesses", None):
        _check_for_workers(config, is_recording=bool(record))
        if option_or_ini(config, "baseline") is not None:  # before a worker sends anything
            is_asked_for = config.getoption("harness_baseline") is not None
            _session(config).read_baseline(is_required=is_asked_for)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> SuiteFile | None:
    """Collect files whose name matches `harness_files`."""
    patterns = parent.config.getini("harness_files")
    if any(fnmatch(file_path.name, pattern) for pattern in patterns):
        from harness.pytest_plugin.items import SuiteFile

        return SuiteFile.from_parent(parent, path=file_path)
    return None


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Say in the header how many prompt tests will run and where, with warnings, if any will."""
    chosen = _prompts_among(items)
    is_quiet = config.get_verbosity() < 0 or config.option.collectonly
    return [] if is_quiet or not chosen else _session(config).header(chosen)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Send ahead while pytest's own loop takes one test after the other.

    This is the first moment at which the list of tests is final. Nothing is sent if none will run.
    After the last one, tests whose excuse does not hold are reported as failed: now, because
    plugins such as `--lf` write what they know when the session finishes.
    """
    config = session.config
    chosen = _prompts_among(session.items)
    is_broken = session.testsfailed and not config.option.continue_on_collection_errors
    is_dry = config.option.collectonly or config.getoption("setuponly", default=False)
    if chosen and not is_broken and not is_dry:
        _session(config).begin(session, chosen)
    done = yield
    cases = config.stash.get(CASES, None)
    if cases is not None and cases.excused and not session.shouldfail and not session.shouldstop:
        _end(config, is_interrupted=False)
        _make_report(session, may_rerun=True)
    return done


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Send the requests of the tests that come next."""
    prompts = item.config.stash.get(SESSION, None)
    case = item.stash.get(ITEM, None)
    if prompts is not None and case is not None:
        prompts.reached(case, None if nextitem is None else nextitem.stash.get(ITEM, None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report how long the service took, and which case it was.

    pytest has mostly waited for less, because the requests were sent ahead.
    """
    report = yield
    case = item.stash.get(ITEM, None)
    if case is not None:
        is_excused = case.excuse is not None and getattr(report, "wasxfail", None) == case.excuse
        vars(report).update({CASE: case.case_key, IS_EXCUSED: is_excused})
    if report.when == "call" and case is not None and case.service_times is not None:
        report.start, report.duration = case.service_times
        report.stop = report.start + report.duration
    return report


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """End the run, and fail the session if the run failed for a reason that no test shows.

    The report is made after the other plugins have ended: pytest-xdist waits for its workers there.
    """
    config = session.config
    is_interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
    _end(config, is_interrupted=is_interrupted)
    ended = yield
    if REPORT not in config.stash:
        is_whole = not (is_interrupted or session.shouldfail or session.shouldstop)
        _make_report(session, may_rerun=is_whole, is_interrupted=is_interrupted)
    report = config.stash.get(REPORT, None)
    if report is not None and report.has_failed and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return ended


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the section "prompt tests", if any ran."""
    report = config.stash.get(REPORT, None)
    if report is not None and report.lines:
        terminalreporter.write_sep("-", "prompt tests")
        for line in report.lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give the workers of pytest-xdist one run to write parts of."""
    from harness.model.run_id import new_run_id

    stash = node.config.stash
    stash.setdefault(BEGAN, time.monotonic())
    run_id = stash.setdefault(RUN_ID, new_run_id(datetime.now(UTC)))
    name = f"harness-{node.workerinput['testrunuid']}"
    pointer = stash.setdefault(PARTS_POINTER, Path(tempfile.gettempdir(), name))
    node.workerinput[RUN_ID_OF_CONTROLLER] = run_id
    node.workerinput[PARTS_POINTER_OF_CONTROLLER] = str(pointer)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Note whether a worker of pytest-xdist ran tests of suites; one that died cannot say so."""
    if getattr(node, "workeroutput", {}).get(HAS_RUN_TESTS):
        node.config.stash[WORKERS_RAN_TESTS] = True


@pytest.fixture
def harness_suite(request: pytest.FixtureRequest) -> RunsSuites:
    """Run a suite, or some of its cases, and return the outcomes."""
    from harness.pytest_plugin.fixtures import suite_runner

    return suite_runner(_session(request.config), request)


@pytest.fixture
def assert_prompt(request: pytest.FixtureRequest) -> AssertsPrompts:
    """Send one prompt, assert on its reply and return its outcome."""
    from harness.pytest_plugin.fixtures import prompt_asserter

    return prompt_asserter(_session(request.config), request)


def _end(config: pytest.Config, *, is_interrupted: bool) -> None:
    prompts = config.stash.get(SESSION, None)
    if prompts is not None:
        prompts.end(is_interrupted=is_interrupted)
        if hasattr(config, "workeroutput"):  # what a worker tells its controller
            config.workeroutput[HAS_RUN_TESTS] = prompts.has_run_tests


def _make_report(session: pytest.Session, *, may_rerun: bool, is_interrupted: bool = False) -> None:
    """Make the report of the prompt tests, if any ran, and take back excuses that do not hold."""
    config = session.config
    report = _report(config, may_rerun=may_rerun, is_interrupted=is_interrupted)
    if report is None:
        return
    config.stash[REPORT] = report
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    for excused, failures in report.failures:
        expected = [] if terminal is None else terminal.stats.get("xfailed", [])
        if excused in expected:
            expected.remove(excused)  # pytest would count the test twice
        for failure in failures:
            config.hook.pytest_runtest_logreport(report=failure)
    if not report.gate:
        return
    from harness.pytest_plugin.case_reports import gate_reports

    for failure in gate_reports(report.gate):
        config.hook.pytest_runtest_logreport(report=failure)


def _report(
    config: pytest.Config, *, may_rerun: bool, is_interrupted: bool
) -> SessionSummary | None:
    """Return the report of the prompt tests; None if none ran here."""
    pointer = config.stash.get(PARTS_POINTER, None)
    if pointer is not None and pointer.is_file():
        from harness.pytest_plugin.worker_parts import merged_report

        prompts = _session(config)
        return merged_report(
            partial(prompts.compare, may_rerun=may_rerun),
            pointer,
            config.stash[BEGAN],
            is_interrupted=is_interrupted,
            has_run_tests=config.stash.get(WORKERS_RAN_TESTS, False),
        )
    ours = config.stash.get(SESSION, None)
    return None if ours is None else ours.report(may_rerun=may_rerun)


def _check_for_workers(config: pytest.Config, *, is_recording: bool) -> None:
    """Refuse the options that workers, which know nothing of each other, cannot keep."""
    needing_one = ["record"] if is_recording else []
    needing_one += [
        name for name in ("max_cost", "run_file") if config.getoption(f"harness_{name}") is not None
    ]
    if needing_one:
        flag = f"--harness-{needing_one[0].replace('_', '-')}"
        raise pytest.UsageError(f"{flag} needs one process: write -n 0")


def _prompts_among(items: Iterable[pytest.Item]) -> list[CaseTest]:
    cases = (item.stash.get(ITEM, None) for item in items)
    return [case for case in cases if case is not None]


def _session(config: pytest.Config) -> PromptSession:
    from harness.pytest_plugin.session import session_of

    return session_of(config)
