"""Follows the tags of HTML: which elements there are, and whether they are closed in order."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NoReturn

_MOST_DEPTH = 500


class _InvalidError(Exception):
    """The text is not HTML."""


def html_problem(text: str) -> str | None:
    """Return why a text is not HTML, or None if it is.

    Args:
        text: Without white space around it, and with its last tag and comment closed: the parser
            takes quadratic time otherwise.
    """
    checker = _HtmlChecker()
    try:
        checker.feed(text)
        checker.close()
        return checker.problem_at_end()
    except (AssertionError, ValueError, _InvalidError) as error:
        return str(error)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _words(
    "area base br col embed hr img input link meta source track wbr"
)  # they have no end tag
_OPTIONAL_END = _words(
    "body caption colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr"
)
_OTHERS = _words(
    """
    a abbr address article aside audio b bdi bdo blockquote button canvas cite code data datalist
    del details dfn dialog div dl em fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hgroup i iframe ins kbd label legend main map mark math menu meter nav noscript object ol
    output picture pre progress q ruby s samp script search section select slot small span strong
    style sub summary sup svg table template textarea time title u ul var video
    """
)
_NAMES = _VOID | _OPTIONAL_END | _OTHERS
_TEXT_ONLY = _words("textarea title")  # their content is text, whatever it looks like
_FOREIGN = frozenset({"svg", "math"})  # they may contain elements of other names


class _HtmlChecker(HTMLParser):
    """Follows the tags of a text, and raises _InvalidError for the first that is wrong."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._has_element = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Open an element, if HTML has it."""
        self._has_element = True
        is_known = tag in _NAMES or "-" in tag or not _FOREIGN.isdisjoint(self._open)
        if not is_known:
            self._fail(f"`<{tag}>` is not an HTML element")
        if len(self._open) > _MOST_DEPTH:
            self._fail(f"it is nested deeper than {_MOST_DEPTH} levels")
        elif tag not in _VOID:
            self._open.append(tag)
            if tag in _TEXT_ONLY and _FOREIGN.isdisjoint(self._open):
                self.set_cdata_mode(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element written `<tag/>`, which closes it only inside SVG and MathML."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID and not _FOREIGN.isdisjoint(self._open):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and the elements inside it that need no end tag."""
        while self._open and self._open[-1] != tag and self._open[-1] in _OPTIONAL_END:
            self._open.pop()
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in _VOID:
            opened = f"`<{self._open[-1]}>` is open" if self._open else "nothing is open"
            self._fail(f"`</{tag}>` where {opened}")

    def handle_data(self, data: str) -> None:
        """Refuse text outside all elements."""
        if data.strip() and not self._open:
            self._fail(f"the text {data.strip()[:40]!r} is outside all elements")

    def problem_at_end(self) -> str | None:
        """Return what is wrong once the whole text has been parsed; else None."""
        unclosed = [tag for tag in self._open if tag not in _OPTIONAL_END]
        if unclosed:
            return f"`<{unclosed[-1]}>` is not closed"
        return None if self._has_element else "it has no elements"

    def _fail(self, problem: str) -> NoReturn:
        line, column = self.getpos()
        raise _InvalidError(f"{problem} (line {line}, column {column + 1})")
