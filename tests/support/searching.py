"""The language of the page's search box, said again in Python: what a query is to find."""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable

from harness.model.case_result import CaseLabel
from harness.model.record import OutcomeRecord
from harness.reporting.case_results import result_of
from harness.reporting.failures import first_reason
from harness.reporting.html.index import letter_of, signature_of

_PART = re.compile(r'(!?)([a-z]+:(?!:))?(?:"([^"]*)"|/((?:\\.|[^\\/])*)/(i?)|(\S+))\s*')
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, ">": operator.gt, "=": operator.eq, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
Test = Callable[[OutcomeRecord], bool]


class Searcher:
    """Finds trials as the page should."""

    def __init__(self, records: Iterable[OutcomeRecord]) -> None:
        self._records = list(records)
        self._units: dict[str, list[OutcomeRecord]] = defaultdict(list)
        for record in self._records:
            self._units[self._name(record)].append(record)

    def search(self, query: str) -> list[str]:
        """Return the ids of the trials that a query leaves, in suite order."""
        tests, rest = [], query.strip()
        while rest:
            match = _PART.match(rest)
            assert match, rest
            tests.append(self._test(*match.groups()))
            rest = rest[match.end() :]
        return [record["id"] for record in self._records if all(test(record) for test in tests)]

    @staticmethod
    def _name(record: OutcomeRecord) -> str:
        return record["id"].partition("#")[0]

    def _test(
        self,
        sign: str,
        key: str | None,
        phrase: str | None,
        pattern: str | None,
        flag: str | None,
        word: str | None,
    ) -> Test:
        if pattern is not None:
            expression = re.compile(pattern, re.IGNORECASE if flag else 0)
            test: Test = lambda trial: any(  # noqa: E731
                expression.search(text)
                for text in (self._name(trial), self._reason(trial), message(trial))
            )
        else:
            test = self._plain((key or "").rstrip(":"), phrase, (phrase or word or "").lower())
        return (lambda trial: not test(trial)) if sign else test

    def _plain(self, key: str, phrase: str | None, value: str) -> Test:
        if not key and phrase is None and value.startswith("@"):
            return lambda trial: value[1:] in [tag.lower() for tag in trial["tags"]]
        if not key:
            return lambda trial: any(
                value in text.lower()
                for text in (self._name(trial), self._reason(trial), message(trial))
            )
        if key == "s":
            return self._outcome(value)
        texts: dict[str, Callable[[OutcomeRecord], str]] = {
            "m": self._model,
            "v": lambda trial: trial["variant"],
            "suite": lambda trial: trial["suite"],
            "case": lambda trial: trial["case"],
            "a": lambda trial: message(trial).partition(":")[0],
        }
        if key in texts:
            return lambda trial: value in texts[key](trial).lower()
        return self._number(key, value)

    def _outcome(self, value: str) -> Test:
        if value == "flaky":
            return lambda trial: self._label(trial).is_flaky
        if value == "wrong":
            return lambda trial: self._label(trial).needs_attention
        if value in {"flaky-allowed", "xpassed"}:
            return lambda trial: self._label(trial).value == value
        return lambda trial: value == ("xfailed" if letter_of(trial) == "x" else trial["outcome"])

    def _number(self, key: str, value: str) -> Test:
        match = re.fullmatch(r"(<=|>=|<|>|=)?(-?[\d.]+)(ms|s)?", value)
        assert match, value
        limit = float(match[2]) / (1000 if match[3] == "ms" else 1)
        compare = _SIGNS[match[1] or "="]
        numbers: dict[str, Callable[[OutcomeRecord], float | None]] = {
            "dur": lambda trial: round(trial["reply"]["latency"], 3) if trial["reply"] else None,
            "cost": lambda trial: trial["cost"],
            "tok": _tokens,
            "score": lambda trial: trial["score"],
            "rep": lambda trial: (
                self._passed(trial) / self._judged(trial) if self._judged(trial) else None
            ),
            "tries": lambda trial: len(trial["attempts"]),
        }
        number = numbers[key]

        def test(trial: OutcomeRecord) -> bool:
            one = number(trial)
            return one is not None and compare(one, limit)

        return test

    def _model(self, record: OutcomeRecord) -> str:
        """Return the model of the first trial of this suite and variant that was sent."""
        for trial in self._records:
            same = (trial["suite"], trial["variant"]) == (record["suite"], record["variant"])
            if same and trial["request"] is not None:
                return str(trial["request"]["model"])
        return ""

    def _passed(self, record: OutcomeRecord) -> int:
        return sum(result["outcome"] == "passed" for result in self._units[self._name(record)])

    def _judged(self, record: OutcomeRecord) -> int:
        judged = {"passed", "failed", "errored"}
        return sum(result["outcome"] in judged for result in self._units[self._name(record)])

    def _label(self, record: OutcomeRecord) -> CaseLabel:
        return result_of(self._units[self._name(record)]).label

    def _reason(self, record: OutcomeRecord) -> str:
        """Return why the first failure of a case failed, if the case needs attention."""
        if not self._label(record).needs_attention:
            return ""
        for trial in self._units[self._name(record)]:
            if trial["outcome"] in {"failed", "errored"}:
                return first_reason(trial)
        return ""


def message(record: OutcomeRecord) -> str:
    """Return what a failure is known by."""
    if record["outcome"] not in {"failed", "errored"}:
        return ""
    return ": ".join(signature_of(record))


def _tokens(trial: OutcomeRecord) -> int | None:
    asked, answered = trial["usage"]["input_tokens"], trial["usage"]["output_tokens"]
    return None if asked is None or answered is None else asked + answered
