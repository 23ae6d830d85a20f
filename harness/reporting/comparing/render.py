"""A comparison in words: for a terminal, as Markdown, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.model import Change, ChangeVerdict, Comparison
from harness.reporting.comparing.sides import Pair, RunSide
from harness.reporting.failures import harmless
from harness.reporting.figures import p_is, p_value, points, points_interval, signed
from harness.reporting.markdown import escaped, limited
from harness.reporting.rates import Rate

_MOST_NAMED = 20
LISTS = {
    "broken": "passed before, but no longer do",
    "fixed": "failed before, and pass now",
    "newly_flaky": "repeats agreed before, but no longer do",
    "moved": "pass more or less often than before, by their own repeats",
    "still_failing": "failed before, and still do",
}
CHANGED_REPLY = "same verdict, another reply"
_UNIT_OF = {"latency": "s", "output tokens": "", "cost": "USD"}


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
    alone = " of these very cases" if comparison.decided_by_repeats else ""
    interval = points_interval(comparison.interval)
    return (
        f"{comparison.verdict.value.upper()}: {names}: pass rate{alone}"
        f" {points(comparison.difference)}{' ' if interval else ''}{interval},"
        f" p {p_is(comparison.p)}{_family(comparison)}"
    )


def _lines(comparison: Comparison, *, is_forced: bool, advice: str) -> Iterator[str]:
    yield headline(comparison)
    for refusal in comparison.refusals:
        yield f"  not comparable: {refusal}"
    if comparison.refusals and not is_forced:
        if advice:
            yield f"  fix: {advice}"
        return
    for factor in comparison.factors or ("nothing in the requests",):
        yield f"  what differs: {factor}"
    if comparison.verdict is ChangeVerdict.INCONCLUSIVE:
        yield f"  {comparison.power}"
    yield ""
    yield from _table(comparison)
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            yield ""
            yield f"{_title(name)} ({len(pairs):,}; {meaning}):"
            yield from (f"  {_pair_line(pair)}" for pair in pairs[:_MOST_NAMED])
            if len(pairs) > _MOST_NAMED:
                yield f"  … and {len(pairs) - _MOST_NAMED:,} more; the JSON output lists all"
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
    figures = [points(passing.difference), points_interval(passing.interval), p_value(passing.p)]
    yield ["pass rate", *map(str, rates), *figures]
    if comparison.within is not None:
        within = comparison.within
        figures = [points(within.difference), points_interval(within.interval), p_value(within.p)]
        yield ["  of these very cases", "", "", *figures]
    for name, change in comparison.others.items():
        if name == "score":
            means = [f"{change.old:.3f}", f"{change.new:.3f}", signed(change.difference, 3)]
            yield [name, *means, _ends(change, lambda end: signed(end, 3)), p_value(change.p)]
        else:
            means = [f"{mean:.4g} {_UNIT_OF[name]}".rstrip() for mean in (change.old, change.new)]
            ratio = f"x{change.difference:.2f}"
            yield [name, *means, ratio, _ends(change, lambda end: f"x{end:.2f}"), p_value(change.p)]


def _remarks(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield (
        f"{cases(comparison.passing.cases)} compared;"
        f" {len(comparison.changed):,} with another reply and the same verdict"
    )
    for side in (comparison.old, comparison.new):
        skipped, excluded = side.skipped.total(), side.excluded.total()
        if side.errored or skipped or excluded:
            without = f", {excluded:,} errored and left out" if excluded else ""
            yield (
                f"{side.name}: {side.trials:,} trials, {side.errored:,} errored and counted as"
                f" failed{without}, {skipped:,} skipped, unjudged or expected to fail and left out"
            )
    lists = {
        "added": comparison.added,
        "removed": comparison.removed,
        "no longer judged": comparison.not_compared,
    }
    for what, names in lists.items():
        if names:
            remaining = len(names) - _MOST_NAMED
            more = f" and {remaining:,} more" if remaining > 0 else ""
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
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            yield ""
            yield f"<details><summary>{_title(name)}: {len(pairs):,} ({meaning})</summary>"
            yield ""
            yield from (f"- {escaped(_pair_line(pair))}" for pair in pairs[:_MOST_NAMED])
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
        "headline": headline(comparison),
        "difference": comparison.difference,
        "interval": None if comparison.interval is None else asdict(comparison.interval),
        "p": comparison.p,
        "moves": {name: [_pair_data(pair) for pair in getattr(comparison, name)] for name in LISTS},
        "by_repeats": None if comparison.within is None else asdict(comparison.within),
        "family": comparison.family,
        "power": comparison.power,
        "pass_rate": asdict(comparison.passing),
        **{name.replace(" ", "_"): asdict(change) for name, change in comparison.others.items()},
        **{name: [str(pair.new.key) for pair in getattr(comparison, name)] for name in LISTS},
        "changed": len(comparison.changed),
        "changed_cases": [str(pair.new.key) for pair in comparison.changed],
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "no_longer_judged": list(comparison.not_compared),
    }


def _pair_data(pair: Pair) -> dict[str, Any]:
    old, new = pair.old, pair.new
    return {
        "name": str(new.key),
        "old": [old.passed, old.judged],
        "new": [new.passed, new.judged],
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


def _pair_line(pair: Pair) -> str:
    new = pair.new
    sure = ""
    if pair.q is not None and pair.is_sure:
        sure = f", by its repeats alone q {p_is(pair.q)}"
    return f"{new.key} {pair.old.split} -> {new.split}{sure} ({new.path}:{new.line})"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _ends(change: Change, words: Callable[[float], str]) -> str:
    if change.interval is None:
        return ""
    return f"[{words(change.interval.low)}, {words(change.interval.high)}]"


def _family(comparison: Comparison) -> str:
    if comparison.family == 1:
        return ""
    return f" (adjusted by Holm for {comparison.family} comparisons)"
