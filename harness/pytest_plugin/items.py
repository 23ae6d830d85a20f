"""What pytest collects: a file of cases, and one test for each case in each variant."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.app import BackgroundOutcome, CaseText, case_log, case_text
from harness.errors import BrokenSuitesError, HarnessError, SettingsError
from harness.model.record import NOTHING_DECIDES
from harness.model.suite import Case, Suite, Trial, Variant
from harness.pytest_plugin.keys import ITEM
from harness.pytest_plugin.session import session_of
from harness.pytest_plugin.vocabulary import shown

_MOST_PROBLEMS = 3
# markers that make pytest, or a plugin that many have, do something
_TAKEN = frozenset(
    {
        *("skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "harness"),
        *(
            "anyio",
            "asyncio",
            "benchmark",
            "dependency",
            "django_db",
            "flaky",
            "forked",
            "no_cover",
        ),
        *("order", "random_order", "repeat", "rerun", "run", "timeout", "trio", "xdist_group"),
    }
)


class PromptError(Exception):
    """A case that did not pass; pytest shows it by its verdict."""

    def __init__(self, verdict: CaseText) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class SuiteFile(pytest.File):
    """A file with a suite."""

    def collect(self) -> Iterator[CaseItem]:
        """Yield a test for each case in each variant."""
        prompts = session_of(self.config)
        suites = prompts.suites
        try:
            suite = suites.load(self.path)
        except SettingsError as error:
            if suites.has_reported_settings:
                return
            suites.has_reported_settings = True
            raise self.CollectError(shown(error)) from None
        except HarnessError as error:
            raise self.CollectError(_problems_text(error, self.path)) from None
        if not suites.is_first(self.path):
            return  # a link to a suite that is collected already
        for case in suite.cases:
            for variant in suite.variants:
                trials = prompts.trials.collected(suite, case, variant)
                yield CaseItem.of(self, suite, case, variant, trials)


class CaseItem(pytest.Item):
    """A case in a variant: all its repeats, judged together.

    Attributes:
        trials: One for each repeat.
        variant: Its name.
        case_key: The suite, the case and the variant, as plain texts.
        excuse: Why its failure does not fail the session by itself; None if it does, or passed.
        case_line: Where the case is written, counted from 1.
        service_times: When the first of them began, in seconds since the epoch, and how many
            seconds they took together; None before there is an outcome.
    """

    trials: Sequence[Trial]
    variant: str
    case_key: tuple[str, str, str]
    case_line: int
    excuse: str | None = None
    service_times: tuple[float, float] | None = None

    @classmethod
    def of(
        cls,
        parent: SuiteFile,
        suite: Suite,
        case: Case,
        variant: Variant,
        trials: Sequence[Trial],
    ) -> CaseItem:
        """Return the test of a case in a variant, with the markers its suite asks for.

        Texts of the suite become plain ones, which pytest-xdist can carry.
        """
        name = trials[0].id.removeprefix(f"{suite.name}::").partition("#")[0]
        # pytest 9.2 takes names apart that it makes ids of, but not those that it compares with
        item: CaseItem = cls.from_parent(parent, name=str(name), nodeid=f"{parent.nodeid}::{name}")
        item.trials, item.variant, item.case_line = trials, str(variant.name), case.span.line
        item.case_key = str(suite.name), str(case.id), item.variant
        item.stash[ITEM] = item
        item.add_marker(pytest.mark.harness)
        for tag in sorted(map(str, case.tags - _TAKEN)):
            if not tag.startswith("_"):
                item.config.addinivalue_line("markers", f"{tag}: a tag of prompt suites")
                item.add_marker(tag)
        if case.skip is not None:
            item.add_marker(pytest.mark.skip(reason=str(case.skip)))
        if case.xfail is not None:
            item.add_marker(pytest.mark.xfail(reason=str(case.xfail), raises=PromptError))
        return item

    @property
    def will_run(self) -> bool:
        """Whether nothing speaks against sending its requests ahead."""
        return not any(
            mark.name in {"skip", "skipif"}
            or (mark.name == "xfail" and not mark.kwargs.get("run", True))
            for mark in self.iter_markers()
        )

    def runtest(self) -> None:
        """Wait for the outcomes and take their verdict."""
        self.service_times, self.excuse = None, None
        prompts = session_of(self.config)
        outcomes = prompts.run_test(self)
        records = [outcome.record for outcome in outcomes]
        began = min(outcome.began for outcome in outcomes)
        self.service_times = began, sum(outcome.outcome.seconds for outcome in outcomes)
        own = _properties(self.variant, outcomes)
        # a test that is run again, as by pytest-rerunfailures, has those of its last try already
        others = [item for item in self.user_properties if item[0] not in own]
        self.user_properties[:] = [*others, *own.items()]
        self.add_report_section("call", "prompt", case_log(records))
        verdict = case_text(records, lambda: prompts.options.rerun_command(self))
        if verdict.label.fails_run:
            self._expect_failure(prompts.excuse(records))
        if verdict.label.needs_attention:
            raise PromptError(verdict)
        if verdict.label == "unjudged":
            self.warn(pytest.PytestWarning(f"{self.nodeid}: {NOTHING_DECIDES}"))

    def _expect_failure(self, excuse: str | None) -> None:
        """Let pytest report a failure that the baseline excuses as an expected one."""
        self.excuse = excuse
        if excuse is not None:
            # A marker, and not `pytest.xfail()`: reports keep the failure, and `--runxfail` shows
            # it. An unexpected pass never fails, whatever `xfail_strict` says.
            marker = pytest.mark.xfail(reason=excuse, raises=PromptError, strict=False)
            self.add_marker(marker)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what failed in the suite's own words."""
        error = excinfo.value
        if isinstance(error, PromptError):
            is_short = self.config.getoption("tbstyle") == "line"
            return _failure_repr(self.path, error.verdict, is_short=is_short)
        is_expected = error.__cause__ is None or isinstance(error.__cause__, HarnessError)
        if isinstance(error, HarnessError) and is_expected:
            return shown(error)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the case is written; pytest counts lines from 0."""
        return self.path, self.case_line - 1, _as_domain(self.name)


def _as_domain(name: str) -> str:
    """Return the name of a test so that `pytest -v` prints its id as it is.

    pytest takes a dot for what joins a class and its method: where an id ends with the domain that
    `reportinfo` returns, it prints `v1.2-intro` as `v1::2-intro`. After a space the id does not end
    with it any more. Dots of parameters, which stand behind a bracket, are left alone anyway.
    """
    return f"{name} " if "." in name.partition("[")[0] else name


def _problems_text(error: HarnessError, path: Path) -> str:
    problems: list[HarnessError] = [error]
    if isinstance(error, BrokenSuitesError):
        problems = list(error.errors)
    lines = [shown(problem) for problem in problems[:_MOST_PROBLEMS]]
    remaining = len(problems) - _MOST_PROBLEMS
    if remaining > 0:
        lines.append(f"… and {remaining} more: {shlex.join(['harness', 'validate', str(path)])}")
    return "\n".join(lines)


def _properties(variant: str, outcomes: Sequence[BackgroundOutcome]) -> dict[str, object]:
    """Return plain values for reports, which pytest-xdist can carry."""
    records = [outcome.record for outcome in outcomes]
    replies = [record["reply"] for record in records if record["reply"] is not None]
    costs = [record["cost"] for record in records if record["cost"] is not None]
    firsts = [reply["first_token"] for reply in replies if reply["first_token"] is not None]
    properties: dict[str, object] = {
        "model": str(records[0]["model"]),
        "variant": variant,
        "repeats": len(records),
        "passed": sum(record["outcome"] == "passed" for record in records),
        "attempts": sum(len(record["attempts"]) for record in records),
        "queue_s": round(sum(record["timings"]["queued"] for record in records), 6),
        "wait_s": round(sum(one["wait"] for record in records for one in record["attempts"]), 6),
    }
    for name in ("input_tokens", "output_tokens"):
        counts = [count for record in records if (count := record["usage"][name]) is not None]
        if len(counts) == len(records):
            properties[name] = sum(counts)
    if replies:
        properties["latency_s"] = round(max(reply["latency"] for reply in replies), 6)
        properties["origin"] = ",".join(sorted({str(reply["origin"]) for reply in replies}))
    if firsts:
        properties["first_token_s"] = round(min(firsts), 6)
    if costs:
        properties["cost_usd"] = round(sum(costs), 9)
    scores = [record["score"] for record in records if record["score"] is not None]
    if scores:
        properties["score"] = round(sum(scores) / len(scores), 6)
    return properties


def _failure_repr(path: Path, verdict: CaseText, *, is_short: bool) -> Any:
    """Return a failure that every report of pytest shows with its text, its place and its message.

    A short one has no text: pytest adds a line with the place and the message by itself.

    The classes are pytest's own and not public (the same since 8.0), so a plain text must do where
    they are not as they were.
    """
    try:
        from _pytest._code.code import (
            ExceptionChainRepr,
            ReprEntry,
            ReprFileLocation,
            ReprTraceback,
        )

        location = ReprFileLocation(str(path), verdict.line, str(verdict.message))
        lines = [] if is_short else verdict.text.split("\n")
        entry = ReprEntry(lines, None, None, None if is_short else location, "value")
        traceback = ReprTraceback([entry], None, "value")
        return ExceptionChainRepr([(traceback, location, None)])
    except (ImportError, TypeError):
        return f"{verdict.message}\n{verdict.text}"
