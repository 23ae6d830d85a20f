"""What a suite asks for, though the last probe found that the server does not do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from harness.app.plan.planning import Plan
from harness.app.plan.requirements import CaseInVariant
from harness.errors import SuiteError
from harness.loading.request_places import request_place
from harness.model.media import MEDIA_TYPE_BY_SUFFIX
from harness.model.service import service_key
from harness.model.suite import FileByTemplate, Suite, Turn
from harness.model.tool_results import blocks_of
from harness.source import Span, Text
from harness.store.probes import last_probe

if TYPE_CHECKING:
    from harness.model.probe import ProbeFinding, ProbeReport

_FIELDS = ("max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "stream", "async")
_PDF = "application/pdf"
# a place, or a field of a suite's requests, whose place takes reading the file again
_Place: TypeAlias = Span | tuple[Suite, str]


def without_effect(plan: Plan, cases: Iterable[CaseInVariant]) -> Iterator[SuiteError]:
    """Yield what suites use that the server ignores or refuses, once each.

    Args:
        plan: Says which server; without a probe of it nothing is known.
        cases: Those that will be sent.
    """
    report = last_probe(plan.settings.reports, service_key(plan.settings))
    if report is None:
        return
    ineffective = {
        found.feature: found for found in report.findings if found.treatment.is_without_effect
    }
    for feature, place in _used(cases) if ineffective else ():
        found = ineffective.pop(feature, None)
        if found is not None:
            span = place if isinstance(place, Span) else request_place(*place)
            fix = f"do without, or look again: `harness probe {report.model}`"
            yield SuiteError(span, _problem(report, found), fix)


def _problem(report: ProbeReport, found: ProbeFinding) -> str:
    where = f"{report.server} (probed on {report.time[:10]} with {report.model})"
    return f"`{found.feature}` is {found.treatment} by {where}: {found.evidence}"


def _used(cases: Iterable[CaseInVariant]) -> Iterator[tuple[str, _Place]]:
    """Yield the parts of the API that cases use, with a place in the suite."""
    seen: set[tuple[int, int, str]] = set()
    for suite, case, variant in cases:
        turns = suite.turns_of(case, suite.variant(variant))
        key = (id(case.request), id(turns), variant)
        if key not in seen and case.skip is None:  # the rows of a dataset share them
            seen.add(key)
            request = suite.request_of(case, suite.variant(variant))
            yield from _in_request(suite, request)
            yield from _in_messages(turns, case.span)


def _in_request(suite: Suite, request: Mapping[str, Any]) -> Iterator[tuple[str, _Place]]:
    for name in _FIELDS:
        value = request.get(name)
        if value is not None and value is not False:  # 0 is a temperature
            yield name, (suite, name)
    system = request.get("system")
    if isinstance(system, str | FileByTemplate):
        yield "system", (suite, "system")
    elif system:
        yield "system as blocks", (suite, "system")
        if any("cache_control" in block for block in system):
            yield "cache_control", (suite, "system")
    if request.get("tools"):
        yield "tools", (suite, "tools")
    if request.get("extra", {}).get("tools"):
        yield "tools", (suite, "extra")


def _in_messages(turns: Iterable[Turn], otherwise: Span) -> Iterator[tuple[str, Span]]:
    for turn in turns:
        for message in turn.messages:
            for block in _with_inner(blocks_of(message)):
                place = _place(block["type"], otherwise)
                if "cache_control" in block:
                    yield "cache_control", place
                feature = _feature(block)
                if feature is not None:
                    yield feature, place


def _with_inner(blocks: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield blocks, each followed by those inside it."""
    for block in blocks:
        yield block
        yield from _with_inner(blocks_of(block))
        yield from _with_inner(blocks_of(block.get("source", {})))


def _feature(block: Mapping[str, Any]) -> str | None:
    kind = block["type"]
    if kind in {"document", "file", "file_data"}:
        source = block.get("source", block)
        place = str(source.get("path", source.get("url", ""))).partition("?")[0]
        suffix = "." + place.rpartition(".")[2].lower()
        media_type = source.get("media_type") or MEDIA_TYPE_BY_SUFFIX.get(suffix, "text/plain")
        kind = "image" if str(media_type).startswith("image/") else str(media_type)
    if kind == "image":
        return "image"
    if kind == "tool_result":
        return "tool results"
    if kind == _PDF:
        return "PDF document"
    return "text document" if kind.startswith("text/") else None


def _place(value: Any, otherwise: Span) -> Span:
    return value.span if isinstance(value, Text) else otherwise
