"""Makes the tables of `docs/statistics.md` that are simulated: `python -m tests.stats.tables -h`.

Shares are percentages. Each line is printed as soon as it is known.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from tests.stats import alarms, populations
from tests.stats.gates import BREAKS, FALLS, found, gates_without_change, with_confirmation
from tests.stats.hinted import SETTINGS, hinted
from tests.stats.simulated import false_alarms

Rows = Iterator[Sequence[str]]


def _false_alarms(rounds: int, families: Sequence[str], cases: Sequence[int]) -> Rows:
    yield "runs", "repeats", *alarms.KINDS
    for family in families or alarms.FAMILIES:
        for old, new in alarms.REPEATS:
            yield family, f"{old} → {new}", *_of_kinds(family, (old, new), rounds, cases)


def _of_kinds(
    family: str, repeats: tuple[int, int], rounds: int, cases: Sequence[int]
) -> Iterator[str]:
    """Yield the worst share over numbers of cases, for each kind of chances."""
    for kind in alarms.KINDS:
        worst = 0.0
        for setting in alarms.settings(family, kind, repeats, cases):
            alarm = false_alarms(setting, rounds)
            _log(setting, alarm)
            worst = max(worst, alarm.worse_side / rounds)
        yield _percent(worst)


def _service(rounds: int) -> Rows:
    yield "runs", "gate fails", "note on the service", "gate decided by the note"
    for setting in alarms.OF_SERVICE:
        gates = gates_without_change(setting, rounds)
        numbers = (gates.failed, gates.notes, gates.decided_by_service)
        yield str(setting), *(_percent(number / rounds) for number in numbers)


def _power(rounds: int) -> Rows:
    yield "change", "`--fail-on`", "found"
    falls = [change for fall in FALLS for change in with_confirmation(*fall)]
    for change in (*BREAKS, *falls):
        share = _percent(found(change, rounds) / rounds)
        yield change.name, f"`{change.fails_on.value}`", share


def _equivalence(rounds: int) -> Rows:
    names = dict.fromkeys(setting.name for setting in populations.AT_MARGIN)
    yield "change of 5 points", "called equivalent, by cases x repeats"
    for name in names:
        cells = []
        for setting in populations.AT_MARGIN:
            if setting.name == name:
                share = populations.called_equivalent(setting, rounds) / rounds
                cells.append(f"{setting.cases}x{setting.repeats}: {_percent(share)}")
        yield name, ", ".join(cells)


def _coverage(rounds: int) -> Rows:
    yield "population", *(f"{cases} cases" for cases in populations.CASES)
    for name in populations.POPULATIONS:
        yield name, *(_of_repeats(name, cases, rounds) for cases in populations.CASES)


def _of_repeats(name: str, cases: int, rounds: int) -> str:
    """Return the coverage for each number of repeats."""
    numbers = [
        populations.coverage(name, cases, repeats, rounds) for repeats in populations.REPEATS
    ]
    return " / ".join(_percent(number / rounds) for number in numbers)


def _hints(rounds: int) -> Rows:
    yield "runs", "drop that the hint names", "found if all fall alike", "found if cases break"
    for setting in SETTINGS:
        power = hinted(setting, rounds)
        shares = (_percent(number / rounds) for number in (power.even, power.uneven))
        yield str(setting), f"{100 * power.drop:.1f} points", *shares


_TABLES: Mapping[str, Callable[[int], Rows]] = {
    "service": _service,
    "power": _power,
    "equivalence": _equivalence,
    "coverage": _coverage,
    "hints": _hints,
}


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if not number:
            yield f"|{'---|' * len(row)}"


def _log(*words: object) -> None:
    sys.stderr.write(f"{' '.join(map(str, words))}\n")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", choices=["false-alarms", *_TABLES])
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--runs", action="append", default=[], choices=alarms.FAMILIES)
    parser.add_argument("--cases", type=int, action="append", default=[])
    options = parser.parse_args()
    if options.table == "false-alarms":
        rows = _false_alarms(options.rounds, options.runs, options.cases or alarms.CASES)
    else:
        rows = _TABLES[options.table](options.rounds)
    for line in _lines(rows):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
