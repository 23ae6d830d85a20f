"""Saves baselines, and lists those of a project."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.app.compare.baselines import (
    DEFAULT_NAME,
    baseline_files,
    head_of,
    is_finished,
    sent_of,
    unfinished,
)
from harness.app.plan.options import RunOptions
from harness.app.plan.project import project_settings
from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import key_of
from harness.reporting.comparing.baseline_data import UNJUDGED, data_of, label_of_data
from harness.reporting.comparing.checks import cases, few, named
from harness.reporting.comparing.sides import RunSide, side_of
from harness.store.baseline import (
    SUFFIX,
    BaselineFile,
    is_baseline,
    read_baseline,
    write_baseline,
)
from harness.store.folder import LATEST, find_run
from harness.store.reader import RunReader

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class SavedBaseline:
    """A baseline that was saved.

    Attributes:
        counts: How many cases have each label.
        moved: Cases with another verdict than in the file before, and both verdicts.
        notes: What a person should know of it.
    """

    path: Path
    counts: Mapping[str, int]
    moved: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]


def save_baseline(
    run: str,
    options: RunOptions,
    *,
    name: str = DEFAULT_NAME,
    output: Path | None = None,
    has_measures: bool = False,
    has_replies: bool = False,
) -> SavedBaseline:
    """Save the result of each case of a run.

    Args:
        run: A file, a folder, an id or `latest`.
        options: Say where runs and baselines are kept.
        name: What the baseline of the project is to be called.
        output: Where it goes instead.
        has_measures: Whether latency, tokens and cost are kept.
        has_replies: Whether what was sent and what was said is kept.

    Raises:
        StoreError: The run cannot be read, did not come to its end or has nothing that was
            judged, or the file cannot be written.
    """
    settings = project_settings(options)
    path = output or settings.baselines / f"{_slug(name)}{SUFFIX}"
    before = _verdicts(read_baseline(path).cases) if is_baseline(path) else {}
    kept: dict[CaseKey, dict[str, Any]] = {}
    with RunReader(find_run(run, settings.reports)) as reader:
        _require_end(reader)
        side = side_of(run, reader.outcomes())
        if not side.results:
            raise StoreError(f"{reader.path} has no trial that was judged; nothing is saved")
        if has_replies:
            for record in reader.outcomes():
                _keep(record, kept.setdefault(key_of(record), {"texts": []}))
        head, is_partial = head_of(reader.head), not reader.head.has_all_cases
    kept_cases = [
        {
            **data_of(result, has_measures=has_measures, has_replies=has_replies),
            **kept.get(key, {}),
        }
        for key, result in side.results.items()
    ]
    # A case without a verdict may still be what `same_as` and the like compare others with; to
    # confirm those, it has to be sent again too.
    unjudged = [
        {"suite": key[0], "case": key[1], "variant": key[2], "verdict": UNJUDGED, **fields}
        for key, fields in kept.items()
        if key not in side.results and "sent" in fields
    ]
    write_baseline(path, head, [*kept_cases, *unjudged])
    after = _verdicts(kept_cases)
    # Labels and not fingerprints: this is what a reviewer of the file should look at.
    moved = [(name, before[name], now) for name, now in after.items() if name in before]
    notes = ["only a part of the suites was selected in this run"] if is_partial else []
    gone = len(before.keys() - after.keys())
    are = "is" if gone == 1 else "are"
    notes += [f"{cases(gone)} of the baseline before {are} gone"] if gone else []
    errored = named(key for key, result in side.results.items() if result.errored)
    if errored:
        why = "errors are no evidence, so later runs are compared without them"
        notes.append(f"{cases(len(errored))} errored ({few(errored)}): {why}")
    return SavedBaseline(
        path,
        Counter(after.values()),
        tuple(change for change in moved if change[1] != change[2]),
        tuple(notes),
    )


def list_baselines(options: RunOptions) -> Iterator[tuple[Path, BaselineFile | StoreError]]:
    """Yield the baselines of the project; of one that is damaged, what is wrong with it."""
    for path in baseline_files(project_settings(options).baselines):
        try:
            file = read_baseline(path)
            judged = (case for case in file.cases if case.get("verdict") != UNJUDGED)
            yield path, replace(file, cases=tuple(judged))
        except StoreError as error:
            yield path, error


def baseline_counts(side: RunSide) -> dict[tuple[str, str], Counter[str]]:
    """Return how many cases of each suite and variant have each label."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for key, result in side.results.items():
        counts.setdefault((key.suite, key.variant), Counter())[result.label.value] += 1
    return counts


def _keep(record: OutcomeRecord, kept: dict[str, Any]) -> None:
    if record["reply"] is not None:
        kept["texts"].append(record["reply"]["text"])
    if "sent" not in kept:
        sent = sent_of(record)
        kept |= {} if sent is None else {"sent": sent}


def _require_end(reader: RunReader) -> None:
    # Saved from half a run, a baseline would say that the other half was removed from the suites.
    if not is_finished(reader):
        raise unfinished(reader.path)


def _verdicts(cases: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        str(CaseKey(case["suite"], case["case"], case["variant"])): label_of_data(case)
        for case in cases
        if case.get("verdict") != UNJUDGED
    }


def _slug(name: str) -> str:
    # `latest` always means the newest run, and other signs would make paths of names.
    if name == LATEST or not _NAME.fullmatch(name):
        wanted = "write up to 80 letters, digits, `.`, `_` and `-`, and not `latest`"
        raise StoreError(f"`{name[:80]}` is not a valid name of a baseline; {wanted}")
    return name
