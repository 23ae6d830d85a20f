"""Assertions that compare the variants of a case, repeat by repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from harness.assertions.difference import first_difference, quoted
from harness.assertions.limits import no_cost, untimed
from harness.assertions.parameters import ArgumentError, ParameterType, VariantName
from harness.assertions.peers import NO_PEERS, NotComparableError, PeerResults, VariantComparison
from harness.assertions.registry import AssertionRegistry
from harness.assertions.tools import have_equal_calls, shown_calls
from harness.model.outcome import Verdict
from harness.model.reply import Reply

variant_assertions = AssertionRegistry()

_TOLERANCE = 1e-9  # scores are means of floats, so equal ones may differ in their last bits
_Values = Mapping[str, float]


def _cost(peers: PeerResults, variant: str) -> float:
    reply = peers.reply(variant)
    if reply.cost is None:
        raise NotComparableError(no_cost(reply))
    return reply.cost


_MEASURES: Mapping[str, Callable[[PeerResults, str], float]] = {
    "score": lambda peers, variant: peers.score(variant),
    "cost": _cost,
    "latency": lambda peers, variant: peers.reply(variant).latency,
}


def _read_measure(value: Any) -> str:
    if value not in _MEASURES:
        names = ", ".join(f"`{name}`" for name in _MEASURES)
        raise ArgumentError(f"unknown measure `{value}`", f"use one of {names}")
    return str(value)


Measure = Annotated[str, ParameterType({"enum": list(_MEASURES), "type": "string"}, _read_measure)]


@variant_assertions.register("same_as", compares=VariantComparison.WITH_NAMED)
def same_as(
    reply: Reply, variant: VariantName, *, ignore_case: bool = False, peers: PeerResults
) -> Verdict:
    """Pass when the reply is exactly that of another variant, in the same case and repeat.

    Tool calls are compared as well. A `transform` is applied to both replies, and then only its
    values are compared. On the named variant itself, the assertion is not applicable. If that
    variant has no reply, the verdict is an error.
    """
    if peers.own == variant:
        return Verdict.not_applicable("the other variants are compared with this one")
    other = peers.reply(variant)
    if not peers.is_transformed and not have_equal_calls(reply, other):
        return Verdict.failing(
            f"the reply does not call the same tools as that of `{variant}`",
            expected=shown_calls(other),
            actual=shown_calls(reply),
        )
    wanted, actual_text = other.text, reply.text
    if ignore_case:
        wanted, actual_text = wanted.casefold(), actual_text.casefold()
    if wanted == actual_text:
        return Verdict.passing(f"the reply is that of `{variant}`: {quoted(reply.text)}")
    difference, expected, actual = first_difference(other.text, reply.text, ignore_case=ignore_case)
    reason = f"the reply is not that of `{variant}`; {difference}"
    return Verdict.failing(reason, expected=expected, actual=actual)


@variant_assertions.register("best_of", compares=VariantComparison.NAMED_WITH_ALL)
def best_of(
    reply: Reply,
    variant: VariantName,
    *,
    by: Measure = "score",
    peers: PeerResults,
) -> Verdict:
    """Pass when no other variant is better than the named one, in the same case and repeat.

    Better is a higher score, a lower cost or a lower latency; a tie passes. The score is that of
    the trial, without the assertions that compare variants; cost and latency are those of the
    reply. The named variant gets the verdict; on the others, the assertion is not applicable. If a
    variant has no reply, score or price, the verdict is an error, unless another variant is better
    than the named one.
    """
    if peers.own != variant:
        return Verdict.not_applicable(f"only the variant `{variant}` is judged")
    if by == "latency" and (verdict := _untimed(reply, peers)) is not None:
        return verdict
    measure = _MEASURES[by]
    own = measure(peers, variant)
    values: dict[str, float] = {}
    problems: list[NotComparableError] = []
    for name in peers.others:
        try:
            values[name] = measure(peers, name)
        except NotComparableError as problem:
            problems.append(problem)
    best = _best(variant, own, values, by) if values else None
    # a variant that is better decides, whatever could not be compared beside it
    if problems and (best is None or best.passed):
        raise problems[0]
    return best or Verdict.errored(NO_PEERS)


def _untimed(reply: Reply, peers: PeerResults) -> Verdict | None:
    """Return the verdict if the time of one of the replies was not measured; else None."""
    for name in (peers.own, *peers.others):
        try:
            verdict = untimed(reply if name == peers.own else peers.reply(name))
        except NotComparableError:
            continue  # it has no time to compare either, which its measure says
        if verdict is not None:
            return verdict
    return None


def _best(variant: str, own: float, others: _Values, by: str) -> Verdict:
    is_higher_better = by == "score"
    ranked = sorted(others, key=lambda name: others[name], reverse=is_higher_better)
    suffix = {"score": "", "cost": " USD", "latency": " s"}[by]
    listed = ", ".join(f"`{name}` {others[name]:.6g}{suffix}" for name in ranked)
    reason = f"by {by}, `{variant}` has {own:.6g}{suffix}; {listed}"
    ahead = others[ranked[0]] - own if is_higher_better else own - others[ranked[0]]
    if ahead > _TOLERANCE:
        return Verdict.failing(reason, expected=variant, actual=ranked[0])
    return Verdict.passing(reason)
