"""A comparison in words: for a terminal, as Markdown, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from harness.model.case_result import CaseKey
from harness.printable import visible
from harness.reporting.comparing.checks import cases
from harness.reporting.comparing.model import CaseChange, Change, ChangeVerdict, Comparison, Measure
from harness.reporting.comparing.pairs import Pair
from harness.reporting.comparing.ratios import ratios_of
from harness.reporting.comparing.sentences import (
    agrees,
    case_sentence,
    headline,
    is_part,
    needs_a_look,
    remarks,
    scope_words,
)
from harness.reporting.comparing.sides import RunSide
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
_PART_HEADER = ["", "verdict", "old", "new", "change", "95 % interval", "p"]


def comparison_text(
    comparisons: Sequence[Comparison], *, is_forced: bool = False, advice: str = ""
) -> str:
    """Return comparisons for a terminal: the verdict, why, the numbers, the cases.

    Parts of a run are a line each, below the whole.

    Args:
        comparisons: What was compared.
        is_forced: Whether numbers are shown where there is no verdict.
        advice: What could be done about that.
    """
    blocks = [
        "\n".join(_lines(comparison, is_forced=is_forced, advice=advice))
        for comparison in comparisons
        if not is_part(comparison)
    ]
    parts = [comparison for comparison in comparisons if is_part(comparison)]
    if parts:
        blocks.append("\n".join(_parts(parts, "simple")))
    return "\n".join(visible(line) for line in "\n\n".join(blocks).split("\n"))


def comparison_markdown(comparisons: Sequence[Comparison], *, is_forced: bool = False) -> str:
    """Return comparisons as Markdown, the verdicts first and the lists folded."""
    lines = [
        line
        for comparison in comparisons
        if not is_part(comparison)
        for line in _markdown_lines(comparison, is_forced=is_forced)
    ]
    parts = [comparison for comparison in comparisons if is_part(comparison)]
    if parts:
        lines += [*_parts(parts, "pipe"), ""]
    return limited("\n".join(lines))


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
    yield from (f"  {remark}" for remark in remarks(comparison))
    yield ""
    yield from _table(comparison)
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            lines = list(_list_lines(pairs))
            yield ""
            yield f"{_title(name)} ({len(pairs):,}; {meaning}):"
            yield from (f"  {line}" for line in lines[:_MOST_NAMED])
            if len(lines) > _MOST_NAMED:
                yield f"  … and {len(lines) - _MOST_NAMED:,} more; the JSON output lists all"
    yield from _counts(comparison)


def _table(comparison: Comparison) -> Iterator[str]:
    from tabulate import tabulate

    rows = list(_rows(comparison))
    header = ["", comparison.old.name, comparison.new.name, "change", "95 % interval", "p"]
    align = ("left", *["right"] * 5)
    yield from tabulate(
        rows, header, tablefmt="simple", colalign=align, disable_numparse=True
    ).split("\n")


def _rows(comparison: Comparison) -> Iterator[list[str]]:
    """Yield the rows of the table; no row has both an interval and a p-value of other methods."""
    passing, trials = comparison.passing, comparison.trials
    beside, below = _p_beside(passing, comparison.p)
    figures = [points(passing.difference), points_interval(passing.interval), beside]
    yield ["pass rate", *map(str, comparison.rates), *figures]
    yield ["trials", _of(trials.old), _of(trials.new), "", "", below]
    for measure in comparison.measures:
        change = measure.change
        beside, below = _p_beside(change, measure.p)
        means = [f"{change.old:.3f}", f"{change.new:.3f}", signed(change.difference, 3)]
        yield [measure.name, *means, _ends(change, lambda end: signed(end, 3)), beside]
        if below:
            yield [f"{measure.name}, by trials", "", "", "", "", below]
    for name, change in ratios_of(comparison.pairs).items():
        means = [f"{mean:.4g} {_UNIT_OF[name]}".rstrip() for mean in (change.old, change.new)]
        yield [name, *means, f"x{change.difference:.2f}", "", ""]
        if change.quantiles is not None:
            yield [f"{name} p50, p95", *map(_quantiles, change.quantiles), "", "", ""]


def _p_beside(change: Change, p: float | None) -> tuple[str, str]:
    """Return the p-value for the row of an interval or, if the two differ, for a row of its own.

    The interval is about cases like these, the p-value about the trials of these very cases.
    """
    if p is None:
        return "", ""
    return (p_value(p), "") if agrees(change, p) else ("", p_value(p))


def _parts(parts: Sequence[Comparison], form: str) -> Iterator[str]:
    """Yield a table of the parts of a run, a line each."""
    from tabulate import tabulate

    shown = escaped if form == "pipe" else str
    rows = [[shown(cell) for cell in _part_row(part)] for part in parts]
    align = ("left", "left", *["right"] * 5)
    yield from tabulate(
        rows, _PART_HEADER, tablefmt=form, colalign=align, disable_numparse=True
    ).split("\n")


def _part_row(part: Comparison) -> list[str]:
    name = scope_words(part).removesuffix(": ")
    if part.verdict is None:
        return [name, f"none: {'; '.join(part.refusals)}", "", "", "", "", ""]
    # the p-value of trials stands in brackets where the interval over cases says otherwise
    p = p_value(part.p) if agrees(part.passing, part.p) else f"({p_value(part.p)})"
    figures = [points(part.difference), points_interval(part.interval), p]
    return [name, part.verdict.value, *map(str, part.rates), *figures]


def _list_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """Yield a line for each case; its variants are added up."""
    of_case: dict[CaseKey, list[Pair]] = {}
    for pair in pairs:
        key = pair.new.key
        of_case.setdefault(CaseKey(key.suite, key.case), []).append(pair)
    for key, variants in of_case.items():
        if len(variants) == 1:
            yield _pair_line(variants[0])
            continue
        old = sum(pair.old.passed for pair in variants), sum(pair.old.judged for pair in variants)
        new = sum(pair.new.passed for pair in variants), sum(pair.new.judged for pair in variants)
        first = variants[0].new
        where = f"({first.path}:{first.line})"
        yield f"{key} in {len(variants)} variants {_of(old)} -> {_of(new)} {where}"


def _counts(comparison: Comparison) -> Iterator[str]:
    yield ""
    compared = f"{cases(comparison.passing.cases)} compared"
    if comparison.knows_replies:
        compared += f"; {len(comparison.changed):,} with another reply and the same verdict"
    yield compared
    for side, counted in (
        (comparison.old, "errored and no evidence"),
        (comparison.new, "errored and counted as failed"),
    ):
        skipped, excluded = side.skipped.total(), side.excluded.total()
        if side.errored or skipped or excluded:
            without = f", {excluded:,} errored and left out" if excluded else ""
            yield (
                f"{side.name}: {side.trials:,} trials, {side.errored:,} {counted}{without},"
                f" {skipped:,} skipped, unjudged or expected to fail and left out"
            )
    lists = {
        "new, not compared": comparison.added,
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
    yield from (f"- {escaped(remark)}" for remark in remarks(comparison))
    yield ""
    names = map(escaped, (comparison.old.name, comparison.new.name))
    header = ["", *names, "change", "95 % interval", "p"]
    rows = [[escaped(cell) for cell in row] for row in _rows(comparison)]
    yield tabulate(rows, header, tablefmt="pipe", disable_numparse=True)
    for name, meaning in LISTS.items():
        pairs: Sequence[Pair] = getattr(comparison, name)
        if pairs:
            lines = list(_list_lines(pairs))
            yield ""
            yield f"<details><summary>{_title(name)}: {len(pairs):,} ({meaning})</summary>"
            yield ""
            yield from (f"- {escaped(line)}" for line in lines[:_MOST_NAMED])
            if len(lines) > _MOST_NAMED:
                yield f"- … and {len(lines) - _MOST_NAMED:,} more"
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
        "kind": comparison.kind.value,
        "scope": comparison.scope,
        "is_part": is_part(comparison),
        "tone": _tone(comparison),
        "headline": headline(comparison),
        "remarks": list(remarks(comparison)),
        "difference": comparison.difference,
        "interval": None if comparison.interval is None else asdict(comparison.interval),
        "p": comparison.p,
        "moves": {name: [_pair_data(pair) for pair in getattr(comparison, name)] for name in LISTS},
        "family": comparison.family,
        "power": comparison.power,
        "drop_found": comparison.drop,
        "trials": asdict(comparison.trials),
        "pass_rate": asdict(comparison.passing),
        "cases": [_case_data(case) for case in comparison.cases],
        "measures": [_measure_data(measure) for measure in comparison.measures],
        **{
            name.replace(" ", "_"): asdict(change)
            for name, change in ratios_of(comparison.pairs).items()
        },
        **{name: [str(pair.new.key) for pair in getattr(comparison, name)] for name in LISTS},
        "changed": len(comparison.changed),
        "changed_cases": [str(pair.new.key) for pair in comparison.changed],
        "added": list(comparison.added),
        "removed": list(comparison.removed),
        "no_longer_judged": list(comparison.not_compared),
        "muted": list(comparison.muted),
        "without_evidence": list(comparison.without_evidence),
    }


def _tone(comparison: Comparison) -> str:
    """Return the outcome that a comparison is coloured like on the page."""
    if comparison.verdict is ChangeVerdict.REGRESSED:
        return "failed"
    return "errored" if needs_a_look(comparison) else "passed"


def _case_data(change: CaseChange) -> dict[str, Any]:
    return {
        "name": str(change.key),
        "variants": change.variants,
        "broken": change.broken,
        "old": list(change.old),
        "new": list(change.new),
        "p": change.p,
        "verdict": change.verdict.value,
        "sentence": case_sentence(change),
    }


def _measure_data(measure: Measure) -> dict[str, Any]:
    verdict = None if measure.verdict is None else measure.verdict.value
    return {**asdict(measure.change), "name": measure.name, "p": measure.p, "verdict": verdict}


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


def _of(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,}/{counts[1]:,}"


def _quantiles(values: tuple[float, float]) -> str:
    return ", ".join(f"{value:.4g} s" for value in values)
