"""From paths and options to suites without mistakes; nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.app.plan.identical import IdenticalInSuite, IsSelected, everything
from harness.app.plan.options import RunOptions
from harness.app.plan.project import project_settings
from harness.errors import BrokenSuitesError, NothingSelectedError, SuiteError
from harness.loading.discovery import find_suites
from harness.loading.overrides import read_overrides
from harness.loading.selection import Selection, names_of
from harness.loading.trials import expected_variants, is_selected, trials_of
from harness.loading.yaml_reader import read_source
from harness.model.identical_variants import IdenticalVariants
from harness.model.rerun_options import RerunOptions
from harness.model.settings import Settings
from harness.model.suite import Suite, Trial
from harness.source import SourceFile, Text
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.assertions.registry import AssertionRegistry
    from harness.rendering.same_requests import SameRequests
    from harness.running.function_pool import FunctionPool
    from harness.running.trial import TrialRenderer

_SHOW_IDS = "`harness list` shows the ids to select by"


@dataclass(frozen=True, slots=True)
class Plan:
    """Suites without mistakes, and which of their trials are selected.

    Attributes:
        options: What a command needs to run one of the trials again.
        code: Runs the functions of the project, where the settings allow it.
        render: Fills a template with variables.
        is_interactive: Whether trials are asked for one by one, as by pytest.
        identical: What is known of suites with variants that send the same request, by the identity
            of the suite.
        will_ask: Says of which cases and variants an interactive plan will be asked.
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
    identical: Mapping[int, IdenticalInSuite] = field(default_factory=dict)
    will_ask: IsSelected = everything

    def identical_variants(self) -> tuple[IdenticalVariants, ...]:
        """Return the selected variants that would send the same request, suite by suite."""
        return tuple(found for suite in self.suites for found in self.identical_in(suite))

    def identical_in(self, suite: Suite) -> tuple[IdenticalVariants, ...]:
        """Return the variants of a suite that would send the same request.

        All shards of a run return the same: compared variants of a case may be in two of them.
        """
        found = self.identical.get(id(suite))
        if found is None:
            return ()
        if self.is_interactive:
            is_planned = any(planned is suite for planned in self.suites)
            return found.among(self.will_ask if is_planned else everything)
        if not self.is_partial:
            return found.among(everything)
        return found.among(lambda case, variant: is_selected(suite, case, variant, self.selection))

    @property
    def is_partial(self) -> bool:
        """Whether only some of the trials are selected, shards aside."""
        if not self.is_interactive:
            return replace(self.selection, shard=None).is_partial
        return not all(
            case.skip is not None or self.will_ask(case, variant)
            for suite in self.suites
            for case in suite.cases
            for variant in suite.variants
        )

    def trials(self) -> Iterator[Trial]:
        """Yield the selected trials."""
        return trials_of(self.suites, self.selection)

    def expected_variants(self, trial: Trial) -> frozenset[str]:
        """Return the variants in which a trial's case and repeat run."""
        # pytest selects, and its selection is not known here: any variant may be asked for.
        if self.is_interactive:
            return frozenset(variant.name for variant in trial.suite.variants)
        return expected_variants(trial, self.selection)

    def needs_judge(self, trial: Trial) -> bool:
        """Return whether a judge model grades a reply of a trial."""
        return any(map(self.assertions.wants_judge, trial.case.all_expectations))

    def count(self) -> int:
        """Return how many trials are selected.

        Raises:
            NothingSelectedError: None, or an id in `only` names none.
        """
        if not self.suites:
            fix = "name a folder with files that end in .suite.yaml"
            raise NothingSelectedError("no suites were found", fix)
        if not self.selection.is_partial:
            # Without a selection there is no need to make the trials in order to count them.
            return sum(
                case.repeat * len(suite.variants) for suite in self.suites for case in suite.cases
            )
        self._check_only()
        number = sum(1 for _ in self.trials())
        if not number:
            raise self._nothing_selected()
        return number

    def _check_only(self) -> None:
        """Refuse ids that no trial has, selected or not: they are slips of the pen."""
        unknown = set(self.selection.only)
        for trial in trials_of(self.suites, Selection()) if unknown else ():
            unknown -= names_of(trial)
            if not unknown:
                return
        if unknown:
            ids = ", ".join(f"`{name}`" for name in sorted(unknown))
            problem = Wording("`{only}` matches no trial: {ids}", only=Option("only"), ids=ids)
            raise NothingSelectedError(problem, _SHOW_IDS)

    def _nothing_selected(self) -> NothingSelectedError:
        whole = replace(self.selection, shard=None)
        if self.selection.shard is not None and any(True for _ in trials_of(self.suites, whole)):
            problem = "this shard is empty: there are fewer cases than shards"
            return NothingSelectedError(problem, "use fewer shards")
        cases = sum(len(suite.cases) for suite in self.suites)
        return NothingSelectedError(f"none of the {cases} cases is selected", _SHOW_IDS)


class SuiteBook:
    """Loads suites one by one and makes a plan of them."""

    def __init__(self, options: RunOptions) -> None:
        """Read the settings and the overrides.

        Raises:
            SettingsError: The settings or options are unusable.
        """
        # only here: commands about runs load no suites, and would wait for all assertions
        from harness.app.plan.components import Components
        from harness.loading.suites import SuiteLoader

        self.settings = project_settings(options)
        self._options = options
        self._components = Components(
            allows_code=self.settings.allow_code, ranges=self.settings.service.ranges
        )
        self._selection = replace(
            Selection.of(options.keyword, options.tags, options.only, options.shard),
            ids=options.ids,
            cases=options.cases,
            include_compared=options.include_compared,
        )
        # Made only for an override of a request: a shape takes milliseconds to compile.
        request_shape = cache(partial(self._components.shape, "request"))
        self._loader = SuiteLoader(
            self._components.shape(),
            self._components.assertions,
            self._components.templates,
            self._components.files,
            read_overrides(
                options.assignments, options.repeat, request_shape, self.settings.request
            ),
        )
        self._suites: dict[str, Suite] = {}
        self._identical: dict[int, IdenticalInSuite] = {}

    def load(self, path: Path) -> Suite:
        """Add the suite in a file.

        Raises:
            BrokenSuitesError: All its mistakes, those in this file first.
        """
        return self.add(self.read(path))

    def add(self, suite: Suite) -> Suite:
        """Add a suite.

        Raises:
            BrokenSuitesError: Another suite has the same name.
        """
        # Trials are selected and compared by the name of their suite, so it must be unique.
        first = self._suites.setdefault(suite.name, suite)
        if first is not suite:
            problem = f"a second suite is called `{suite.name}`; the first is {first.span.path}"
            fix = "give each suite its own name"
            raise BrokenSuitesError([SuiteError(suite.span, problem, fix)])
        return suite

    def identical_in(self, suite: Suite, is_selected: IsSelected) -> tuple[IdenticalVariants, ...]:
        """Return the selected variants of a suite that would send the same request."""
        found = self._identical.get(id(suite))
        return () if found is None else found.among(is_selected)

    def include(self, plan: Plan) -> None:
        """Add the suites of another plan, as they were loaded for it.

        Raises:
            BrokenSuitesError: Another suite has the same name as one of them.
        """
        for suite in plan.suites:
            self.add(suite)
        self._identical |= plan.identical

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
        """Return a suite from plain data; it is checked, but not added.

        Args:
            name: The path to report mistakes at; files are relative to its folder.
            data: What the file of the suite would hold.

        Raises:
            BrokenSuitesError: All its mistakes.
        """
        return self._checked(SourceFile(name, suite_text(data)))

    def plan(self, *, is_interactive: bool = False, will_ask: IsSelected = everything) -> Plan:
        """Return the plan of the suites that were added.

        Args:
            is_interactive: Whether trials are asked for one by one.
            will_ask: Of which cases and variants of these suites, then.
        """
        # A caller that asks for trials makes them itself; the plan must not yield any of its own.
        selection = self._selection
        return Plan(
            tuple(self._suites.values()),
            replace(selection, ids=frozenset()) if is_interactive else selection,
            self.settings,
            self._components.renderer,
            self._components.assertions,
            _rerun_options(self._options),
            self._components.code,
            self._components.templates.render,
            is_interactive,
            self._identical,
            will_ask,
        )

    def _checked(self, source: SourceFile) -> Suite:
        from harness.rendering.same_requests import SameRequests

        problems: list[SuiteError] = []
        same: SameRequests | None = None
        try:
            # the check reads the attachments
            with self._components.files.included.collecting(source.path.parent):
                suite = self._loader.load(source, problems)
                if suite is not None:
                    same = SameRequests(suite.variants)
                    problems += self._components.preflight.problems(
                        suite, is_whole=not problems, same_requests=same
                    )
        except SuiteError as error:
            raise BrokenSuitesError([error]) from error
        if problems or suite is None:
            # Checks run one after the other, but people mend a file from its top to its end.
            here = [problem for problem in problems if problem.span.path == source.path]
            here.sort(key=lambda problem: (problem.span.line, problem.span.column))
            elsewhere = [problem for problem in problems if problem.span.path != source.path]
            raise BrokenSuitesError([*here, *elsewhere])
        if same is not None and same.cases:
            self._identical[id(suite)] = IdenticalInSuite(
                suite, source, same.cases, self._components.variables
            )
        return suite


def plan_run(options: RunOptions) -> Plan:
    """Load and check all suites; nothing is sent.

    Raises:
        BrokenSuitesError: All mistakes of all files.
        SettingsError: The settings or options are unusable.
    """
    paths = find_suites(options.paths)
    book = SuiteBook(options)
    problems: list[SuiteError] = []
    # On past a broken file: people want all mistakes of all files at once.
    for path in paths:
        try:
            book.load(path)
        except BrokenSuitesError as errors:
            problems += errors.errors
    if problems:
        raise BrokenSuitesError(problems)
    plan = book.plan()
    if options.assignments:
        from harness.app.plan.suite_variables import check_overrides

        check_overrides(plan.suites)
    return plan


def _rerun_options(run_options: RunOptions) -> RerunOptions:
    flags = run_options.flags
    return RerunOptions(
        assignments=tuple(run_options.assignments),
        repeat=run_options.repeat,
        judge=flags.get("judge") or None,
        base_url=flags.get("base_url") or None,
        allow_code=bool(flags.get("allow_code")),
    )


def suite_text(data: Mapping[str, Any]) -> str:
    """Return plain data as the text of a suite's file, which messages point into."""
    return json.dumps(data, indent=1, ensure_ascii=False)


def schema_text() -> str:
    """Return the JSON Schema of suites, as it is published."""
    from harness.app.plan.components import Components

    return json.dumps(Components().schema, indent=2, ensure_ascii=False) + "\n"
