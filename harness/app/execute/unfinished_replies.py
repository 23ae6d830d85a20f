"""Counts the replies of trials that do not come to an end."""

from __future__ import annotations

from collections.abc import Callable

from harness.model.reply import Reply, ReplyOrigin
from harness.model.request import JUDGE_SUFFIX, Request
from harness.model.unfinished import Unfinished


class UnfinishedReplies:
    """Keeps what each trial under way has been sent so far, until it ends.

    Args:
        came: Called after each reply that is counted, with that reply, and with the USD of all that
            are counted now.
    """

    def __init__(
        self, came: Callable[[Unfinished, float], None] = lambda _reply, _cost: None
    ) -> None:
        self._came = came
        self._by_trial: dict[str, Unfinished] = {}
        self._cost = 0.0

    def keep(self, request: Request, reply: Reply) -> None:
        """Count a reply that comes some time before the outcome of its trial."""
        if not request.awaits_more or reply.origin is not ReplyOrigin.SERVICE:
            return
        trial = request.trial.removesuffix(JUDGE_SUFFIX)
        of_judge = request.trial.endswith(JUDGE_SUFFIX)
        came = Unfinished(
            replies=0 if of_judge else 1,
            judge_calls=1 if of_judge else 0,
            requests=sum(attempt.may_be_billed for attempt in reply.attempts),
            input_tokens=reply.usage.all_input_tokens or 0,
            output_tokens=reply.usage.output_tokens or 0,
            cost=reply.cost or 0.0,
            unreported=0 if reply.usage.is_reported else 1,
        )
        self._by_trial[trial] = self._by_trial.get(trial, Unfinished()) + came
        self._cost += came.cost
        self._came(came, self._cost)

    def ended(self, trial: str) -> None:
        """Forget a trial whose outcome is on record."""
        came = self._by_trial.pop(trial, None)
        if came is not None:
            self._cost -= came.cost

    def total(self, requests: int) -> Unfinished:
        """Return what came to the trials that did not end.

        Args:
            requests: How many requests of calls that were cut short may cost something.
        """
        return sum(self._by_trial.values(), Unfinished(requests=requests))
