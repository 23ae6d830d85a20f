"""The plan of a run on record, so that its cases can be run again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from harness.app.execute.previous_runs import find_run_file, recorded_options
from harness.app.plan.options import RunOptions
from harness.app.plan.planning import Plan, SuiteBook
from harness.errors import StoreError
from harness.loading.settings import require_server
from harness.model.run_file import RunHead
from harness.model.settings import Settings
from harness.model.suite import Suite
from harness.model.suite_head import SuiteHead
from harness.store.reader import RunReader
from harness.wording import Option, Wording


def recorded_plan(suites: Iterable[SuiteHead], options: RunOptions) -> Plan:
    """Return a plan with the suites of a run, which must be as they were with what they include.

    Args:
        suites: What the record says of them.
        options: What they are loaded with, and where requests go.

    Raises:
        BrokenSuitesError: A suite cannot be loaded.
        SettingsError: The settings are unusable, or no server is configured.
        StoreError: A suite or a file that it includes has changed since the run.
    """
    book = SuiteBook(options)
    require_server(book.settings)
    for recorded in suites:
        if not recorded.path:
            raise StoreError(f"the record does not say where the suite `{recorded.name}` is")
        changed = next(_changed(recorded, book.load(Path(recorded.path))), None)
        if changed is not None:
            raise StoreError(
                f"{changed} has changed since the run, so no case can be run again;"
                " restore it, or run the suites as they are now"
            )
    return book.plan()


def _changed(recorded: SuiteHead, suite: Suite) -> Iterator[str]:
    """Yield the files of a suite that are not as they were, the suite's own first."""
    if suite.digest != recorded.sha256:
        yield recorded.path
    then = suite.files if recorded.files is None else recorded.files
    for name in sorted({*then, *suite.files}):
        if then.get(name) != suite.files.get(name):
            yield f"`{name}`, a file of {recorded.path},"


def plan_of_runs(names: Sequence[str], options: RunOptions) -> Plan:
    """Return a plan with the suites of several runs, such as the shards of one.

    Args:
        names: Files, folders or ids of runs, or `latest`.
        options: Say where runs are kept; what the runs were started with is added.

    Raises:
        BrokenSuitesError: A suite cannot be loaded.
        SettingsError: The settings are unusable, or no server is configured.
        StoreError: A run cannot be read, the runs had different options or asked another server
            than the settings name, or a suite has changed.
    """
    heads = [_head(find_run_file(name, options)) for name in names]
    first = heads[0].options
    if any(head.options != first for head in heads):
        problem = "the runs had different options, so their cases cannot be run again alike"
        raise StoreError(f"{problem}; run the suites of each anew with its own baseline")
    suites = {suite.name: suite for head in heads for suite in head.suites}
    options = recorded_options(replace(heads[0], suites=tuple(suites.values())), options)
    is_chosen = options.flags.get("base_url") is not None
    if first.base_url is not None and not is_chosen:
        options = replace(options, flags={**options.flags, "base_url": first.base_url})
    plan = recorded_plan(suites.values(), options)
    if not is_chosen:
        _check_server(heads, plan.settings)
    return plan


def _check_server(heads: Iterable[RunHead], settings: Settings) -> None:
    """Make sure that the settings name the server that the runs asked.

    Raises:
        StoreError: They asked another one.
    """
    asked = {head.settings.get("base_url") for head in heads} - {None, settings.base_url}
    for server in sorted(map(str, asked)):
        raise StoreError(
            Wording(
                "the runs asked {server}, but the settings name {named}; say with `{base_url}`"
                " which of them cases are asked again",
                server=server,
                named=str(settings.base_url),
                base_url=Option("base_url"),
            )
        )


def _head(run_file: Path) -> RunHead:
    with RunReader(run_file) as reader:
        return reader.head
