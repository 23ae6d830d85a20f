"""Reports of a run as files, each whole or not there at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.app.report.metrics import compute_metrics
from harness.errors import SettingsError
from harness.excerpts import Excerpts
from harness.loading.discovery import SUFFIXES
from harness.model.case_result import CaseKey
from harness.reporting.case_results import key_of
from harness.reporting.rerun_words import rerun_words
from harness.store.atomic_file import append_whole, is_stream, write_atomically
from harness.store.baseline import is_baseline
from harness.store.reader import RunReader, is_run_file
from harness.store.sidecar_files import SidecarFiles
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.app.compare.baseline_result import BaselineResult
    from harness.app.compare.baselines import Baseline
    from harness.model.suite import Suite
    from harness.reporting.html.page import BaselineFindings
    from harness.reporting.junit import Excuse, GateTest

TABLES = ("csv", "json", "jsonl")
_SETTINGS_FILES = frozenset({"harness.toml", "pyproject.toml"})
_MOST_REPLIES = 2_000
_LONGEST_REPLY = 20_000
_LARGE = 25_000_000  # bytes of a page that are slow to send and to open


def check_report(
    path: Path, run_file: Path | None, option: str = "junit", suites: Iterable[Suite] = ()
) -> None:
    """Make sure, before anything is sent or written, that a report can be written.

    Args:
        path: Where it goes.
        run_file: The run file that is written beside it, if any.
        option: The option that names the path.
        suites: What is run, of which no file may be replaced.

    Raises:
        SettingsError: It cannot be written, or it would replace something else.
    """
    fix = Wording("choose another {option}", option=Option(option))
    if str(path) == "-":  # which would become a file of that name
        named = Wording("`-` is no file for {option}", option=Option(option))
        raise SettingsError(named, "name one; `harness report … -o -` prints a report")
    try:
        if is_stream(path):
            return
        if run_file is not None and path.resolve() == run_file.resolve():
            raise SettingsError(f"{path} is the run file too", fix)
        if (source := _source_at(path, suites)) is not None:
            raise SettingsError(f"{path} is {source}, which a report would replace", fix)
        path.parent.mkdir(parents=True, exist_ok=True)
        # the only sure way to know is to try; a run may cost too much to find out at its end
        if not path.exists():
            path.touch()
            path.unlink()
        # `--junit suite.yaml` is a slip that would overwrite a suite
        elif option == "junit" and path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                if not file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
                    raise SettingsError(f"{path} exists and is not XML", fix)
    except (OSError, ValueError, RuntimeError) as error:
        words = getattr(error, "strerror", None) or error
        raise SettingsError(f"the report {path} cannot be written: {words}", fix) from error


def _source_at(path: Path, suites: Iterable[Suite]) -> str | None:
    """Return what a file is, if it is one that reports are made from and none may replace."""
    if not path.is_file():
        return None
    # By its content: a link, or a copy of a record, is a record under any name.
    if is_baseline(path):
        return "a baseline"
    if is_run_file(path):
        return "a run file"
    if path.resolve().name.endswith(SUFFIXES):
        return "a suite"
    if path.resolve().name in _SETTINGS_FILES:
        return "a file of settings"
    for suite in suites:
        included = (suite.span.path.parent / name for name in suite.files)
        if any(file.exists() and file.samefile(path) for file in included):
            return f"included in the suite `{suite.name}`"
    return None


def write_junit(run_file: Path, path: Path, compared: BaselineResult | None = None) -> None:
    """Write a JUnit report of a run; a file is there whole or not at all.

    Args:
        run_file: The record of the run.
        path: Where the report goes.
        compared: What its baseline says; failing cases that do not fail the run are skipped tests.

    Raises:
        StoreError: The run file cannot be read, or the report not written.
    """
    from harness.reporting.junit import junit_xml

    with RunReader(run_file) as reader:
        pieces = junit_xml(
            reader.outcomes,
            Excerpts(),
            started=reader.head.started,
            is_simulated=reader.head.simulated,
            options=rerun_words(reader.head.options),
            compute=partial(compute_metrics, reader.head.suites),
            identical=reader.head.identical_variants,
            excuses={} if compared is None else _excuses(compared),
            gate=[] if compared is None else [_gate_test(compared)],
        )
        write_atomically(path, (piece.encode() for piece in pieces), "report")


def _excuses(compared: BaselineResult) -> dict[CaseKey, Excuse]:
    from harness.reporting.junit import Excuse

    check = compared.check
    why = f"does not fail the run (fail on {check.fails_on}, baseline {check.baseline.name})"
    return {key: Excuse(kind, why) for key, kind in compared.excused.items()}


def _gate_test(compared: BaselineResult) -> GateTest:
    from harness.reporting.junit import GateTest

    name = f"baseline {compared.check.baseline.name}"
    lines = [*compared.headlines()[:1], *compared.gate()] if compared.exit_code else []
    return GateTest(name, "\n".join(lines) or None)


def write_markdown(path: Path, text: str, environment: Mapping[str, str]) -> None:
    """Write a report in Markdown; a file is there whole or not at all.

    The job summary of GitHub Actions belongs to all commands of a step, so the report is added to
    what is there.

    Args:
        path: The file.
        text: The report.
        environment: Says where the job summary is.

    Raises:
        StoreError: It cannot be written.
    """
    if is_job_summary(path, environment):
        append_whole(path, text.encode(), "report")
    else:
        write_atomically(path, [text.encode()], "report")


def is_job_summary(path: Path, environment: Mapping[str, str]) -> bool:
    """Return whether a file is the job summary of GitHub Actions."""
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if not summary or is_stream(path):
        return False
    return path.resolve() == Path(summary).resolve()


def write_table(run_file: Path, path: Path, form: str) -> None:
    """Write the trials of a run as `csv`, `json` or `jsonl`.

    Raises:
        StoreError: The run file cannot be read, or the table not written.
    """
    from harness.reporting import tables  # most runs do without

    writers = dict(
        zip(TABLES, (tables.csv_lines, tables.json_document, tables.json_lines), strict=True)
    )
    with RunReader(run_file) as reader:
        lines = writers[form](reader.outcomes(), is_simulated=reader.head.simulated)
        # a lone surrogate, which a model may send, has no form in UTF-8
        write_atomically(
            path, (line.encode("utf-8", "backslashreplace") for line in lines), "report"
        )


def write_html(run_file: Path, path: Path, compared: BaselineResult | None = None) -> None:
    """Write the page that shows a run, with what its baseline says.

    Details that are too many for one file go into a folder beside it.

    Raises:
        StoreError: The run file cannot be read, or the page not written.
    """
    from harness.reporting.html.page import html_report  # Jinja takes long to import

    sidecar = None if is_stream(path) else SidecarFiles(path)
    with RunReader(run_file) as reader:
        findings = _findings(compared)
        pieces = html_report(reader.run, reader.end, reader.outcomes(), findings, sidecar)
        write_atomically(path, pieces, "report")
    if sidecar is not None:
        sidecar.sweep()


def page_notes(path: Path) -> list[str]:
    """Return what to know of a page that was written: that it is large, or not one file."""
    if is_stream(path):
        return []
    if SidecarFiles(path).exists:
        folder = SidecarFiles(path).folder
        return [f"note: its details are too many for one file; {folder} belongs beside it"]
    size = path.stat().st_size if path.is_file() else 0
    if size <= _LARGE:
        return []
    megabytes = f"{size / 1e6:.0f} MB"
    return [f"note: {path.name} is {megabytes}; a part of the run is smaller (`harness run -k …`)"]


def _findings(compared: BaselineResult | None) -> BaselineFindings | None:
    if compared is None:
        return None
    from harness.reporting.html.page import BaselineFindings

    return BaselineFindings(
        compared.data(), compared.headlines(), compared.status, _replies_before(compared)
    )


def _replies_before(compared: BaselineResult) -> dict[str, list[str]]:
    """Return the replies of the baseline to the cases that changed, as far as it keeps them."""
    wanted = {
        pair.new.key: str(pair.new.key)
        for comparison in compared.comparisons[:1]
        for pair in comparison.pairs_that_changed()
    }
    # bounded: a baseline of 100,000 trials must not make the page as large again
    replies: dict[str, list[str]] = {}
    for key, text in _texts(compared.check.baseline):
        name = wanted.get(key)
        is_full = len(replies) >= _MOST_REPLIES and name not in replies
        if name is not None and not is_full:
            replies.setdefault(name, []).append(text[:_LONGEST_REPLY])
    return replies


def _texts(baseline: Baseline) -> Iterator[tuple[CaseKey, str]]:
    for key, texts in (baseline.texts or {}).items():
        yield from ((key, text) for text in texts)
    if baseline.run_file is not None:
        with RunReader(baseline.run_file) as reader:
            for record in reader.outcomes():
                if record["reply"] is not None:
                    yield key_of(record), record["reply"]["text"]
