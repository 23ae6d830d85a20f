"""Baselines: runs and small files that later runs are compared with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.compare.run_sides import side_of_run
from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.model.tool_results import with_names
from harness.reporting.case_results import key_of
from harness.reporting.comparing.baseline_data import UNJUDGED, data_of, label_of_data, side_of_data
from harness.reporting.comparing.checks import cases, few, named
from harness.reporting.comparing.sides import RunSide, side_of
from harness.store.baseline import (
    SUFFIX,
    BaselineFile,
    is_baseline,
    parse_baseline,
    read_baseline,
    write_baseline,
)
from harness.store.folder import LATEST, find_run
from harness.store.git_files import git_file, git_names
from harness.store.reader import RunReader, is_run_file
from harness.suggestions import write_instead
from harness.wording import RESUME, Wording

if TYPE_CHECKING:
    from harness.app.plan.options import RunOptions
    from harness.model.settings import Settings

DEFAULT_NAME = "main"
_GIT = "git:"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What runs are compared with.

    Attributes:
        name: As a person gave it.
        head: Where it comes from: `run`, `started`, `git` and so on.
        run_file: The run file it is, if it is one.
        sent: What was sent for each case, where a baseline file keeps it.
        texts: What was said, likewise.
        notes: What a person should know of its file.
    """

    name: str
    head: Mapping[str, Any]
    side: RunSide
    run_file: Path | None = None
    sent: Mapping[CaseKey, Mapping[str, Any]] | None = None
    texts: Mapping[CaseKey, tuple[str, ...]] | None = None
    notes: tuple[str, ...] = ()
    is_finished: bool = True

    @property
    def title(self) -> str:
        """Its name, its run and when that was."""
        facts = [str(self.head.get(name)) for name in ("run", "started") if self.head.get(name)]
        return f"{self.name} ({', '.join(facts)})" if facts else self.name

    def requests(self, keys: Iterable[CaseKey]) -> dict[CaseKey, Mapping[str, Any]]:
        """Return what was sent for some cases: `settings`, and the messages of each turn."""
        wanted = set(keys)
        if self.run_file is None:
            return {key: sent for key, sent in (self.sent or {}).items() if key in wanted}
        requests: dict[CaseKey, Mapping[str, Any]] = {}
        with RunReader(self.run_file) as reader:
            for record in reader.outcomes():
                key = key_of(record)
                # Any repeat will do: repeats send the same, and one that broke off sent less.
                if key in wanted and key not in requests:
                    sent = sent_of(record)
                    if sent is not None:
                        requests[key] = sent
        return requests


def open_baseline(name: str, settings: Settings, *, excludes_errors: bool = False) -> Baseline:
    """Return the baseline that a person means.

    Args:
        name: `git:REV` or `git:REV:FILE`, the path of a baseline file or of a run, the name of
            a baseline of the project, the id of a run, or `latest`.
        settings: Say where runs and baselines are.
        excludes_errors: Whether trials of a run that errored are left out.

    Raises:
        StoreError: There is none, or it is damaged or empty.
    """
    if name.startswith(_GIT):
        file = _from_git(name, settings.baselines)
        return _from_file(name, file, excludes_errors=excludes_errors)
    # A path comes before a name, and a baseline before a run: `main` may also be a folder of runs.
    for path in (Path(name), settings.baselines / f"{name}{SUFFIX}"):
        if _is_meant_as_baseline(path):
            return _from_file(name, read_baseline(path), excludes_errors=excludes_errors)
    try:
        path = find_run(name, settings.reports)
    except StoreError as error:
        saved = [path.name.removesuffix(SUFFIX) for path in _files(settings.baselines)]
        fix = (
            write_instead(name, [*saved, LATEST]) if saved else "save one: `harness baseline save`"
        )
        raise StoreError(f"no baseline or run is called `{name}`; {fix}") from error
    return baseline_of_run(name, path, excludes_errors=excludes_errors)


def baseline_of_run(name: str, path: Path, *, excludes_errors: bool = False) -> Baseline:
    """Return a run on record as a baseline.

    Args:
        name: What reports call it.
        path: Its record.
        excludes_errors: Whether trials that errored are left out.

    Raises:
        StoreError: It is damaged or empty.
    """
    with RunReader(path) as reader:
        side = side_of_run(name, reader, excludes_errors=excludes_errors)
        head, notes, is_finished = head_of(reader.head), reader.notes, _is_finished(reader)
    if not is_finished:
        notes = (*notes, f"{name} did not come to its end, so cases may be missing")
    return _checked(Baseline(name, head, side, run_file=path, notes=notes, is_finished=is_finished))


def open_whole_baseline(
    name: str, settings: Settings, *, excludes_errors: bool = False
) -> Baseline:
    """Return the baseline that a gate compares runs with; half a run is none.

    Args:
        name: As for `open_baseline`.
        settings: Say where runs and baselines are.
        excludes_errors: Whether trials of a run that errored are left out.

    Raises:
        StoreError: There is none, it is damaged or empty, or it is a run that did not come to its
            end.
    """
    baseline = open_baseline(name, settings, excludes_errors=excludes_errors)
    if not baseline.is_finished:
        raise _unfinished(baseline.run_file)
    return baseline


def _is_meant_as_baseline(path: Path) -> bool:
    if is_baseline(path):
        return True
    # one that is empty or spoilt has to be called so, not to be missing
    return path.is_file() and path.name.endswith(SUFFIX) and not is_run_file(path)


def head_of(run: RunHead) -> dict[str, Any]:
    """Return where a run comes from, as the head of a baseline file says it."""
    return {
        "run": run.id,
        "started": run.started,
        "git": run.git,
        "harness": run.harness,
        "simulated": run.simulated,
        "judge": run.judge,
        "suites": {suite.name: suite.path for suite in run.suites},
    }


def sent_of(record: OutcomeRecord) -> Mapping[str, Any] | None:
    """Return what a trial sent, turn by turn; None if it did not get to its last turn."""
    request = record["request"]
    if request is None or (record["reply"] is None and record["earlier_replies"]):
        return None
    # A request holds its whole conversation. Where our own earlier reply stands in it, a turn
    # ends; an assistant message that the suite wrote itself is part of a turn.
    turns: list[list[Any]] = [[]]
    replies = [reply["message"].get("content") or () for reply in record["earlier_replies"]]
    for message in request["messages"]:
        answered = len(turns) - 1
        if (
            answered < len(replies)
            and message["role"] == "assistant"
            and message["content"] == replies[answered]
        ):
            turns.append([])
        else:
            turns[-1].append(message)
    if len(turns) != len(replies) + 1:
        return None
    # a fresh reply gives its calls other ids
    later = (with_names(turn, said) for turn, said in zip(turns[1:], replies, strict=True))
    settings = {key: value for key, value in request.items() if key != "messages"}
    return {"settings": settings, "turns": [turns[0], *later]}


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
    from harness.app.plan.project import project_settings  # comparing two files does without

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
    from harness.app.plan.project import project_settings

    for path in _files(project_settings(options).baselines):
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
    if not _is_finished(reader):
        raise _unfinished(reader.path)


def _is_finished(reader: RunReader) -> bool:
    return reader.ending is not None and reader.ending.is_finished


def _unfinished(path: Path | None) -> StoreError:
    problem = f"{path} did not come to its end, so cases are missing"
    return StoreError(Wording("{problem}; `{resume}` completes it", problem=problem, resume=RESUME))


def _from_git(name: str, folder: Path) -> BaselineFile:
    revision, _, path = name.removeprefix(_GIT).partition(":")
    if path:
        return parse_baseline(git_file(revision, Path(path)), name)
    names = [name for name in git_names(revision, folder) if name.endswith(SUFFIX)]
    chosen = f"{DEFAULT_NAME}{SUFFIX}"
    if chosen not in names:
        # A single baseline under another name is what is meant; of several, none can be guessed.
        if len(names) != 1:
            listed = ", ".join(names) or "none"
            problem = f"`{name}` means {folder / chosen}, which is not there (found: {listed})"
            raise StoreError(f"{problem}; write git:{revision}:FILE")
        chosen = names[0]
    return parse_baseline(git_file(revision, folder / chosen), name)


def _from_file(name: str, file: BaselineFile, *, excludes_errors: bool) -> Baseline:
    sent: dict[CaseKey, Mapping[str, Any]] = {
        CaseKey(case["suite"], case["case"], case["variant"]): _sent_in(name, case)
        for case in file.cases
        if case.get("sent") is not None
    }
    texts: dict[CaseKey, tuple[str, ...]] = {
        CaseKey(case["suite"], case["case"], case["variant"]): tuple(map(str, case["texts"]))
        for case in file.cases
        if isinstance(case.get("texts"), list)
    }
    side = side_of_data(name, file.cases, excludes_errors=excludes_errors)
    side.judge = file.head.get("judge")
    return _checked(Baseline(name, file.head, side, sent=sent, texts=texts, notes=file.notes))


def _sent_in(name: str, case: Mapping[str, Any]) -> Mapping[str, Any]:
    sent = case["sent"]
    if (
        isinstance(sent, Mapping)
        and isinstance(sent.get("settings"), Mapping)
        and isinstance(sent.get("turns"), list)
        and all(isinstance(turn, list) for turn in sent["turns"])
    ):
        return sent
    which = f"{case['suite']}::{case['case']}"
    raise StoreError(f"{name}: what was sent for {which} is damaged; save it again")


def _checked(baseline: Baseline) -> Baseline:
    if not baseline.side.results:
        problem = f"{baseline.name} has no trial that was judged"
        raise StoreError(f"{problem}, so there is nothing to compare")
    return baseline


def _verdicts(cases: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {
        str(CaseKey(case["suite"], case["case"], case["variant"])): label_of_data(case)
        for case in cases
        if case.get("verdict") != UNJUDGED
    }


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []


def _slug(name: str) -> str:
    # `latest` always means the newest run, and other signs would make paths of names.
    if name == LATEST or not _NAME.fullmatch(name):
        wanted = "write up to 80 letters, digits, `.`, `_` and `-`, and not `latest`"
        raise StoreError(f"`{name[:80]}` is not a valid name of a baseline; {wanted}")
    return name
