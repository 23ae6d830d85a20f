"""Estimates what a run would cost, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.app.plan.planning import Plan
from harness.model.request import PreparedTrial
from harness.model.settings import JUDGE_REQUEST
from harness.model.suite import Expectation, Suite, Trial
from harness.model.usage import Usage

_CHARACTERS_PER_TOKEN = 4
_TOKENS_OF_A_JUDGES_PROMPT = 350


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """What a trial would cost: its calls, and the most tokens and USD they would take.

    Attributes:
        cost: USD; None if the model has no price.
        judge_calls: The calls of its judges, if each answer can be read at once and each
            expectation judges the reply once.
        judge_cost: USD; None if the judge has no price.
    """

    id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    judge_calls: int = 0
    judge_cost: float | None = 0.0

    @property
    def total_cost(self) -> float | None:
        """USD with the judge's share; None if one of the models has no price."""
        if self.cost is None or self.judge_cost is None:
            return None
        return self.cost + self.judge_cost


def planned_trials(plan: Plan) -> Iterator[PlannedTrial]:
    """Yield what each selected trial would cost.

    Tokens are estimated: four characters count as one token, a reply as `max_tokens`.
    """
    for trial in plan.trials():
        prepared = plan.renderer.prepare(trial)
        if trial.case.skip:
            yield PlannedTrial(trial.id, 0, 0, 0, 0.0)
            continue
        messages = [turn.messages for turn in prepared.turns]
        calls, most = len(prepared.turns), int(prepared.settings["max_tokens"])
        # Escapes would count a letter beyond ASCII as six characters.
        written = json.dumps([prepared.settings.get("system"), messages], ensure_ascii=False)
        asked, answered = len(written) // _CHARACTERS_PER_TOKEN, calls * most
        cost = _cost(plan, prepared.settings["model"], Usage(asked, answered))
        judge_calls, judge_usage = _judging(plan, trial, prepared, most)
        judge_cost: float | None = 0.0
        if judge_calls:
            judge_cost = _cost(plan, _judge(plan, trial.suite)["model"], judge_usage)
        yield PlannedTrial(trial.id, calls, asked, answered, cost, judge_calls, judge_cost)


def _cost(plan: Plan, model: Any, usage: Usage) -> float | None:
    price = plan.settings.prices.get(str(model))
    return None if price is None else price.cost(usage)


def _judge(plan: Plan, suite: Suite) -> Mapping[str, Any]:
    settings = plan.settings.judge
    return {**(JUDGE_REQUEST if settings is None else settings.request), **suite.judge.request}


def _judging(plan: Plan, trial: Trial, prepared: PreparedTrial, most: int) -> tuple[int, Usage]:
    """Return the calls of judges about a trial, and the tokens they read and write."""
    calls = tokens = 0
    for expectation in _expectations(prepared):
        for leaf in plan.assertions.leaves(expectation):
            number = _questions(plan, trial, leaf)
            if not number:
                continue
            # The reply is not there yet, so it is taken to be as long as it may be.
            texts = 2 if plan.assertions.compares(leaf) else 1
            written = json.dumps([leaf.argument, *leaf.options.values()], ensure_ascii=False)
            read = _TOKENS_OF_A_JUDGES_PROMPT + len(written) // _CHARACTERS_PER_TOKEN
            calls += number
            tokens += number * (read + texts * most)
    return calls, Usage(tokens, calls * int(_judge(plan, trial.suite)["max_tokens"]))


def _expectations(prepared: PreparedTrial) -> Iterator[Expectation]:
    for turn in prepared.turns:
        yield from turn.expectations
    yield from prepared.expectations


def _questions(plan: Plan, trial: Trial, leaf: Expectation) -> int:
    definition = plan.assertions[leaf.assertion]
    if not definition.wants_judge:
        return 0
    votes = int(leaf.options.get("votes", 1))
    if not definition.compares:
        return votes
    # A comparison is asked for in both orders; no variant is compared with itself.
    return 0 if definition.compared_variant(leaf) == trial.variant.name else 2 * votes
