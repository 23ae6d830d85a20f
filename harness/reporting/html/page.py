"""The page as a stream: its head with the index first, the details after it, piece by piece."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from harness.exit_code import RunStatus
from harness.model.case_result import CaseKey
from harness.model.record import OutcomeRecord
from harness.model.rerun_options import RerunOptions
from harness.model.run_file import RunHead
from harness.model.unfinished import Unfinished
from harness.reporting.cheapest_variants import PricedVariant, cheapest_variants
from harness.reporting.failures import first_reason, rerun_command
from harness.reporting.html.assets import Assets, read_assets
from harness.reporting.html.details import SharedTexts, detail_of
from harness.reporting.html.index import Index
from harness.reporting.html.packing import (
    ChunkWriter,
    PackedBlocks,
    Sidecar,
    blocks_in_sidecar,
    blocks_inside,
    script_json_bytes,
)
from harness.reporting.html.result_columns import flip_counts, flips_of
from harness.reporting.html.run_status import status_line, status_of_end
from harness.reporting.rates import Rate
from harness.reporting.rerun_words import rerun_words
from harness.reporting.summary import RunSummary, warnings_of, warnings_of_run
from harness.reporting.terminal import totals_line

MOST_PROBLEMS = 200  # that are readable without scripts
MOST_INSIDE = 50_000_000  # bytes of details that one file may hold
_INDEX = "\0index\0"  # stands in the template for what is too long to go through it
_LONGEST_REASON = 500
_TEMPLATE = "page.html.jinja"


@dataclass(frozen=True, slots=True)
class BaselineFindings:
    """What comparing the run with a baseline showed.

    Attributes:
        data: The comparisons, as `comparison_data` has them, and where the baseline comes from.
        headlines: Their verdicts in words.
        status: Of the run, with regard to the baseline.
        replies: The texts of the baseline's replies, by the names of cases.
    """

    data: Mapping[str, Any]
    headlines: Sequence[str]
    status: RunStatus
    replies: Mapping[str, Sequence[str]] = field(default_factory=dict)


def html_report(
    run: Mapping[str, Any],
    end: Mapping[str, Any] | None,
    records: Iterable[OutcomeRecord],
    baseline: BaselineFindings | None = None,
    sidecar: Sidecar | None = None,
    *,
    most_inside: int = MOST_INSIDE,
) -> Iterator[bytes]:
    """Yield the pieces of a page that shows a run; it is the same for the same run.

    Args:
        run: The first line of the run file.
        end: Its last line; None if the run did not come to its end.
        records: The outcomes in suite order; they are read once.
        baseline: What a comparison with a baseline showed.
        sidecar: Where details go that are too many for one file; without it they all stay in it.
        most_inside: How many bytes of details the page itself may hold if there is a sidecar.
    """
    with tempfile.TemporaryFile() as file:
        packed = PackedBlocks(file)
        texts, trials = ChunkWriter(packed, "t"), ChunkWriter(packed, "d")
        flips = {} if baseline is None else flips_of(baseline.data.get("comparisons", ()))
        shared, index, summary = SharedTexts(texts), Index(flips), RunSummary()
        problems: list[dict[str, str]] = []
        keys: list[CaseKey] = []
        did_not_pass = 0
        for record in records:
            index.add(record)
            result = summary.add(record)
            if result is not None:
                index.add_result(result)
                keys.append(result.key)
            trials.add(shared.shrink(detail_of(record)))
            if record["outcome"] in {"failed", "errored"} and record["xfail"] is None:
                did_not_pass += 1
                if len(problems) < MOST_PROBLEMS:
                    problems.append(_problem(record))
        for result in summary.finish():
            index.add_result(result)
            keys.append(result.key)
        summary.unfinished = Unfinished.from_data((end or {}).get("unfinished", {}))
        before = ChunkWriter(packed, "b")
        names = [] if baseline is None else list(baseline.replies)
        for name in names:
            before.add(baseline.replies[name] if baseline is not None else ())
        for chunks in (texts, trials, before):
            chunks.flush()
        facts = _facts(run, end, summary, baseline)
        files = None
        if sidecar is not None and packed.size > most_inside:
            files = blocks_in_sidecar(packed, sidecar)
        data = {
            **index.as_data(facts["seconds"]),
            "limits": [] if end is None else end.get("limits", []),
            "facts_of_run": facts,
            "overview": _overview(summary),
            "groups": _group_data(summary, flip_counts(flips, keys)),
            "cheapest": _cheapest(summary),
            "metrics": _metrics_data(summary),
            "computed": [] if end is None else end.get("computed", []),
            "warnings": [*warnings_of_run(RunHead.from_data(run)), *warnings_of(summary)],
            "comparison": None if baseline is None else baseline.data,
            "baseline_cases": names,
            "chunks": {"t": texts.starts, "d": trials.starts, "b": before.starts},
            "files": files,
        }
        head, rest = _head(
            read_assets(),
            is_split=files is not None,
            facts=facts,
            groups=_groups(summary),
            reasons=() if baseline is None else baseline.data.get("reasons", ()),
            headlines=() if baseline is None else baseline.headlines,
            problems=problems,
            remaining=did_not_pass - len(problems),
        )
        yield head
        yield script_json_bytes(data)
        yield rest
        if files is None:
            yield from blocks_inside(packed)
        yield b"</body>\n</html>\n"


def _overview(summary: RunSummary) -> dict[str, Any]:
    """Return the figures at the head of the page; times in seconds, costs in USD."""
    total = summary.total
    data = summary.as_data()["total"]
    names = ("latency_p50", "latency_p95", "input_tokens", "output_tokens")
    return {
        "pass_rate": _rate_data(summary.rate_of_run),
        "needs_attention": sum(
            number for label, number in summary.labels.items() if label.needs_attention
        ),
        "flaky": summary.flaky,
        # where some prices are not known, the others are still worth knowing: as "at least"
        "cost": total.cost if total.cost or total.is_cost_whole else None,
        "is_cost_whole": total.is_cost_whole,
        **{name: data[name] for name in names},
    }


def _group_data(
    summary: RunSummary, counts: Mapping[tuple[str, str], Mapping[str, int]]
) -> list[dict[str, Any]]:
    return [
        {
            **data,
            "pass_rate": _rate_data(summary.rate(group)),
            "flips": counts.get(group, {}),
        }
        for group, data in zip(summary.groups, summary.as_data()["groups"], strict=True)
    ]


def _metrics_data(summary: RunSummary) -> list[dict[str, Any]]:
    tallies = summary.metrics.values()
    return [
        {**data, "words": tally.short}
        for data, tally in zip(summary.as_data()["metrics"], tallies, strict=True)
    ]


def _rate_data(rate: Rate) -> dict[str, Any]:
    """Return a pass rate with its texts, as `Rate.short` has them.

    Scripts would round ties another way than Python, and so than a terminal.
    """
    interval = rate.interval
    return {
        **rate.as_data(),
        "percent": None if rate.share is None else f"{100 * rate.share:.0f} %",
        "range": f"[{100 * interval.low:.0f}, {100 * interval.high:.0f}]",
        "split": rate.split,
    }


def _cheapest(summary: RunSummary) -> list[dict[str, Any]]:
    priced = [
        PricedVariant(*group, summary.rate(group), tally.cost / tally.trials)
        for group, tally in summary.groups.items()
        if tally.cost and tally.is_cost_whole
    ]
    return [
        {
            "suite": cheapest.suite,
            "cheapest": cheapest.variant,
            "rate": _rate_data(cheapest.rate),
            "cost_per_trial": cheapest.cost_per_trial,
            "best": best.variant,
            "best_rate": _rate_data(best.rate),
            "best_cost_per_trial": best.cost_per_trial,
        }
        for cheapest, best in cheapest_variants(priced)
    ]


def _head(assets: Assets, **values: Any) -> tuple[bytes, bytes]:
    """Return what stands before the index, and what follows it up to the details."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    text = environment.get_template(_TEMPLATE).render(assets=assets, index=_INDEX, **values)
    before, _, after = text.encode("utf-8", "backslashreplace").rpartition(_INDEX.encode())
    return before, after


def _facts(
    run: Mapping[str, Any],
    end: Mapping[str, Any] | None,
    summary: RunSummary,
    baseline: BaselineFindings | None,
) -> dict[str, Any]:
    status = status_of_end(end)
    if baseline is not None and end is not None:
        status = baseline.status if status is None else status.beside(baseline.status)
    line = status_line(status, None if end is None else end.get("stopped"))
    seconds = 0.0 if end is None else float(end["seconds"])
    names = (
        "id", "started", "harness", "git", "command", "settings", "suites", "merged",
    )  # fmt: skip
    return {
        **{name: run.get(name) for name in names},
        "options": rerun_words(RerunOptions.from_data(run.get("options", {}))),
        "simulated": bool(run.get("simulated")),
        "kind": line.kind,
        "sign": line.sign,
        "verdict": line.verdict,
        "exit_code": None if status is None else int(status.exit_code),
        "stopped": None if end is None else end.get("stopped"),
        "seconds": seconds,
        "totals": totals_line(summary, seconds),
    }


def _groups(summary: RunSummary) -> list[dict[str, Any]]:
    return [
        {
            "suite": suite,
            "variant": variant,
            "trials": tally.trials,
            **tally.counts,
            "rate": str(summary.rate((suite, variant))),
        }
        for (suite, variant), tally in summary.groups.items()
    ]


def _problem(record: OutcomeRecord) -> dict[str, str]:
    return {
        "id": record["id"],
        "outcome": record["outcome"],
        "location": f"{record['path']}:{record['line']}",
        "reason": first_reason(record)[:_LONGEST_REASON],
        "rerun": rerun_command(record),
    }
