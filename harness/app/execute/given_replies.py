"""Replies that are given in a file, so that nothing is sent for them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from harness.app.plan.planning import Plan
from harness.errors import SettingsError
from harness.model.reply import Reply, given_reply
from harness.model.request import Request
from harness.model.suite import Trial
from harness.suggestions import write_instead

_FIX = 'write {"case": "ID", "output": "…"}, and `suite`, `variant`, `repeat` where they differ'
_TYPES: Mapping[str, type] = {
    "suite": str,
    "case": str,
    "variant": str,
    "repeat": int,
    "output": str,
}
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class GivenReplies:
    """Replies that stand in a file, by the ids of trials."""

    texts: Mapping[str, str]

    def recall(self, request: Request) -> Reply | None:
        """Return the reply of a trial."""
        text = self.texts.get(request.trial)
        return None if text is None else given_reply(text, request.key)


class _Line(NamedTuple):
    """A line of a file of outputs: whose output it is, and where it stands."""

    where: str
    of: Mapping[str, Any]
    output: str


def read_outputs(path: Path, plan: Plan) -> GivenReplies:
    """Return the outputs of a JSONL file, one for each selected trial of a plan.

    Args:
        path: A line each: `case` and `output`, and `suite`, `variant` or `repeat` to tell trials
            apart. A line without one of these is for all of them.
        plan: The trials.

    Raises:
        SettingsError: The file cannot be read, a line is none or is for no trial, two are for the
            same one, or a trial has no output.
    """
    lines = list(_lines(path))
    by_case: dict[str, list[_Line]] = {}
    for line in lines:
        by_case.setdefault(line.of["case"], []).append(line)
    texts: dict[str, str] = {}
    used: set[str] = set()
    missing: list[str] = []
    cases: dict[str, None] = {}
    for trial in plan.trials():
        cases[trial.case.id] = None
        fitting = [line for line in by_case.get(trial.case.id, ()) if _fits(line.of, trial)]
        if len(fitting) > 1:
            problem = f"{fitting[1].where}: `{trial.id}` has an output already"
            raise SettingsError(problem, f"keep one of the two; the other is {fitting[0].where}")
        if len(trial.turns) > 1:
            problem = f"`{trial.id}` is a conversation, and an output is one reply"
            raise SettingsError(problem, "give outputs for cases with one turn")
        if not fitting:
            missing.append(trial.id)
            continue
        texts[trial.id] = fitting[0].output
        used.add(fitting[0].where)
    _refuse_unused(lines, used, cases)
    if missing:
        named = ", ".join(f"`{name}`" for name in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED:,} more" if len(missing) > _MOST_NAMED else ""
        raise SettingsError(f"{path} has no output of {named}{more}", "add a line for each of them")
    return GivenReplies(texts)


def _fits(of: Mapping[str, Any], trial: Trial) -> bool:
    names = {"suite": trial.suite.name, "variant": trial.variant.name, "repeat": trial.repeat}
    return all(of.get(key, value) == value for key, value in names.items())


def _refuse_unused(lines: list[_Line], used: set[str], cases: Mapping[str, None]) -> None:
    for line in lines:
        if line.where in used:
            continue
        name = line.of["case"]
        if name not in cases:
            raise SettingsError(
                f"{line.where}: no suite has the case `{name}`", write_instead(name, list(cases))
            )
        others = [key for key in ("suite", "variant", "repeat") if key in line.of]
        shown = ", ".join(f"{key} `{line.of[key]}`" for key in others)
        raise SettingsError(f"{line.where}: the case `{name}` has no {shown}", "correct the line")


def _lines(path: Path) -> Iterator[_Line]:
    try:
        written = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        words = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SettingsError(f"{path} cannot be read: {words}", "name a JSONL file") from error
    lines = [(number, line) for number, line in enumerate(written, start=1) if line.strip()]
    if not lines:
        raise SettingsError(f"{path} is empty", _FIX)
    for number, line in lines:
        yield _line(f"{path}:{number}", line)


def _line(where: str, line: str) -> _Line:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where}: not JSON: {error}", _FIX) from error
    if not isinstance(item, dict):
        raise SettingsError(f"{where}: not a JSON object", _FIX)
    for key, value in item.items():
        if key not in _TYPES:
            raise SettingsError(f"{where}: unknown key `{key}`", write_instead(key, list(_TYPES)))
        if not isinstance(value, _TYPES[key]) or isinstance(value, bool):
            kind = "a text" if _TYPES[key] is str else "a number"
            raise SettingsError(f"{where}: `{key}` must be {kind}", _FIX)
    for key in ("case", "output"):
        if key not in item:
            raise SettingsError(f"{where}: missing key `{key}`", _FIX)
    return _Line(where, item, item["output"])
