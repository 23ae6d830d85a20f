"""The first and the last line of a run file: where a run comes from, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from harness.model.identical_variants import IdenticalVariants
from harness.wording import Option

FINISHED = "finished"
_Kind = TypeVar("_Kind")
_NAMES: dict[type, str] = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "text",
}


@dataclass(frozen=True, slots=True)
class RerunOptions:
    """The options that running a trial again has to repeat.

    Attributes:
        assignments: `KEY=VALUE`, in the order in which they were set.
        repeat: The number of repeats, if it was not left to the suites.
        judge: The model that judges, if it was not left to the settings.
        base_url: The server, if it was not left to the settings.
        allow_code: Whether the project's own code may run.
    """

    assignments: tuple[str, ...] = ()
    repeat: int | None = None
    judge: str | None = None
    base_url: str | None = None
    allow_code: bool = False

    @classmethod
    def from_data(cls, data: Any) -> RerunOptions:
        """Return the options that the first line of a run file holds.

        Args:
            data: A mapping; or, in files of earlier versions, words of the command line.

        Raises:
            ValueError: It is neither, or an option has the wrong type.
        """
        if isinstance(data, list | tuple):
            data = _options_of_words(data)
        if not isinstance(data, Mapping):
            raise _wrong_type("options", data, dict)
        return cls(
            assignments=tuple(_list_of(data, "set", str)),
            repeat=_optional(data, "repeat", int),
            judge=_optional(data, "judge", str),
            base_url=_optional(data, "base_url", str),
            allow_code=_required(data, "allow_code", bool, default=False),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the options that are set, as plain data."""
        data = {
            "set": list(self.assignments),
            "repeat": self.repeat,
            "judge": self.judge,
            "base_url": self.base_url,
            "allow_code": self.allow_code,
        }
        return {name: value for name, value in data.items() if value}


def _options_of_words(words: Sequence[Any]) -> dict[str, Any]:
    """Return options that an earlier version wrote as words of the command line."""
    options: dict[str, Any] = {"set": []}
    names = {Option(name).flag: name for name in ("repeat", "judge", "base_url")}
    remaining = iter(words)
    for word in remaining:
        if word == Option("allow_code").flag:
            options["allow_code"] = True
        elif word == Option("set").flag:
            options["set"].append(next(remaining, None))
        elif word in names:
            options[names[word]] = next(remaining, None)
    repeat = options.get("repeat")
    if repeat is not None:
        try:
            options["repeat"] = int(repeat)
        except (TypeError, ValueError) as error:
            raise ValueError(f"`repeat` is not a whole number: {repeat!r}") from error
    return options


@dataclass(frozen=True, slots=True)
class MetricHead:
    """A metric that a suite computes, and its limits."""

    name: str
    expression: str
    min: float | None = None
    max: float | None = None

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> MetricHead:
        """Return a metric.

        Raises:
            ValueError: Something has the wrong type.
        """
        # An expression may be a bare number in YAML.
        expression = str(data.get("value", ""))
        return cls(name, expression, _optional(data, "min", float), _optional(data, "max", float))

    def as_data(self) -> dict[str, Any]:
        """Return the metric as plain data, without its name."""
        return {"value": self.expression, "min": self.min, "max": self.max}


@dataclass(frozen=True, slots=True)
class SuiteHead:
    """A suite whose trials were run.

    Attributes:
        path: As it was found, mostly relative to the folder of the run.
        sha256: The hash of its file and of what it includes, in hexadecimal digits.
        cases: How many cases it has, selected or not.
        identical_variants: Selected variants that send the same request.
    """

    name: str
    path: str = ""
    sha256: str = ""
    description: str = ""
    variants: tuple[str, ...] = ()
    cases: int = 0
    metrics: tuple[MetricHead, ...] = ()
    identical_variants: tuple[IdenticalVariants, ...] = ()

    @classmethod
    def from_data(cls, data: Any) -> SuiteHead:
        """Return a suite from the first line, or from the line of a suite that was loaded later.

        Raises:
            ValueError: Something has the wrong type.
        """
        if not isinstance(data, Mapping):
            raise _wrong_type("suites", data, dict)
        metrics = _required(data, "metrics", dict, default={})
        return cls(
            name=_required(data, "name", str, default=""),
            path=_required(data, "path", str, default=""),
            sha256=_required(data, "sha256", str, default=""),
            description=_optional(data, "description", str) or "",
            variants=tuple(_list_of(data, "variants", str)),
            cases=_required(data, "cases", int, default=0),
            metrics=tuple(
                MetricHead.from_data(name, _required(metrics, name, dict, default={}))
                for name in metrics
            ),
            identical_variants=tuple(
                map(IdenticalVariants.from_data, _list_of(data, "identical_variants", dict))
            ),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the suite as plain data."""
        identical = [found.as_data() for found in self.identical_variants]
        return {
            "name": self.name,
            "path": self.path,
            "sha256": self.sha256,
            "description": self.description,
            "variants": list(self.variants),
            "cases": self.cases,
            "metrics": {metric.name: metric.as_data() for metric in self.metrics},
            **({"identical_variants": identical} if identical else {}),
        }


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
        number, of = _required(data, "number", int), _required(data, "of", int)
        return cls(number, of, _optional(data, "plan", str))

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
        return cls(tuple(_list_of(data, "runs", str)), tuple(_list_of(data, "missing", int)))

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
    previous_run_file: str | None = None
    partial: bool = False
    shard: ShardHead | None = None
    merged: MergeHead | None = None
    judge: str | None = None
    simulated: bool = False
    options: RerunOptions = RerunOptions()
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
        shard, merged = _optional(data, "shard", dict), _optional(data, "merged", dict)
        return cls(
            id=_required(data, "id", str, default=""),
            started=_required(data, "started", str, default=""),
            harness=_required(data, "harness", str, default=""),
            pid=_optional(data, "pid", int),
            command=tuple(_list_of(data, "command", str)),
            git=_optional(data, "git", str),
            previous_run_file=_optional(data, "earlier", str),
            partial=_required(data, "partial", bool, default=False),
            shard=None if shard is None else ShardHead.from_data(shard),
            merged=None if merged is None else MergeHead.from_data(merged),
            judge=_optional(data, "judge", str),
            simulated=_required(data, "simulated", bool, default=False),
            options=RerunOptions.from_data(data.get("options", {})),
            suites=tuple(map(SuiteHead.from_data, _list_of(data, "suites", dict))),
            settings=_required(data, "settings", dict, default={}),
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
    """

    status: str
    exit_code: int | None = None
    seconds: float = 0.0
    stopped: str | None = None
    planned: int | None = None
    limits: tuple[tuple[float, int], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> RunEnd:
        """Return the last line of a run file; what is not known by name is in the summary.

        Raises:
            ValueError: Something has the wrong type.
        """
        own = {"kind", "status", "exit_code", "seconds", "stopped", "planned", "limits"}
        return cls(
            # An end that does not say so is not taken for one of a run that finished.
            status=_required(data, "status", str, default="interrupted"),
            exit_code=_optional(data, "exit_code", int),
            seconds=_required(data, "seconds", float, default=0.0),
            stopped=_optional(data, "stopped", str),
            planned=_optional(data, "planned", int),
            limits=tuple(map(_limit, _list_of(data, "limits", list))),
            summary={name: value for name, value in data.items() if name not in own},
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
        return tuple(_list_of(self.summary, "groups", dict))


def _limit(pair: Sequence[Any]) -> tuple[float, int]:
    if len(pair) != 2 or not all(_is(value, float) for value in pair):  # a pair
        raise ValueError("`limits` has something that is not a pair of numbers")
    return float(pair[0]), int(pair[1])


def _required(
    data: Mapping[str, Any], key: str, kind: type[_Kind], *, default: _Kind | None = None
) -> _Kind:
    """Return a value that is never null; without a default it must not be missing either."""
    if key not in data and default is not None:
        return default
    if key not in data:
        raise ValueError(f"`{key}` is missing")
    value = data[key]
    if not _is(value, kind):
        raise _wrong_type(key, value, kind)
    converted: _Kind = kind(value) if kind is float else value  # type: ignore[call-arg]
    return converted


def _optional(data: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind | None:
    return None if data.get(key) is None else _required(data, key, kind)


def _list_of(data: Mapping[str, Any], key: str, kind: type[_Kind]) -> list[_Kind]:
    values = _required(data, key, list, default=[])
    for value in values:
        if not _is(value, kind):
            raise ValueError(f"`{key}` has {_name_of(value)} where {_NAMES[kind]} belongs")
    return values


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool):  # which Python counts as a whole number
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _wrong_type(key: str, value: Any, kind: type) -> ValueError:
    return ValueError(f"`{key}` is {_name_of(value)}, and should be {_NAMES[kind]}")


def _name_of(value: Any) -> str:
    return "null" if value is None else _NAMES.get(type(value), type(value).__name__)
