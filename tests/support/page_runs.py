"""Runs to look at: every outcome, several variants, repeats, tags."""

from __future__ import annotations

import random
from typing import Any

from harness.model.outcome import Verdict
from harness.model.record import OutcomeRecord
from tests.support.trials import case, record

MODELS = {"haiku": "claude-haiku-4-5", "opus": "claude-opus-4-6"}
REASONS = ["'refund' does not occur in the reply", "the reply has 31 words, and 20 is the most"]


def made(index: int, name: str, label: str, **changes: Any) -> OutcomeRecord:
    """Return the record of a trial of a case; `xfail` and `pass_rate` are those of the case."""
    extra = {
        key: changes.pop(key) for key in ("tags", "latency", "tokens", "model") if key in changes
    }
    one = case(name, pass_rate=changes.pop("pass_rate", 1.0), xfail=changes.pop("xfail", None))
    trial = record(index, label, of=one, **changes)
    trial["tags"] = list(extra.get("tags", ()))
    trial["vars"] = {"name": name}
    if trial["request"] is not None:
        trial["request"] = {
            "model": extra.get("model", "m"),
            "max_tokens": 64,
            "temperature": changes.get("temperature", 0.0),
            "system": "You are the triage desk.",
            "messages": [{"role": "user", "content": f"What about {name}?"}],
        }
    if trial["reply"] is not None:
        trial["reply"]["latency"] = extra.get("latency", 0.5)
    trial["usage"] = {**trial["usage"], "output_tokens": extra.get("tokens", 3)}
    return trial


def mixed(cases: int = 40, seed: int = 1) -> list[OutcomeRecord]:
    """Return a run in which all kinds of things happened."""
    source, records = random.Random(seed), list[OutcomeRecord]()
    for number in range(cases):
        for variant, model in MODELS.items():
            repeats = 4 if number % 5 == 0 else 1
            for repeat in range(1, repeats + 1):
                label = source.choices(
                    ["passed", "failed", "errored", "skipped"],
                    [70, 18, 6, 6 if repeats == 1 else 0],
                )[0]
                changes: dict[str, Any] = {}
                if label == "failed":
                    changes["verdict"] = Verdict.failing(
                        source.choice(REASONS), expected="refund", actual="billing"
                    )
                if label == "passed":
                    changes["cost"] = source.randint(1, 40_000) / 1e6
                records.append(
                    made(
                        len(records),
                        f"{['refund', 'invoice', 'order'][number % 3]}-{number}",
                        label,
                        variant=variant,
                        repeat=repeat,
                        repeats=repeats,
                        suite="triage" if number % 2 else "desk",
                        text=source.choice(["billing", "It is a refund.", f"reply {number}"]),
                        tags=["smoke"] if number % 4 == 0 else [],
                        latency=round(source.lognormvariate(0, 1), 3),
                        tokens=source.randint(1, 3000),
                        model=model,
                        **changes,
                    )
                )
    return records


def with_call(trial: OutcomeRecord, name: str) -> OutcomeRecord:
    """Return a trial whose reply, after its text, calls a tool."""
    assert trial["reply"] is not None
    message = trial["reply"]["message"]
    call = {"type": "tool_use", "id": f"toolu_{trial['index']}", "name": name, "input": {"n": 1}}
    trial["reply"]["message"] = {**message, "content": [*message["content"], call]}
    return trial


def with_earlier_turn(trial: OutcomeRecord, text: str = "Good day") -> OutcomeRecord:
    """Return a trial whose reply came in a second turn."""
    assert trial["reply"] is not None
    earlier = {"role": "assistant", "content": [{"type": "text", "text": text}]}
    trial["earlier_replies"] = [{**trial["reply"], "message": earlier, "text": text}]
    return trial
