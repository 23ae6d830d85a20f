"""What a probe found, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from harness.model.probe import ProbeReport
from harness.printable import visible
from harness.reporting.markdown_text import escaped

_HEADER = ["part", "the server", "evidence"]
_LONGEST = 160  # characters of evidence


def probe_text(report: ProbeReport) -> str:
    """Return the table for a terminal, and what it took."""
    from tabulate import tabulate

    rows = [
        [found.feature, found.treatment.value, _short(found.evidence)] for found in report.findings
    ]
    table = tabulate(rows, _HEADER, tablefmt="simple", disable_numparse=True)
    return "\n".join([table, "", *_lines(report)])


def probe_markdown(report: ProbeReport) -> str:
    """Return the same as Markdown."""
    from tabulate import tabulate

    rows = [
        [escaped(found.feature), found.treatment.value, escaped(_short(found.evidence))]
        for found in report.findings
    ]
    table = tabulate(rows, _HEADER, tablefmt="pipe", disable_numparse=True)
    title = f"### {escaped(report.server)} with {escaped(report.model)}"
    return "\n".join([title, "", table, "", *map(escaped, _lines(report)), ""])


def _lines(report: ProbeReport) -> Iterator[str]:
    cost = "" if report.cost is None else f", {report.cost:.4f} USD"
    yield (
        f"{report.calls} requests to {visible(report.server)} with {visible(report.model)}:"
        f" {report.input_tokens:,} + {report.output_tokens:,} tokens{cost}"
    )


def _short(evidence: str) -> str:
    text = visible(" ".join(evidence.split()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
