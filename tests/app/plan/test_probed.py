"""What a suite asks for, though the last probe found that the server does not do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.app.plan.doubts import plan_doubts
from harness.errors import SuiteError
from harness.model.probe import ProbeFinding, ProbeReport, Treatment
from harness.model.service import service_key
from harness.store.probes import last_probe, save_probe
from tests.support.suites import plan_of, write_suite

SUITE = """\
suite: t
request:
  model: m
  temperature: 0.5
  system: [{type: text, text: Be terse., cache_control: {type: ephemeral}}]
  stop_sequences: [END]
  extra: {tools: [{name: find}]}
cases:
  - id: a
    messages:
      - role: user
        content:
          - {type: image, source: {type: url, url: "https://example.com/a.png"}}
          - {type: document, source: {type: url, url: "https://example.com/a.txt"}}
          - {type: document, source: {type: base64, media_type: application/pdf, data: JVBERi0=}}
  - id: b
    turns: [{prompt: Hi}, {tool_results: {find: x}}]
"""
NESTED = """\
suite: t
request: {model: m}
cases:
  - id: a
    turns:
      - prompt: Hi
      - tool_results:
          find:
            - {type: image, source: {type: url, url: "https://example.com/a.png"}}
  - id: b
    messages:
      - role: user
        content:
          - type: document
            source:
              type: content
              content: [{type: text, text: x, cache_control: {type: ephemeral}}]
          - {type: document, source: {type: url, url: "https://example.com/a.pdf?x=1"}}
"""
FEATURES = [
    "temperature", "system as blocks", "cache_control", "stop_sequences", "tools", "image",
    "text document", "PDF document", "tool results", "top_k", "system", "stream",
]  # fmt: skip
USED = FEATURES[:-3]


def doubts(
    folder: Path, treatment: Treatment, base_url: str = "http://one", suite: str = SUITE
) -> list[str]:
    """Return the doubts about a suite after a probe of a server that treats all parts alike."""
    return [error.problem for error in doubted(folder, suite, treatment, base_url)]


def doubted(
    folder: Path,
    suite: str,
    treatment: Treatment = Treatment.IGNORED,
    base_url: str = "http://one",
) -> list[SuiteError]:
    path = write_suite(folder, suite)
    flags = {"base_url": "http://one", "reports": str(folder / "reports")}
    plan = plan_of(path, flags=flags)
    found = tuple(ProbeFinding(name, treatment, "so it was seen") for name in FEATURES)
    report = ProbeReport(base_url, "m", "2026-11-30T10:00:00+00:00", found, 24, 1, 1, None)
    probed = plan_of(path, flags={**flags, "base_url": base_url}).settings
    save_probe(plan.settings.reports, service_key(probed), report)
    return plan_doubts(plan)


@pytest.mark.parametrize("treatment", [Treatment.IGNORED, Treatment.REFUSED])
def test_what_a_server_ignores_or_refuses_is_told_once(
    tmp_path: Path, treatment: Treatment
) -> None:
    told = doubts(tmp_path, treatment)

    assert {problem.split("`")[1] for problem in told} == set(USED)
    assert len(told) == len(USED)
    assert told[0].endswith(
        f"is {treatment} by http://one (probed on 2026-11-30 with m): so it was seen"
    )


def test_a_field_of_the_request_is_shown_where_it_is_set(tmp_path: Path) -> None:
    text = """\
suite: t
request: {model: m}
variants:
  cold: {request: {temperature: 0}}
cases:
  - {id: a, prompt: Hi}
  - id: b
    prompt: Hi
    request:
      stop_sequences: [END]
"""
    places = {error.problem.split("`")[1]: error.span for error in doubted(tmp_path, text)}

    assert {name: (span.line, span.column) for name, span in places.items()} == {
        "temperature": (4, 20),
        "stop_sequences": (10, 7),
    }


def test_blocks_inside_of_others_and_files_at_an_address_are_looked_at(tmp_path: Path) -> None:
    told = doubts(tmp_path, Treatment.IGNORED, suite=NESTED)

    parts = {problem.split("`")[1] for problem in told}
    assert {"image", "cache_control", "PDF document", "tool results"} <= parts


WRONG_TYPES = (
    '{"server": 5, "model": 5, "time": 5, "calls": 1, "input_tokens": 1, "output_tokens": 1,'
    ' "cost": null, "findings": []}'
)


@pytest.mark.parametrize("content", ['{"findings": 5}', "[1]", "{", WRONG_TYPES])
def test_what_is_no_probe_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "key.json").write_text(content)

    assert last_probe(tmp_path, "key") is None


@pytest.mark.parametrize("treatment", [Treatment.HONOURED, Treatment.UNCLEAR])
def test_nothing_is_said_of_what_works_or_cannot_be_told(
    tmp_path: Path, treatment: Treatment
) -> None:
    assert doubts(tmp_path, treatment) == []


def test_a_probe_of_another_server_says_nothing(tmp_path: Path) -> None:
    assert doubts(tmp_path, Treatment.IGNORED, "http://two") == []
