"""The assertion on replies that are HTML."""

from __future__ import annotations

import re

from harness.assertions.difference import excerpt
from harness.assertions.parameters import TrueOnly
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

html_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_TAG_BEGINS = re.compile(r"<[A-Za-z/?!]")


@html_assertions.register("is_html")
def is_html(reply: Reply, _true: TrueOnly) -> Verdict:
    """Pass when the whole reply is an HTML document or fragment.

    It must begin and end with a tag, all its elements must be HTML or custom elements, and those
    that need an end tag must be closed in the right order.

    Source:
        HTML, 4 "The elements of HTML" and 13.1.2.4 "Optional tags".
    """
    text = reply.text.strip()
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    # before the text is parsed, because the parser takes quadratic time on unfinished tags
    problem = _unfinished(text)
    if problem is None:
        from harness.assertions.html_checker import html_problem  # its parser takes long to import

        problem = html_problem(text)
    if problem is None:
        return Verdict.passing("the reply is HTML")
    hint = "; it is wrapped in a Markdown fence" if text.startswith("```") else ""
    return Verdict.failing(f"the reply is not HTML: {problem}{hint}", actual=excerpt(text))


def _unfinished(text: str) -> str | None:
    """Return the problem if the text ends inside a tag or a comment; else None.

    The parser would take the beginning of the tag for text, and pass it.
    """
    if _TAG_BEGINS.search(text, text.rfind(">") + 1) is not None:
        return "it ends inside a tag or a comment"
    if text.rfind("<!--") > max(text.rfind("-->"), text.rfind("</script"), text.rfind("</style")):
        return "it ends inside a tag or a comment"
    return None
