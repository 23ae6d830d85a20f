"""The last probe of each server, which runs are warned by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.json_text import json_bytes, json_value
from harness.store.atomic_file import write_atomically

if TYPE_CHECKING:
    from harness.model.probe import ProbeReport

_FOLDER = "probes"


def save_probe(reports: Path, service: str, report: ProbeReport) -> Path:
    """Write what a probe found, in place of the last one of the same server.

    Args:
        reports: The folder of reports.
        service: The key of the server.
        report: What was found.

    Raises:
        StoreError: It cannot be written.
    """
    path = _path(reports, service)
    write_atomically(path, [json_bytes(report.as_data()), b"\n"], "probe")
    return path


def last_probe(reports: Path, service: str) -> ProbeReport | None:
    """Return the last probe of a server; None if there is none that can be read."""
    try:
        data = json_value(_path(reports, service).read_bytes())
        from harness.model.probe import ProbeReport  # few servers were probed

        return ProbeReport.from_data(data)
    except (OSError, ValueError):
        return None


def _path(reports: Path, service: str) -> Path:
    return reports / _FOLDER / f"{service}.json"
