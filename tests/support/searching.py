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
            found = _PART.match(rest)
            assert found, rest
            tests.append(self._test(*found.groups()))
            rest = rest[found.end() :]
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
            test: Test = lambda each: any(  # noqa: E731
                expression.search(text)
                for text in (self._name(each), self._reason(each), message(each))
            )
        else:
            test = self._plain((key or "").rstrip(":"), phrase, (phrase or word or "").lower())
        return (lambda each: not test(each)) if sign else test

    def _plain(self, key: str, phrase: str | None, value: str) -> Test:
        if not key and phrase is None and value.startswith("@"):
            return lambda each: value[1:] in [tag.lower() for tag in each["tags"]]
        if not key:
            return lambda each: any(
                value in text.lower()
                for text in (self._name(each), self._reason(each), message(each))
            )
        if key == "s":
            return self._outcome(value)
        texts: dict[str, Callable[[OutcomeRecord], str]] = {
            "m": self._model,
            "v": lambda each: each["variant"],
            "suite": lambda each: each["suite"],
            "case": lambda each: each["case"],
            "a": lambda each: message(each).partition(":")[0],
        }
        if key in texts:
            return lambda each: value in texts[key](each).lower()
        return self._number(key, value)

    def _outcome(self, value: str) -> Test:
        if value == "flaky":
            return lambda each: self._label(each).is_flaky
        if value == "wrong":
            return lambda each: self._label(each).needs_attention
        if value in {"flaky-allowed", "xpassed"}:
            return lambda each: self._label(each).value == value
        return lambda each: value == ("xfailed" if letter_of(each) == "x" else each["outcome"])

    def _number(self, key: str, value: str) -> Test:
        found = re.fullmatch(r"(<=|>=|<|>|=)?(-?[\d.]+)(ms|s)?", value)
        assert found, value
        limit = float(found[2]) / (1000 if found[3] == "ms" else 1)
        compare = _SIGNS[found[1] or "="]
        numbers: dict[str, Callable[[OutcomeRecord], float | None]] = {
            "dur": lambda each: round(each["reply"]["latency"], 3) if each["reply"] else None,
            "cost": lambda each: each["cost"],
            "tok": lambda each: each["usage"]["input_tokens"] + each["usage"]["output_tokens"],
            "score": lambda each: each["score"],
            "rep": lambda each: (
                self._passed(each) / self._judged(each) if self._judged(each) else None
            ),
            "tries": lambda each: len(each["attempts"]),
        }
        number = numbers[key]

        def test(each: OutcomeRecord) -> bool:
            one = number(each)
            return one is not None and compare(one, limit)

        return test

    def _model(self, record: OutcomeRecord) -> str:
        """Return the model of the first trial of this suite and variant that was sent."""
        for each in self._records:
            same = (each["suite"], each["variant"]) == (record["suite"], record["variant"])
            if same and each["request"] is not None:
                return str(each["request"]["model"])
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
