"""The trials of a run as a table: CSV, JSON and JSON lines, as the page exports them too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from harness.model.case_result import CaseLabel
from harness.model.record import OutcomeRecord, answered_by, is_timed
from harness.reporting.case_results import result_of
from harness.reporting.failures import cases_in, first_reason

COLUMNS = (
    "id", "suite", "case", "variant", "repeat", "outcome", "score", "latency_seconds", "cost_usd",
    "input_tokens", "output_tokens", "attempts", "reason", "case_label",
    "answered_by",
)  # fmt: skip
_READ_AS_FORMULA = re.compile(r"[\s\u3000]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def row_of(record: OutcomeRecord, label: CaseLabel, *, is_simulated: bool) -> dict[str, Any]:
    """Return the row of a trial: seconds to 3 digits, USD to 6.

    Args:
        record: The trial.
        label: What all repeats of its case add up to.
        is_simulated: Whether the settings of its run name the simulator.
    """
    reply = record["reply"]
    latency = reply["latency"] if reply is not None and is_timed(reply) else None
    did_not_pass = record["outcome"] in {"failed", "errored"}
    is_expected = did_not_pass and record["xfail"] is not None
    return {
        "id": record["id"],
        "suite": record["suite"],
        "case": record["case"],
        "variant": record["variant"],
        "repeat": record["repeat"],
        "outcome": "xfailed" if is_expected else record["outcome"],
        "score": _rounded(record["score"], 3),
        "latency_seconds": _rounded(latency, 3),
        "cost_usd": _rounded(record["cost"], 6),
        "input_tokens": record["usage"]["input_tokens"],
        "output_tokens": record["usage"]["output_tokens"],
        "attempts": len(record["attempts"]),
        "reason": first_reason(record) if did_not_pass else "",
        "case_label": label.value,
        "answered_by": answered_by(record, is_simulated=is_simulated).value,
    }


def _rows(records: Iterable[OutcomeRecord], *, is_simulated: bool) -> Iterator[dict[str, Any]]:
    for case in cases_in(records):
        label = result_of(case).label
        yield from (row_of(record, label, is_simulated=is_simulated) for record in case)


def csv_lines(records: Iterable[OutcomeRecord], *, is_simulated: bool = False) -> Iterator[str]:
    """Yield a table for spreadsheets; a text that would be read as a formula gets an apostrophe.

    Source:
        RFC 4180; OWASP, "CSV Injection".
    """
    yield ",".join(COLUMNS) + "\r\n"
    for row in _rows(records, is_simulated=is_simulated):
        yield ",".join(_cell(row[name]) for name in COLUMNS) + "\r\n"


def json_lines(records: Iterable[OutcomeRecord], *, is_simulated: bool = False) -> Iterator[str]:
    """Yield a JSON object for each trial, a line each."""
    for row in _rows(records, is_simulated=is_simulated):
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def json_document(records: Iterable[OutcomeRecord], *, is_simulated: bool = False) -> Iterator[str]:
    """Yield the pieces of one JSON list."""
    opening = "[\n"
    for row in _rows(records, is_simulated=is_simulated):
        text = json.dumps(row, ensure_ascii=False, indent=2)
        yield opening + "\n".join(f"  {line}" for line in text.split("\n"))
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _rounded(value: float | None, digits: int) -> float | int | None:
    """Return a number as JavaScript writes it: a whole one without a point."""
    if value is None:
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    safe = f"'{value}" if _READ_AS_FORMULA.match(value) else value
    return '"' + safe.replace('"', '""') + '"' if _NEEDS_QUOTES.search(safe) else safe
