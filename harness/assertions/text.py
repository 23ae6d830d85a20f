"""Assertions on the words of a reply."""

from __future__ import annotations

from typing import Annotated

from harness.assertions.difference import excerpt, first_difference, quoted
from harness.assertions.parameters import ArgumentError, NonEmptyText, ParameterType
from harness.assertions.patterns import REGEX_SECONDS, PatternError, as_python_reads, compiled
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

text_assertions = AssertionRegistry()

REGEX_CHARACTERS = 1_000_000


def _read_pattern(value: object) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"expected a pattern, found {value!r}", "write a pattern in 'quotes'")
    try:
        as_python_reads(str(value))
    except PatternError as error:
        fix = "fix the pattern; single quotes keep its backslashes"
        raise ArgumentError(str(error), fix, offset=error.offset) from error
    return str(value)


Pattern = Annotated[str, ParameterType({"type": "string", "minLength": 1}, _read_pattern)]


@text_assertions.register("equals")
def equals(reply: Reply, text: str, *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply is exactly this text."""
    wanted, actual_text = _folded(text, ignore_case), _folded(reply.text, ignore_case)
    if wanted == actual_text:
        return Verdict.passing(f"the reply is {quoted(text)}")
    difference, expected, actual = first_difference(text, reply.text, ignore_case=ignore_case)
    hint = ""
    if wanted.strip() == actual_text.strip():
        hint = "; only white space at the ends differs"
    elif not ignore_case and wanted.casefold() == actual_text.casefold():
        hint = "; only the case differs (`ignore_case: true` accepts that)"
    reason = f"the reply is not {quoted(text)}; {difference}{hint}"
    return Verdict.failing(reason, expected=expected, actual=actual)


@text_assertions.register("contains")
def contains(reply: Reply, text: NonEmptyText, *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply contains this text."""
    index = _folded(reply.text, ignore_case).find(_folded(text, ignore_case))
    if index >= 0:
        actual = excerpt(reply.text, index)
        return Verdict(
            passed=True,
            score=1.0,
            reason=f"{quoted(text)} occurs in the reply at character {index + 1}",
            actual=actual,
        )
    reason = f"{quoted(text)} does not occur in the reply"
    if not ignore_case and text.casefold() in reply.text.casefold():
        reason += "; it does in different case (`ignore_case: true` accepts that)"
    return Verdict.failing(reason, expected=excerpt(text), actual=excerpt(reply.text))


@text_assertions.register("contains_any")
def contains_any(reply: Reply, texts: list[str], *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply contains at least one of these texts."""
    searched = _folded(reply.text, ignore_case)
    for text in texts:
        if _folded(text, ignore_case) in searched:
            return Verdict.passing(f"{quoted(text)} occurs in the reply")
    reason = f"none of {_listed(texts)} occurs in the reply"
    return Verdict.failing(reason, expected=_listed(texts), actual=excerpt(reply.text))


@text_assertions.register("contains_all")
def contains_all(reply: Reply, texts: list[str], *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply contains all of these texts; the score is the share it contains."""
    searched = _folded(reply.text, ignore_case)
    missing = [text for text in texts if _folded(text, ignore_case) not in searched]
    if not missing:
        return Verdict.passing(f"all of {_listed(texts)} occur in the reply")
    return Verdict(
        passed=False,
        score=1 - len(missing) / len(texts),
        reason=f"{len(missing)} of {len(texts)} do not occur in the reply: {_listed(missing)}",
        expected=_listed(texts),
        actual=excerpt(reply.text),
    )


@text_assertions.register("starts_with")
def starts_with(reply: Reply, text: NonEmptyText, *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply begins with this text."""
    if _folded(reply.text, ignore_case).startswith(_folded(text, ignore_case)):
        return Verdict.passing(f"the reply begins with {quoted(text)}")
    difference, expected, actual = first_difference(text, reply.text, ignore_case=ignore_case)
    reason = f"the reply does not begin with {quoted(text)}; {difference}"
    return Verdict.failing(reason, expected=expected, actual=actual)


@text_assertions.register("ends_with")
def ends_with(reply: Reply, text: NonEmptyText, *, ignore_case: bool = False) -> Verdict:
    """Pass when the reply ends with this text."""
    if _folded(reply.text, ignore_case).endswith(_folded(text, ignore_case)):
        return Verdict.passing(f"the reply ends with {quoted(text)}")
    reason = f"the reply does not end with {quoted(text)}"
    if _folded(reply.text.rstrip(), ignore_case).endswith(_folded(text, ignore_case)):
        reason += "; white space follows it"
    end = excerpt(reply.text, max(0, len(reply.text) - 100))
    return Verdict.failing(reason, expected=excerpt(text), actual=end)


@text_assertions.register("matches")
def matches(reply: Reply, pattern: Pattern, *, ignore_case: bool = False) -> Verdict:
    """Pass when a regular expression (syntax of Python's `re`) matches anywhere in the reply.

    A search that takes more than 0.25 s is an error, neither a pass nor a fail.

    Source:
        Searched by the `regex` package (version 0 behaviour), because it can be interrupted.
    """
    if len(reply.text) > REGEX_CHARACTERS:
        return Verdict.errored(f"the reply has more than {REGEX_CHARACTERS:,} characters")
    matcher = compiled(as_python_reads(pattern), ignore_case=ignore_case)
    try:
        match = matcher.search(reply.text, timeout=REGEX_SECONDS)
    except TimeoutError:
        reason = f"the pattern {quoted(pattern)} took more than {REGEX_SECONDS} s on this reply"
        return Verdict.errored(f"{reason}; rewrite it without nested repetition")
    if match is None:
        reason = f"the pattern {quoted(pattern)} does not match the reply"
        return Verdict.failing(reason, expected=excerpt(pattern), actual=excerpt(reply.text))
    return Verdict.passing(f"the pattern {quoted(pattern)} matches {quoted(match[0])}")


def _folded(text: str, ignore_case: bool) -> str:  # noqa: FBT001  # the value of an option
    return text.casefold() if ignore_case else text


def _listed(texts: list[str]) -> str:
    return ", ".join(quoted(text) for text in texts)
