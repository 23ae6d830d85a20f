"""A comparison in words: for a terminal, as Markdown, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.model import Change, ChangeVerdict, Comparison
from harness.reporting.comparing.sides import Pair, RunSide
from harness.reporting.failures import harmless
from harness.reporting.markdown import escaped, limited
from harness.reporting.rates import Rate
from harness.stats.distributions import Interval

_MOST_NAMED = 20
_LISTS = {
    "broken": "passed before, and do not any more",
    "fixed": "did not pass before, and do now",
    "newly_flaky": "gave the same verdict in all repeats before, and do not any more",
    "moved": "pass more or less often than before, by their own repeats",
    "still_failing": "did not pass before, and do not now",
}
_UNITS = {"latency": "s", "output tokens": "", "cost": "USD"}


def comparison_text(comparison: Comparison, *, is_forced: bool = False, advice: str = "") -> str:
    """Return a comparison for a terminal: the verdict, why, the numbers, the cases.

    Args:
        comparison: What was compared.
        is_forced: Whether numbers are shown where there is no verdict.
        advice: What could be done about that.
    """
    lines = _lines(comparison, is_forced=is_forced, advice=advice)
    return "\n".join(harmless(line) for line in lines)


def comparison_markdown(comparisons: Sequence[Comparison], *, is_forced: bool = False) -> str:
    """Return comparisons as Markdown, the verdicts first and the lists folded."""
    return limited(
        "\n".join(
            line
            for comparison in comparisons
            for line in _markdown_lines(comparison, is_forced=is_forced)
        )
    )


def headline(comparison: Comparison) -> str:
    """Return the verdict in a line."""
    scope = "" if comparison.scope is None else f"{comparison.scope}: "
    names = f"{scope}{comparison.new.name} against {comparison.old.name}"
    if comparison.verdict is None:
        return f"NO VERDICT: {names}"
    points = 100 * comparison.difference
    alone = " of these very cases" if comparison.told_by_repeats else ""
    interval = _points(comparison.interval)
    return (
        f"{comparison.verdict.value.upper()}: {names}: pass rate{alone} {points:+.1f} points"
        f"{' ' if interval else ''}{interval}, p {_p_is(comparison.p)}{_family(comparison)}"
    )


def _lines(comparison: Comparison, *, is_forced: bool, advice: str) -> Iterator[str]:
    yield headline(comparison)
    for refusal in comparison.refusals:
        yield f"  not comparable: {refusal}"
    if comparison.refusals and not is_forced:
        if advice:
            yield f"  fix: {advice}"
        return
    for factor in comparison.factors or ("nothing that the requests tell",):
        yield f"  what differs: {factor}"
    if comparison.verdict is ChangeVerdict.INCONCLUSIVE:
        yield f"  {comparison.power}"
    yield ""
    yield from _table(comparison)
    for name, told in _LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            yield ""
            yield f"{_title(name)} ({len(pairs):,} {told}):"
            yield from (f"  {_place(pair)}" for pair in pairs[:_MOST_NAMED])
            if len(pairs) > _MOST_NAMED:
                yield f"  … and {len(pairs) - _MOST_NAMED:,} more; --json has them all"
    yield from _remarks(comparison)


def _table(comparison: Comparison) -> Iterator[str]:
    from tabulate import tabulate

    rows = list(_rows(comparison))
    header = ["", comparison.old.name, comparison.new.name, "change", "95 % interval", "p"]
    align = ("left", *["right"] * 5)
    yield from tabulate(
        rows, header, tablefmt="simple", colalign=align, disable_numparse=True
    ).split("\n")


def _rows(comparison: Comparison) -> Iterator[list[str]]:
    passing, rates = comparison.passing, comparison.rates
    change = f"{100 * passing.difference:+.1f} points"
    yield ["pass rate", *map(str, rates), change, _points(passing.interval), _p(passing.p)]
    if comparison.within is not None:
        within = comparison.within
        change = f"{100 * within.difference:+.1f} points"
        yield ["  of these very cases", "", "", change, _points(within.interval), _p(within.p)]
    for name, each in comparison.others.items():
        if name == "score":
            figures = [f"{each.old:.3f}", f"{each.new:.3f}", f"{each.difference:+.3f}"]
            yield [name, *figures, _ends(each, "{:+.3f}"), _p(each.p)]
        else:
            unit = _UNITS[name]
            figures = [f"{value:.4g} {unit}".rstrip() for value in (each.old, each.new)]
            yield [name, *figures, f"x{each.difference:.2f}", _ends(each, "x{:.2f}"), _p(each.p)]


def _remarks(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield (
        f"{cases(comparison.passing.cases)} compared;"
        f" {len(comparison.changed):,} with another reply and the same verdict"
    )
    for side in (comparison.old, comparison.new):
        skipped, excluded = side.skipped.total(), side.excluded.total()
        if side.errored or skipped or excluded:
            left_out = f", {excluded:,} errored and left out" if excluded else ""
            yield (
                f"{side.name}: {side.trials:,} trials, {side.errored:,} errored and counted as"
                f" failed{left_out}, {skipped:,} skipped or unjudged and left out"
            )
    lists = {
        "added": comparison.added,
        "removed": comparison.removed,
        "no longer judged": comparison.unjudged,
    }
    for what, names in lists.items():
        if names:
            left = len(names) - _MOST_NAMED
            more = f" and {left:,} more" if left > 0 else ""
            yield f"{what}: {', '.join(names[:_MOST_NAMED])}{more}"


def _markdown_lines(comparison: Comparison, *, is_forced: bool) -> Iterator[str]:
    from tabulate import tabulate

    yield f"### {escaped(headline(comparison))}"
    yield ""
    for refusal in comparison.refusals:
        yield f"- not comparable: {escaped(refusal)}"
    if comparison.refusals and not is_forced:
        yield ""
        return
    for factor in comparison.factors:
        yield f"- what differs: {escaped(factor)}"
    if comparison.verdict is ChangeVerdict.INCONCLUSIVE:
        yield f"- {comparison.power}"
    yield ""
    names = map(escaped, (comparison.old.name, comparison.new.name))
    header = ["", *names, "change", "95 % interval", "p"]
    rows = [[escaped(cell) for cell in row] for row in _rows(comparison)]
    yield tabulate(rows, header, tablefmt="pipe", disable_numparse=True)
    for name, told in _LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            yield ""
            yield f"<details><summary>{_title(name)}: {len(pairs):,} {told}</summary>"
            yield ""
            yield from (f"- {escaped(_place(pair))}" for pair in pairs[:_MOST_NAMED])
            if len(pairs) > _MOST_NAMED:
                yield f"- … and {len(pairs) - _MOST_NAMED:,} more"
            yield ""
            yield "</details>"
    yield ""


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain data, with all names."""
    return {
        "old": _side_data(comparison.old, comparison.rates[0]),
        "new": _side_data(comparison.new, comparison.rates[1]),
        "verdict": None if comparison.verdict is None else comparison.verdict.value,
        "refusals": list(comparison.refusals),
        "factors": list(comparison.factors),
        "variant": comparison.scope,
        "p": comparison.p,
        "moves": {
            name: [_pair_data(pair) for pair in getattr(comparison, name)] for name in _LISTS
        },
        "by_repeats": None if comparison.within is None else asdict(comparison.within),
        "family": comparison.family,
        "power": comparison.power,
        "pass_rate": asdict(comparison.passing),
        **{name.replace(" ", "_"): asdict(each) for name, each in comparison.others.items()},
        **{name: [pair.new.name for pair in getattr(comparison, name)] for name in _LISTS},
        "changed": len(comparison.changed),
        "changed_cases": [pair.new.name for pair in comparison.changed],
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "no_longer_judged": list(comparison.unjudged),
    }


def _pair_data(pair: Pair) -> dict[str, Any]:
    old, new = pair.old, pair.new
    return {
        "name": new.name,
        "old": [old.passed, old.counted],
        "new": [new.passed, new.counted],
        "q": pair.q,
    }


def _side_data(side: RunSide, rate: Rate) -> dict[str, Any]:
    return {
        "name": side.name,
        "trials": side.trials,
        "left_out": side.skipped.total() + side.excluded.total(),
        "errored": side.errored,
        "models": sorted(side.models),
        **asdict(rate),
    }


def _place(pair: Pair) -> str:
    unit = pair.new
    sure = ""
    if pair.q is not None and pair.is_sure:
        sure = f", by its repeats alone q {_p_is(pair.q)}"
    return f"{unit.name} {pair.old.share} -> {unit.share}{sure} ({unit.path}:{unit.line})"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _ends(change: Change, form: str) -> str:
    if change.interval is None:
        return ""
    return f"[{form.format(change.interval.low)}, {form.format(change.interval.high)}]"


def _points(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"[{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"


def _p_is(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _family(comparison: Comparison) -> str:
    if comparison.family == 1:
        return ""
    return f" (adjusted by Holm for {comparison.family} comparisons)"
