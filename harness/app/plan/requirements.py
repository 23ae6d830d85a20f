"""What selected trials need beyond a server: a judge model, and permission to run code.

Only a run asks for them, and only for what it selects. Whoever checks, lists or scores a part of
some suites need not have what the other cases need.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from harness.app.plan.options import ADD_A_PRICE
from harness.errors import BrokenSuitesError, SettingsError, SuiteError
from harness.wording import Option, Wording

if TYPE_CHECKING:
    from harness.app.plan.planning import Plan
    from harness.model.suite import Case, Expectation, Suite, Trial

_COST_LIMIT = "max_cost"
_NO_JUDGE = "this assertion needs a judge model, but none is configured"
_SET_A_JUDGE = Wording("set `judge` in the settings, or {judge}", judge=Option("judge", "MODEL"))
_ALLOW_CODE = Wording(
    "use {allow_code}, or set `allow_code = true`; the code runs with your rights",
    allow_code=Option("allow_code"),
)


def required_judges(plan: Plan, trials: Iterable[Trial] | None = None) -> dict[str, str]:
    """Return the judge models that trials need, and where the first expectation of each is written.

    Args:
        plan: The plan.
        trials: Those that pytest asks for; without them, the selected trials.

    Raises:
        SettingsError: An expectation needs a judge, but none is configured.
    """
    judges: dict[str, str] = {}
    for suite, expectation in _judged(plan, trials):
        model = _judge_of(plan, suite)
        if model is None:
            raise SettingsError(f"{expectation.span}: {_NO_JUDGE}", _SET_A_JUDGE)
        judges.setdefault(model, str(expectation.span))
    return judges


def recorded_judges(plan: Plan) -> str | None:
    """Return the judge models of all suites, whatever is selected of them, as a run records them.

    Runs are compared only if they have the same judges, so a run records those of its suites: else
    a part of a suite could not be compared with the whole.
    """
    models = (
        _judge_of(plan, suite)
        for suite, _, expectation in _expectations(_all_cases(plan))
        if plan.assertions.wants_judge(expectation)
    )
    return ", ".join(sorted({model for model in models if model is not None})) or None


def check_code(plan: Plan, trials: Iterable[Trial] | None = None) -> None:
    """Check that trials run no code of the project unless that is allowed.

    Args:
        plan: The plan.
        trials: Those that pytest asks for; without them, the selected trials.

    Raises:
        BrokenSuitesError: They do; it names every expectation.
    """
    if plan.code is not None:
        return
    problems = [
        SuiteError(
            leaf.span,
            f"`{leaf.argument}` would run code of the project, which is not allowed",
            _ALLOW_CODE,
        )
        for _, _, expectation in _expectations(cases_of(plan, trials))
        for leaf in plan.assertions.leaves(expectation)
        if plan.assertions[leaf.assertion].runs_code
    ]
    if problems:
        raise BrokenSuitesError(problems)


def missing_requirements(plan: Plan) -> Iterator[Wording]:
    """Yield why a run would refuse to start, beside what every run needs."""
    judges = _missing_judges(plan)
    if judges:
        where = f"{judges[0].span}: {judges[0].problem}"
        yield Wording("{problem}; {fix}", problem=where, fix=judges[0].fix)
    code = _forbidden_code(plan)
    if code:
        more = f" (and {len(code) - 1:,} more)" if len(code) > 1 else ""
        where = f"{code[0].span}: {code[0].problem}{more}"
        yield Wording("{problem}; {fix}", problem=where, fix=code[0].fix)


def unpriced_limits(plan: Plan, trials: Iterable[Trial] | None = None) -> list[SuiteError]:
    """Return the limits on cost that cannot be judged, because the model has no price.

    These are warnings: the service may answer with the name of a model that has one.

    Args:
        plan: The plan.
        trials: Those that pytest asks for; without them, the selected trials.
    """
    limits = [
        leaf
        for _, _, expectation in _expectations(cases_of(plan, trials))
        for leaf in plan.assertions.leaves(expectation)
        if leaf.assertion == _COST_LIMIT
    ]
    if not limits:
        return []
    models: dict[str, SuiteError] = {}
    for trial in plan.trials() if trials is None else trials:
        model = str(trial.request.get("model"))
        if trial.case.skip is None and model not in plan.settings.prices and model not in models:
            leaf = _cost_limit_of(plan, trial)
            if leaf is not None:
                problem = f"`{_COST_LIMIT}` cannot be judged: there is no price for `{model}`"
                models[model] = SuiteError(leaf.span, problem, ADD_A_PRICE)
    return list(models.values())


def _cost_limit_of(plan: Plan, trial: Trial) -> Expectation | None:
    leaves = (
        leaf
        for expectation in trial.case.all_expectations
        for leaf in plan.assertions.leaves(expectation)
    )
    return next((leaf for leaf in leaves if leaf.assertion == _COST_LIMIT), None)


def requirement_errors(plan: Plan) -> list[SuiteError]:
    """Return what `missing_requirements` notes as errors, at every place that has to change.

    A judge is missing for a whole suite, so only the first place of each suite that needs it is
    named.
    """
    return [*_missing_judges(plan), *_forbidden_code(plan)]


def _missing_judges(plan: Plan) -> list[SuiteError]:
    """Return the first expectation of each suite that needs a judge and has none."""
    first_of: dict[str, SuiteError] = {}
    for suite, expectation in _judged(plan, None):
        if suite.name not in first_of and _judge_of(plan, suite) is None:
            first_of[suite.name] = SuiteError(expectation.span, _NO_JUDGE, _SET_A_JUDGE)
    return list(first_of.values())


def _forbidden_code(plan: Plan) -> tuple[SuiteError, ...]:
    try:
        check_code(plan)
    except BrokenSuitesError as errors:
        return errors.errors
    return ()


CaseInVariant = tuple["Suite", "Case", str]


def cases_of(plan: Plan, trials: Iterable[Trial] | None) -> Iterator[CaseInVariant]:
    """Yield the selected cases with suite and variant, or those of the trials.

    Of the rows of a dataset, which ask and expect the same, one may stand for all.
    """
    if trials is None and not plan.selection.is_partial:
        # Without a selection there is no need to make the trials in order to know their cases.
        return _all_cases(plan)
    selected = plan.trials() if trials is None else trials
    return ((trial.suite, trial.case, trial.variant.name) for trial in selected)


def _all_cases(plan: Plan) -> Iterator[CaseInVariant]:
    for suite in plan.suites:
        latest: Case | None = None
        for case in suite.cases:
            if latest is not None and _is_like(case, latest):
                continue
            latest = case
            yield from ((suite, case, variant.name) for variant in suite.variants)


def _is_like(case: Case, other: Case) -> bool:
    """Return whether two cases ask and expect the same, as the rows of a dataset do."""
    return (
        case.turns is other.turns
        and case.expectations is other.expectations
        and case.request is other.request
        and case.skip == other.skip
    )


def _expectations(cases: Iterable[CaseInVariant]) -> Iterator[tuple[Suite, str, Expectation]]:
    """Yield the expectations of cases that are not skipped, with the variant they stand in."""
    # The repeats of a case and the rows of a dataset share them: one look for all of them.
    seen: set[tuple[int, int, str]] = set()
    for suite, case, variant in cases:
        key = (id(case.turns), id(case.expectations), variant)
        if case.skip is None and key not in seen:
            seen.add(key)
            for expectation in case.all_expectations:
                yield suite, variant, expectation


def _judged(plan: Plan, trials: Iterable[Trial] | None) -> Iterator[tuple[Suite, Expectation]]:
    for suite, variant, expectation in _expectations(cases_of(plan, trials)):
        if _wants_judge(plan, suite, variant, expectation):
            yield suite, expectation


def _wants_judge(plan: Plan, suite: Suite, variant: str, expectation: Expectation) -> bool:
    """Return whether a judge is asked in a variant; of those compared, one may be left out."""
    for leaf in plan.assertions.leaves(expectation):
        definition = plan.assertions[leaf.assertion]
        if definition.wants_judge and definition.compares is None:
            return True
        if definition.wants_judge and definition.compares is not None:
            variants = frozenset(variant.name for variant in suite.variants)
            named = definition.compared_variant(leaf)
            if definition.compares.needed_by(variant, named, variants):
                return True
    return False


def _judge_of(plan: Plan, suite: Suite) -> str | None:
    standard = plan.settings.judge
    model = suite.judge.request.get("model", None if standard is None else standard.model)
    return None if model is None else str(model)
