"""From paths and options to suites that are free of mistakes; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.plan.components import Components
from harness.assertions.registry import AssertionRegistry
from harness.errors import BrokenSuitesError, NothingSelectedError, SettingsError, SuiteError
from harness.loading.discovery import find_suites
from harness.loading.overrides import read_overrides
from harness.loading.selection import Selection, names_of
from harness.loading.settings import read_settings
from harness.loading.suites import SuiteLoader
from harness.loading.trials import expected_variants, trials_of
from harness.loading.yaml_reader import read_source
from harness.model.run_file import RerunOptions
from harness.model.settings import Settings
from harness.model.suite import Suite, Trial
from harness.running.trial import TrialRenderer
from harness.source import SourceFile, Text
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.running.function_pool import FunctionPool

_SET_A_JUDGE = Wording("set `judge` in the settings, or {judge}", judge=Option("judge", "MODEL"))


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Which suites, which of their trials, and what is set from outside.

    Attributes:
        assignments: `KEY=VALUE`, as given to `--set`.
        ids: The trials of an earlier run to choose from; None chooses from all.
        include_compared: Whether with a trial come those that it is compared with.
        shard: A share of what is chosen, such as `2/5`.
        flags: Settings given on the command line; None where they were not.
        ini: Settings given in pytest's configuration, likewise.
    """

    paths: Sequence[Path]
    keyword: str | None = None
    tags: Sequence[str] = ()
    only: Sequence[str] = ()
    assignments: Sequence[str] = ()
    repeat: int | None = None
    ids: frozenset[str] | None = None
    include_compared: bool = True
    shard: str | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    ini: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Suites that are free of mistakes, and what is selected of them.

    Attributes:
        is_interactive: Whether the trials are chosen and asked for one by one, as by pytest.
    """

    suites: tuple[Suite, ...]
    selection: Selection
    settings: Settings
    renderer: TrialRenderer
    assertions: AssertionRegistry
    options: RerunOptions = field(default_factory=RerunOptions)
    code: FunctionPool | None = None
    render: Callable[[Text, Mapping[str, Any]], str] = lambda text, _names: str(text)
    is_interactive: bool = False

    def trials(self) -> Iterator[Trial]:
        """Yield the selected trials."""
        return trials_of(self.suites, self.selection)

    def expected_variants(self, trial: Trial) -> frozenset[str]:
        """Return the variants in which a trial's case and repeat run."""
        if self.is_interactive:
            return frozenset(variant.name for variant in trial.suite.variants)
        return expected_variants(trial, self.selection)

    def asks(self, trial: Trial) -> bool:
        """Return whether a judge is asked about a trial, whose answer may not be known."""
        return any(map(self.assertions.wants_judge, trial.case.all_expectations))

    def judges(self) -> dict[str, str]:
        """Return the models that judge, and where the first expectation of each stands.

        Raises:
            SettingsError: A judge decides something, and there is none.
        """
        return self.judges_of(self.suites)

    def judges_of(self, suites: Iterable[Suite]) -> dict[str, str]:
        """Return the models that judge some suites, as `judges` does."""
        standard = self.settings.judge
        found: dict[str, str] = {}
        for suite in suites:
            model = suite.judge.request.get("model", None if standard is None else standard.model)
            place = self._first_judged(suite)
            if place is not None and model is None:
                problem = f"{place}: a judge decides this, and there is none"
                raise SettingsError(problem, _SET_A_JUDGE)
            if place is not None:
                found.setdefault(str(model), place)
        return found

    def _first_judged(self, suite: Suite) -> str | None:
        for case in suite.cases:
            for expectation in case.all_expectations:
                if self.assertions.wants_judge(expectation):
                    return str(expectation.span)
        return None

    def _unshared(self) -> Iterator[Trial]:
        return trials_of(self.suites, replace(self.selection, shard=None))

    def count(self) -> int:
        """Return how many trials are selected.

        Raises:
            NothingSelectedError: None.
        """
        number, unmatched = 0, set(self.selection.only)
        for trial in self.trials():
            number += 1
            if unmatched:
                unmatched -= names_of(trial)
        if number and not unmatched:
            return number
        if number:
            fix = "`harness list` shows the ids to select by"
            missed = ", ".join(f"`{each}`" for each in sorted(unmatched))
            only = Wording("`{only}` finds nothing for {ids}", only=Option("only"), ids=missed)
            raise NothingSelectedError(only, fix)
        if not self.suites:
            fix = "name a folder with files that end in .suite.yaml"
            raise NothingSelectedError("no suites were found", fix)
        if self.selection.shard is not None and next(self._unshared(), None) is not None:
            problem = "nothing is left for this shard: there are fewer cases than shards"
            raise NothingSelectedError(problem, "use fewer shards")
        cases = sum(len(suite.cases) for suite in self.suites)
        problem = f"none of the {cases} cases is selected"
        raise NothingSelectedError(problem, "`harness list` shows the ids to select by")


def project_settings(choice: RunOptions) -> Settings:
    """Return the settings that hold for the paths that were chosen.

    Raises:
        SettingsError: They are unusable.
    """
    start = choice.paths[0] if choice.paths else Path()
    return read_settings(start, choice.environment, choice.flags, choice.ini)


class SuiteBook:
    """Loads suites one by one; together they are a plan."""

    def __init__(self, choice: RunOptions) -> None:
        """Read the settings and what is set from outside.

        Raises:
            SettingsError: The settings or options are unusable.
        """
        self.settings = project_settings(choice)
        self._choice, self._components = choice, Components(allows_code=self.settings.allow_code)
        self._selection = replace(
            Selection.of(choice.keyword, choice.tags, choice.only, choice.shard),
            ids=choice.ids,
            include_compared=choice.include_compared,
        )
        request_shape = cache(partial(self._components.shape, "request"))
        self._loader = SuiteLoader(
            self._components.shape(),
            self._components.assertions,
            self._components.templates,
            self._components.files,
            read_overrides(choice.assignments, choice.repeat, request_shape),
        )
        self._suites: dict[str, Suite] = {}

    def load(self, path: Path) -> Suite:
        """Add the suite in a file.

        Raises:
            BrokenSuitesError: All its mistakes, those in this file first.
        """
        return self.add(self.read(path))

    def add(self, suite: Suite) -> Suite:
        """Add a suite that was made or read.

        Raises:
            BrokenSuitesError: There is one of its name already.
        """
        first = self._suites.setdefault(suite.name, suite)
        if first is not suite:
            problem = f"a second suite is called `{suite.name}`; the first is {first.span.path}"
            fix = "give each suite its own name"
            raise BrokenSuitesError([SuiteError(suite.span, problem, fix)])
        return suite

    def read(self, path: Path) -> Suite:
        """Return the suite in a file as it is now, without adding it.

        Raises:
            BrokenSuitesError: All its mistakes.
        """
        try:
            source = read_source(path)
        except SuiteError as error:
            raise BrokenSuitesError([error]) from error
        return self._checked(source)

    def make(self, name: Path, data: Mapping[str, Any]) -> Suite:
        """Return a suite from plain data, which need not have a name of its own.

        Args:
            name: Where it is said to stand; its texts are relative to that folder.
            data: What a suite's file would hold.

        Raises:
            BrokenSuitesError: All its mistakes.
        """
        return self._checked(SourceFile(name, suite_text(data)))

    def plan(self, *, is_interactive: bool = False) -> Plan:
        """Return what is to run of the suites that were added.

        Args:
            is_interactive: Whether somebody else chooses among their trials.
        """
        selection = self._selection
        return Plan(
            tuple(self._suites.values()),
            replace(selection, ids=frozenset()) if is_interactive else selection,
            self.settings,
            self._components.renderer,
            self._components.assertions,
            _rerun_options(self._choice),
            self._components.code,
            self._components.templates.render,
            is_interactive,
        )

    def _checked(self, source: SourceFile) -> Suite:
        problems: list[SuiteError] = []
        try:
            suite = self._loader.load(source, problems)
        except SuiteError as error:
            raise BrokenSuitesError([error]) from error
        if suite is not None:
            problems += self._components.preflight.problems(suite, is_whole=not problems)
        if problems or suite is None:
            here = [problem for problem in problems if problem.span.path == source.path]
            here.sort(key=lambda each: (each.span.line, each.span.column))
            elsewhere = [problem for problem in problems if problem.span.path != source.path]
            raise BrokenSuitesError([*here, *elsewhere])
        return suite


def plan(choice: RunOptions) -> Plan:
    """Load and check everything; nothing is sent.

    Raises:
        BrokenSuitesError: All mistakes of all files.
        SettingsError: The settings or options are unusable.
    """
    paths = find_suites(choice.paths)
    book = SuiteBook(choice)
    problems: list[SuiteError] = []
    for path in paths:
        try:
            book.load(path)
        except BrokenSuitesError as errors:
            problems += errors.errors
    if problems:
        raise BrokenSuitesError(problems)
    return book.plan()


def _rerun_options(choice: RunOptions) -> RerunOptions:
    flags = choice.flags
    return RerunOptions(
        assignments=tuple(choice.assignments),
        repeat=choice.repeat,
        judge=flags.get("judge") or None,
        base_url=flags.get("base_url") or None,
        allow_code=bool(flags.get("allow_code")),
    )


def suite_text(data: Mapping[str, Any]) -> str:
    """Return the file that a suite of plain data is said to stand in."""
    return json.dumps(data, indent=1, ensure_ascii=False)


def schema_text() -> str:
    """Return the JSON Schema of suites, as it is published."""
    return json.dumps(Components().schema, indent=2, ensure_ascii=False) + "\n"


def why_no_judge(plan: Plan) -> Wording | None:
    """Return what a run would refuse: that a judge decides something, and there is none."""
    try:
        plan.judges()
    except SettingsError as error:
        return Wording("{problem}; {fix}", problem=error.problem, fix=error.fix)
    return None
