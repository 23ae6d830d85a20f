"""A run file of many trials with texts of their own, as a benchmark of reports needs it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

_MODELS = ("claude-haiku-4-5", "claude-opus-4-6")
_TEMPERATURES = (0.0, 0.7)
_SUITES = 5


def write_long_run(path: Path, trials: int, seed: int = 1) -> None:
    """Write a run of so many trials of about 3.5 KB each; one of ten failed."""
    source = random.Random(seed)  # noqa: S311  # words, no secret
    words = _words(source)
    system = " ".join(source.choices(words, k=60))
    with path.open("w") as file:
        file.write(_line(_first()))
        for index in range(trials):
            prompt = " ".join(source.choices(words, k=90))
            reply = " ".join(source.choices(words, k=110))
            passed = source.random() < 0.9
            seconds = source.lognormvariate(-0.5, 0.5)
            file.write(_line(_outcome(index, system, prompt, reply, seconds, passed=passed)))
        file.write(_line(_last(trials)))


def write_repeated_run(path: Path, cases: int, repeats: int, seed: int) -> None:
    """Write a run of short replies; of ten cases one is flaky, and the others pass."""
    source = random.Random(seed)  # noqa: S311  # words, no secret
    words = _words(source)
    with path.open("w") as file:
        file.write(_line(_first()))
        for case in range(cases):
            prompt = f"question {case}"
            for repeat in range(repeats):
                passed = case % 10 > 0 or source.random() < 0.5
                reply = " ".join(source.choices(words, k=8))
                outcome = _outcome(4 * case, "", prompt, reply, source.random(), passed=passed)
                number = {"index": case * repeats + repeat, "id": f"{outcome['id']}#{repeat + 1}"}
                file.write(_line({**outcome, **number, "repeat": repeat + 1, "repeats": repeats}))
        file.write(_line(_last(cases * repeats)))


def _words(source: random.Random) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(source.choices(letters, k=source.randint(2, 9))) for _ in range(4000)]


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def _first() -> dict[str, Any]:
    return {
        "kind": "run", "format": 1, "id": "20261101T101500123-ab12", "harness": "0",
        "started": "2026-11-01T10:15:00.123+00:00", "command": ["harness", "run", "suites"],
        "git": "0" * 40, "simulated": False, "options": [], "suites": [],
        "settings": {"base_url": "https://api.example.com"},
    }  # fmt: skip


def _last(trials: int) -> dict[str, Any]:
    return {
        "kind": "end", "status": "finished", "stopped": None, "exit_code": 1, "seconds": 90.0,
        "planned": trials, "total": {}, "groups": [],
    }  # fmt: skip


def _outcome(
    index: int, system: str, prompt: str, reply: str, seconds: float, *, passed: bool
) -> dict[str, Any]:
    number, variant = divmod(index, 4)
    model, temperature = _MODELS[variant // 2], _TEMPERATURES[variant % 2]
    name, suite = f"{model[7:]}-{temperature}", f"suite-{number % _SUITES}"
    usage = {"input_tokens": 150, "output_tokens": 140}
    reason = "" if passed else f"'{prompt[:8]}' does not occur in the reply"
    return {
        "kind": "outcome", "index": index, "id": f"{suite}::case-{number}[{name}]", "suite": suite,
        "case": f"case-{number}", "variant": name, "repeat": 1, "repeats": 1, "pass_rate": 1.0,
        "path": f"suites/{suite}.suite.yaml", "line": 10, "tags": [], "vars": {"n": number},
        "outcome": "passed" if passed else "failed", "score": float(passed), "threshold": None,
        "xfail": None, "skip": None, "model": model,
        "request": {
            "model": model, "max_tokens": 256, "temperature": temperature, "system": system,
            "messages": [{"role": "user", "content": prompt}],
        },
        "reply": {
            "message": {
                "id": f"msg_{index}", "type": "message", "role": "assistant", "model": model,
                "content": [{"type": "text", "text": reply}], "stop_reason": "end_turn",
                "usage": usage,
            },
            "text": reply, "delivery": "at_once", "latency": seconds, "first_token": None,
            "cost": 0.0017, "origin": "service", "key": "k",
        },
        "earlier_replies": [], "error": None,
        "attempts": [
            {
                "purpose": "message", "status": 200, "seconds": seconds, "wait": 0.0,
                "reason": None, "request_id": f"req_{index}", "may_be_billed": False,
            }
        ],
        "timings": {"queued": 0.0, "first_token": None, "total": seconds},
        "usage": {**usage, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
        "cost": 0.0017,
        "verdicts": [
            {
                "assertion": "contains", "name": None, "passed": passed, "score": float(passed),
                "reason": reason, "expected": None, "actual": None, "error": None,
                "left_out": False, "weight": 1.0, "severity": "error", "metric": None, "turn": 1,
                "line": 12, "column": 9,
            }
        ],
        "fingerprints": {"inputs": "i", "request": "r" * 32, "expectations": "e"},
    }  # fmt: skip
