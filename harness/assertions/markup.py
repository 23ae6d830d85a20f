"""Assertions on replies that are XML or HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Annotated, Any, NoReturn
from xml.parsers import expat

from harness.assertions.difference import excerpt
from harness.assertions.parameters import ArgumentError, OnlyTrue, ParameterType, from_rendered
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.reply import Reply

markup_assertions = AssertionRegistry()

_MOST_CHARACTERS = 5_000_000
_MOST_DEPTH = 500
_TAG_BEGINS = re.compile(r"<[A-Za-z/?!]")


def _read_elements(value: Any) -> Any:
    value = from_rendered(value)
    if value is True:
        return value
    if not isinstance(value, list) or not value:
        problem = f"expected `true` or a list of elements, found {value!r}"
        raise ArgumentError(problem, "write `true`, or paths such as `[order/item]`")
    for index, path in enumerate(value):
        if not isinstance(path, str) or not all(path.split("/")):
            fix = "write names from the root on, as `order/item`"
            raise ArgumentError(f"`{path}` is no path of elements", fix, (index,))
    return value


XmlElements = Annotated[
    Any,
    ParameterType(
        {
            "title": "true or a list of elements",
            "type": ["boolean", "array"],
            "items": {"type": "string"},
        },
        _read_elements,
    ),
]


@markup_assertions.register("is_xml")
def is_xml(reply: Reply, elements: XmlElements) -> Verdict:
    """Pass when the reply, all of it, is well-formed XML (`true`) that has certain elements.

    Elements are named by their path from the root, such as `order/item`. White space may stand
    around the XML. A document type definition is refused, because entities could be declared in it.

    Source:
        XML 1.0, read by expat.
    """
    text = reply.text.strip()
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    paths: set[str] = set()
    stack: list[str] = []

    def begun(name: str, _attributes: object) -> None:
        stack.append(name)
        if len(stack) > _MOST_DEPTH:
            raise _RefusedError(f"it is nested deeper than {_MOST_DEPTH} levels")
        paths.add("/".join(stack))

    def ended(_name: str) -> None:
        stack.pop()

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.StartDoctypeDeclHandler = _refuse_definition
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)  # noqa: FBT003  # expat's own
    except (expat.ExpatError, _RefusedError) as error:
        hint = "; it is wrapped in a Markdown fence" if text.startswith("```") else ""
        return Verdict.failing(f"the reply is not XML: {error}{hint}", actual=excerpt(text))
    missing = [] if elements is True else [path for path in elements if path not in paths]
    if missing:
        reason = f"the reply is XML without {', '.join(missing)}"
        return Verdict.failing(reason, expected=", ".join(elements), actual=excerpt(text))
    return Verdict.passing("the reply is XML")


class _RefusedError(Exception):
    """The text is XML, and not of the kind that is read."""


def _refuse_definition(*_arguments: object) -> None:
    raise _RefusedError("it has a document type definition, which is refused")


@markup_assertions.register("is_html")
def is_html(reply: Reply, _true: OnlyTrue) -> Verdict:
    """Pass when the reply, all of it, is an HTML document or fragment (`is_html: true`).

    It begins and ends with a tag, its elements have names that HTML or custom elements have, and
    they are closed in the order in which they were opened, those that need it.

    Source:
        HTML, 4 "The elements of HTML" and 13.1.2.4 "Optional tags".
    """
    text = reply.text.strip()
    if len(text) > _MOST_CHARACTERS:
        return Verdict.errored(f"the reply has more than {_MOST_CHARACTERS:,} characters")
    problem = _unfinished(text)  # before the text is read, which would take quadratic time then
    if problem is None:
        reader = _HtmlReader()
        try:
            reader.feed(text)
            reader.close()
            problem = reader.problem_at_end()
        except (AssertionError, ValueError, _RefusedError) as error:
            problem = str(error)
    if problem is None:
        return Verdict.passing("the reply is HTML")
    hint = "; it is wrapped in a Markdown fence" if text.startswith("```") else ""
    return Verdict.failing(f"the reply is not HTML: {problem}{hint}", actual=excerpt(text))


def _unfinished(text: str) -> str | None:
    """Return what the text breaks off in, if it does; a parser takes that for text."""
    if _TAG_BEGINS.search(text, text.rfind(">") + 1) is not None:
        return "it breaks off inside a tag or a comment"
    if text.rfind("<!--") > max(text.rfind("-->"), text.rfind("</script"), text.rfind("</style")):
        return "it breaks off inside a tag or a comment"
    return None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VOID = _words("area base br col embed hr img input link meta source track wbr")  # without an end
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
_TEXT_ONLY = _words("textarea title")  # what looks like a tag is text in them
_FOREIGN = frozenset({"svg", "math"})  # inside these other names are allowed


class _HtmlReader(HTMLParser):
    """Follows tags, and raises what is wrong with them first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._has_element = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Open an element."""
        self._has_element = True
        is_known = tag in _NAMES or "-" in tag or not _FOREIGN.isdisjoint(self._open)
        if not is_known:
            self._tell(f"`<{tag}>` is no element of HTML")
        if len(self._open) > _MOST_DEPTH:
            self._tell(f"it is nested deeper than {_MOST_DEPTH} levels")
        elif tag not in _VOID:
            self._open.append(tag)
            if tag in _TEXT_ONLY and _FOREIGN.isdisjoint(self._open):
                self.set_cdata_mode(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element that says it has no end, which counts in SVG and MathML only."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID and not _FOREIGN.isdisjoint(self._open):
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those inside it that need no end tag."""
        while self._open and self._open[-1] != tag and self._open[-1] in _OPTIONAL_END:
            self._open.pop()
        if self._open and self._open[-1] == tag:
            self._open.pop()
        elif tag not in _VOID:
            opened = f"`<{self._open[-1]}>` is open" if self._open else "nothing is open"
            self._tell(f"`</{tag}>` where {opened}")

    def handle_data(self, data: str) -> None:
        """Refuse text that stands in no element."""
        if data.strip() and not self._open:
            self._tell(f"the text {data.strip()[:40]!r} stands in no element")

    def problem_at_end(self) -> str | None:
        """Return what is wrong once everything was read."""
        left = [tag for tag in self._open if tag not in _OPTIONAL_END]
        if left:
            return f"`<{left[-1]}>` is not closed"
        return None if self._has_element else "it has no element"

    def _tell(self, problem: str) -> NoReturn:
        line, column = self.getpos()
        raise _RefusedError(f"{problem} (line {line}, column {column + 1})")
