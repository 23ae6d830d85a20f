"""Assertions on the length of a reply."""

from __future__ import annotations

from harness.assertions.parameters import Range
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

length_assertions = AssertionRegistry()


@length_assertions.register("word_count")
def word_count(reply: Reply, count: Range) -> Verdict:
    """Pass when the reply has this many words, or a number from `min` to `max`.

    Words are separated by white space.
    """
    return _counted(len(reply.text.split()), "word", count)


@length_assertions.register("char_count")
def char_count(reply: Reply, count: Range) -> Verdict:
    """Pass when the reply has this many characters, or a number from `min` to `max`.

    Characters are Unicode code points; white space counts.
    """
    return _counted(len(reply.text), "character", count)


@length_assertions.register("line_count")
def line_count(reply: Reply, count: Range) -> Verdict:
    """Pass when the reply has this many lines, or a number from `min` to `max`.

    Lines are separated by line feeds. A line feed at the end does not begin another line; an empty
    reply has no lines.
    """
    text = reply.text.removesuffix("\n")
    return _counted(text.count("\n") + 1 if reply.text else 0, "line", count)


def _counted(number: int, what: str, count: Range) -> Verdict:
    least, most = count.get("min", 0), count.get("max")
    wanted = _range_in_words(least, most)
    has = f"the reply has {number:,} {what}{'' if number == 1 else 's'}"
    if number < least or (most is not None and number > most):
        return Verdict.failing(f"{has}, expected {wanted}", expected=wanted, actual=str(number))
    return Verdict.passing(f"{has}: {wanted}")


def _range_in_words(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least}"
    if least == most:
        return f"exactly {least}"
    return f"{least} to {most}" if least else f"at most {most}"
