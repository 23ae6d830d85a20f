"""Assertions that compare the variants of a case, repeat by repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from harness.assertions.difference import first_difference, quoted
from harness.assertions.limits import untimed
from harness.assertions.parameters import ArgumentError, ParameterType, VariantName
from harness.assertions.peers import NotComparableError, PeerResults, VariantComparison
from harness.assertions.registry import AssertionRegistry
from harness.assertions.tools import calls_alike, shown_calls
from harness.model.outcome import Verdict
from harness.model.reply import Reply

variant_assertions = AssertionRegistry()

_NEARLY = 1e-9  # scores are means, and a mean of tenths may miss another by less than that
_Values = Mapping[str, float]


def _cost(peers: PeerResults, variant: str) -> float:
    reply = peers.reply(variant)
    if reply.cost is None:
        raise NotComparableError(
            f"the model `{reply.model}` has no price; add it to `prices` in the settings"
        )
    return reply.cost


_MEASURES: Mapping[str, Callable[[PeerResults, str], float]] = {
    "score": lambda peers, variant: peers.score(variant),
    "cost": _cost,
    "latency": lambda peers, variant: peers.reply(variant).latency,
}


def _read_measure(value: Any) -> str:
    if value not in _MEASURES:
        known = ", ".join(f"`{each}`" for each in _MEASURES)
        raise ArgumentError(f"`{value}` is nothing to be best by", f"known are {known}")
    return str(value)


Measure = Annotated[str, ParameterType({"enum": list(_MEASURES), "type": "string"}, _read_measure)]


@variant_assertions.register("same_as", compares=VariantComparison.WITH_NAMED)
def same_as(
    reply: Reply, variant: VariantName, *, ignore_case: bool = False, peers: PeerResults
) -> Verdict:
    """Pass when the reply is that of another variant, to the character.

    Compared are the replies of the same case and repeat, with the tools they call; a `transform` is
    done to both, and then only what comes of it is compared. On the variant itself there is nothing
    to judge. A variant without a reply makes it an error.
    """
    if peers.own == variant:
        return Verdict.left_out("it is the variant that others are compared with")
    other = peers.reply(variant)
    if not peers.is_transformed and not calls_alike(reply, other):
        return Verdict.failing(
            f"the reply calls other tools than that of `{variant}`",
            expected=shown_calls(other),
            actual=shown_calls(reply),
        )
    wanted, found = other.text, reply.text
    if ignore_case:
        wanted, found = wanted.casefold(), found.casefold()
    if wanted == found:
        return Verdict.passing(f"the reply is that of `{variant}`: {quoted(reply.text)}")
    place, expected, actual = first_difference(other.text, reply.text, ignore_case=ignore_case)
    reason = f"the reply is not that of `{variant}`; {place}"
    return Verdict.failing(reason, expected=expected, actual=actual)


@variant_assertions.register("best_of", compares=VariantComparison.NAMED_WITH_ALL)
def best_of(
    reply: Reply,
    variant: VariantName,
    *,
    by: Measure = "score",
    peers: PeerResults,
) -> Verdict:
    """Pass when no other variant does better than the named one, in the same case and repeat.

    Better is a higher score, a lower cost or a lower latency. The score is that of the trial by the
    expectations that compare nothing; cost and latency are those of the reply. One that is as good
    is no better. The verdict is given on the named variant; on the others there is nothing to
    judge. A variant without a reply, a score, a price or a time makes it an error.
    """
    if peers.own != variant:
        return Verdict.left_out(f"this is judged on the variant `{variant}`")
    if by == "latency":
        for each in (reply, *map(peers.reply, peers.others)):
            if (verdict := untimed(each)) is not None:
                return verdict
    measure = _MEASURES[by]
    own, *others = [measure(peers, name) for name in (variant, *peers.others)]
    values = dict(zip(peers.others, others, strict=True))
    return _best(variant, own, values, by)


def _best(variant: str, own: float, others: _Values, by: str) -> Verdict:
    is_higher_better = by == "score"
    ranked = sorted(others, key=lambda name: others[name], reverse=is_higher_better)
    unit = {"score": "", "cost": " USD", "latency": " s"}[by]
    told = ", ".join(f"`{name}` {others[name]:.6g}{unit}" for name in ranked)
    reason = f"by {by}, `{variant}` has {own:.6g}{unit}; {told}"
    ahead = others[ranked[0]] - own if is_higher_better else own - others[ranked[0]]
    if ahead > _NEARLY:
        return Verdict.failing(reason, expected=variant, actual=ranked[0])
    return Verdict.passing(reason)
