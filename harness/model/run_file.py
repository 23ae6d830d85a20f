"""The first and the last line of a run file: where a run comes from, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.model.identical_variants import IdenticalVariants
from harness.model.json_fields import has_type, list_of, optional, required
from harness.model.rerun_options import RerunOptions
from harness.model.suite_head import SuiteHead
from harness.model.unfinished import NOTHING_UNFINISHED, Unfinished

FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class ShardHead:
    """Which share of a run this is.

    Attributes:
        number: From 1.
        of: How many shards there are.
        plan: A hash of all trials that were shared out; None in files of earlier versions.
    """

    number: int
    of: int
    plan: str | None = None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ShardHead:
        """Return a shard.

        Raises:
            ValueError: Something is missing or has the wrong type.
        """
        number, of = required(data, "number", int), required(data, "of", int)
        return cls(number, of, optional(data, "plan", str))

    def as_data(self) -> dict[str, Any]:
        """Return the shard as plain data."""
        plan = {} if self.plan is None else {"plan": self.plan}
        return {"number": self.number, "of": self.of, **plan}

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class MergeHead:
    """The runs that a merged run was made of, and the numbers of the shards that were missing."""

    runs: tuple[str, ...]
    missing: tuple[int, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> MergeHead:
        """Return what was merged.

        Raises:
            ValueError: Something has the wrong type.
        """
        return cls(tuple(list_of(data, "runs", str)), tuple(list_of(data, "missing", int)))

    def as_data(self) -> dict[str, Any]:
        """Return what was merged as plain data."""
        return {"runs": list(self.runs), "missing": list(self.missing)}


@dataclass(frozen=True, slots=True)
class RunHead:
    """The first line of a run file.

    Attributes:
        harness: The version that ran it.
        pid: The process that ran it; None if it is not known.
        started: When it began, in ISO 8601 with milliseconds.
        command: The words of the command line that started it.
        git: The revision of the project, if it is kept in git.
        dirty: Whether files that git tracks differed from that revision; None if it is not known.
        previous_run_file: The run file of the run that this one followed, if any.
        partial: Whether only some of the trials were selected, shards aside.
        judge: The models that judged replies, parted by commas.
        simulated: Whether the built-in simulator answered, and no model.
        suites: Those that were planned and, as read from a file, those that were loaded later.
        settings: What was resolved, without secrets.
    """

    id: str
    started: str = ""
    harness: str = ""
    pid: int | None = None
    command: tuple[str, ...] = ()
    git: str | None = None
    dirty: bool | None = None
    previous_run_file: str | None = None
    partial: bool = False
    shard: ShardHead | None = None
    merged: MergeHead | None = None
    judge: str | None = None
    simulated: bool = False
    options: RerunOptions = field(default_factory=RerunOptions)
    suites: tuple[SuiteHead, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> RunHead:
        """Return the first line of a run file.

        Keys that are missing, as in files of earlier versions, have their defaults. Unknown keys
        are left out: a newer version means something by them that this one cannot vouch for.

        Raises:
            ValueError: Something has the wrong type.
        """
        shard, merged = optional(data, "shard", dict), optional(data, "merged", dict)
        return cls(
            id=required(data, "id", str, default=""),
            started=required(data, "started", str, default=""),
            harness=required(data, "harness", str, default=""),
            pid=optional(data, "pid", int),
            command=tuple(list_of(data, "command", str)),
            git=optional(data, "git", str),
            dirty=optional(data, "dirty", bool),
            previous_run_file=optional(data, "earlier", str),
            partial=required(data, "partial", bool, default=False),
            shard=None if shard is None else ShardHead.from_data(shard),
            merged=None if merged is None else MergeHead.from_data(merged),
            judge=optional(data, "judge", str),
            simulated=required(data, "simulated", bool, default=False),
            options=RerunOptions.from_data(data.get("options", {})),
            suites=tuple(map(SuiteHead.from_data, list_of(data, "suites", dict))),
            settings=required(data, "settings", dict, default={}),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the line as plain data, without its kind and format."""
        merged = {} if self.merged is None else {"merged": self.merged.as_data()}
        return {
            "id": self.id,
            "harness": self.harness,
            "pid": self.pid,
            "started": self.started,
            "command": list(self.command),
            "git": self.git,
            "dirty": self.dirty,
            "earlier": self.previous_run_file,
            "partial": self.partial,
            "shard": None if self.shard is None else self.shard.as_data(),
            **merged,
            "judge": self.judge,
            "simulated": self.simulated,
            "options": self.options.as_data(),
            "suites": [suite.as_data() for suite in self.suites],
            "settings": dict(self.settings),
        }

    @property
    def judges(self) -> tuple[str, ...]:
        """The models that judged replies."""
        return tuple(self.judge.split(", ")) if self.judge else ()

    @property
    def identical_variants(self) -> tuple[IdenticalVariants, ...]:
        """The variants of all suites that send the same request."""
        return tuple(found for suite in self.suites for found in suite.identical_variants)

    @property
    def has_all_cases(self) -> bool:
        """Whether all cases of its suites were to run: no selection, no shard, none missing."""
        is_missing_shards = self.merged is not None and bool(self.merged.missing)
        return not self.partial and self.shard is None and not is_missing_shards


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The last line of a run file.

    Attributes:
        status: `finished`, `interrupted` or `stopped`.
        exit_code: The exit status of the run; None if it is not known.
        seconds: How long it took.
        stopped: Why it ended before its time, if a person did not end it.
        planned: How many trials were selected; None in files of earlier versions.
        limits: How many requests might be under way at once: from which second on, how many.
        summary: What the trials came to, as plain data: `total`, `groups`, `metrics`, `computed`
            and the counts of cases.
        unfinished: What came to trials that did not end.
    """

    status: str
    exit_code: int | None = None
    seconds: float = 0.0
    stopped: str | None = None
    planned: int | None = None
    limits: tuple[tuple[float, int], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    unfinished: Unfinished = NOTHING_UNFINISHED

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> RunEnd:
        """Return the last line of a run file; what is not known by name is in the summary.

        Raises:
            ValueError: Something has the wrong type.
        """
        own = {
            "kind", "status", "exit_code", "seconds", "stopped", "planned", "limits", "unfinished",
        }  # fmt: skip
        return cls(
            # An end that does not say so is not taken for one of a run that finished.
            status=required(data, "status", str, default="interrupted"),
            exit_code=optional(data, "exit_code", int),
            seconds=required(data, "seconds", float, default=0.0),
            stopped=optional(data, "stopped", str),
            planned=optional(data, "planned", int),
            limits=tuple(map(_limit, list_of(data, "limits", list))),
            summary={name: value for name, value in data.items() if name not in own},
            unfinished=Unfinished.from_data(optional(data, "unfinished", dict) or {}),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the line as plain data, without its kind."""
        planned = {} if self.planned is None else {"planned": self.planned}
        return {
            "status": self.status,
            "stopped": self.stopped,
            "exit_code": self.exit_code,
            "seconds": self.seconds,
            **planned,
            **self.summary,
            **({"limits": [list(limit) for limit in self.limits]} if self.limits else {}),
            **({"unfinished": self.unfinished.as_data()} if self.unfinished else {}),
        }

    @property
    def is_finished(self) -> bool:
        """Whether every trial that was selected came to its outcome."""
        return self.status == FINISHED

    @property
    def groups(self) -> tuple[Mapping[str, Any], ...]:
        """The totals of each suite in each variant.

        Raises:
            ValueError: They have the wrong type.
        """
        return tuple(list_of(self.summary, "groups", dict))


def _limit(pair: Sequence[Any]) -> tuple[float, int]:
    if len(pair) != 2 or not all(has_type(value, float) for value in pair):  # a pair
        raise ValueError("`limits` has something that is not a pair of numbers")
    return float(pair[0]), int(pair[1])
