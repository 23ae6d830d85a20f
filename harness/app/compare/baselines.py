"""Opens baselines: runs and small files that later runs are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.compare.run_sides import side_of_run
from harness.errors import StoreError
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.run_file import RunHead
from harness.model.tool_results import with_names
from harness.reporting.case_results import key_of
from harness.reporting.comparing.baseline_data import side_of_data
from harness.reporting.comparing.sides import RunSide
from harness.store.baseline import (
    SUFFIX,
    BaselineFile,
    is_baseline,
    parse_baseline,
    read_baseline,
)
from harness.store.folder import LATEST, find_run
from harness.store.git_files import git_file, git_names
from harness.store.reader import RunReader, is_run_file
from harness.suggestions import write_instead
from harness.wording import RESUME, Wording

if TYPE_CHECKING:
    from harness.model.settings import Settings

DEFAULT_NAME = "main"
_GIT = "git:"


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
        saved = [path.name.removesuffix(SUFFIX) for path in baseline_files(settings.baselines)]
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
        head, notes, has_ended = head_of(reader.head), reader.notes, is_finished(reader)
    if not has_ended:
        notes = (*notes, f"{name} did not come to its end, so cases may be missing")
    return _checked(Baseline(name, head, side, run_file=path, notes=notes, is_finished=has_ended))


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
        raise unfinished(baseline.run_file)
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


def is_finished(reader: RunReader) -> bool:
    """Whether a run came to its end."""
    return reader.ending is not None and reader.ending.is_finished


def unfinished(path: Path | None) -> StoreError:
    """Return the error that half a run is no baseline."""
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


def baseline_files(folder: Path) -> list[Path]:
    """Return the baselines in a folder."""
    return sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
