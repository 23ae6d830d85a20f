"""Runs of every kind, drawn by Hypothesis: outcomes, repeats, xfail, skips, turns, tool calls."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord, VerdictRecord
from tests.support.replies import message
from tests.support.trials import case, record

JUDGED = ["passed", "failed", "errored", "unjudged"]
_BESIDE = {"failed": ["error", "broken off"]}  # what fails for certain may not all be judged


@st.composite
def runs(draw: st.DrawFn, *, most_cases: int = 4) -> list[OutcomeRecord]:
    """Draw the records of a run in suite order."""
    records: list[OutcomeRecord] = []
    for suite in ["triage", "v1.2-desk"][: draw(st.integers(1, 2))]:
        variants = ["default", "haiku-0.7"][: draw(st.integers(1, 2))]
        for number in range(draw(st.integers(1, most_cases))):
            records += draw(_case(suite, f"case-{number}", variants, len(records)))
    return records


@st.composite
def _case(
    draw: st.DrawFn, suite: str, name: str, variants: list[str], first: int
) -> list[OutcomeRecord]:
    skip = draw(st.sampled_from([None, None, None, "later"]))
    rules: dict[str, Any] = {
        "pass_rate": draw(st.sampled_from([1.0, 0.8, 0.5])),
        "threshold": draw(st.sampled_from([None, 0.5])),
        "xfail": draw(st.sampled_from([None, None, "known"])),
        "skip": skip,
    }
    repeats = draw(st.integers(1, 4))
    records: list[OutcomeRecord] = []
    for variant in variants:
        for repeat in range(1, repeats + 1):
            label = "skipped" if skip else draw(st.sampled_from(JUDGED))
            made = record(
                first + len(records),
                label,
                of=case(name, **rules),
                suite=suite,
                variant=variant,
                repeat=repeat,
                repeats=repeats,
                text=draw(st.sampled_from(["billing", "returns"])),
                verdict=_verdict(label),
                cost=draw(st.sampled_from([None, 0.01])),
            )
            records.append(draw(_replied(made)))
    return records


def _verdict(label: str) -> Verdict | None:
    return Verdict.failing("'refund' does not occur in the reply") if label == "failed" else None


@st.composite
def _replied(draw: st.DrawFn, made: OutcomeRecord) -> OutcomeRecord:
    """Give a record an earlier turn, a tool call or an error beside, or leave it as it is."""
    if made["reply"] is None:
        return made
    kinds = ["text", "text", "tool", "turns"]
    kind = draw(st.sampled_from([*kinds, *_BESIDE.get(made["outcome"], [])]))
    if kind == "error":
        (verdict,) = made["verdicts"]
        errored: VerdictRecord = {**verdict, "assertion": "judge", "error": "", "passed": False}
        made["verdicts"] = draw(st.permutations([errored, verdict]))
    if kind == "broken off":
        made["earlier_replies"], made["reply"] = [made["reply"]], None
        made["error"] = {"kind": "ApiStatusError", "message": "HTTP 500", "reason": "api_error"}
    if kind == "tool":
        name = draw(st.sampled_from(["find", "refund"]))
        call = {"type": "tool_use", "id": f"toolu_{made['index']}", "name": name, "input": {"n": 1}}
        whole = made["reply"]["message"]
        made["reply"] = {
            **made["reply"],
            "message": {**whole, "content": [*whole["content"], call]},
        }
    if kind == "turns":
        earlier = message(draw(st.sampled_from(["Hello", "Good day"])))
        made["earlier_replies"] = [{**made["reply"], "message": earlier}]
    return made
