"""The assertion on replies that are HTML."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"is_html": True}, "<p>Hello</p>", PASS, 1, "the reply is HTML"),
    ({"is_html": True}, "<!doctype html><html><head><title>x</title></head><body><p>y</body></html>",
     PASS, 1, ""),
    ({"is_html": True}, "<ul><li>a<li>b</ul>", PASS, 1, ""),
    ({"is_html": True}, "<p>a<br>b<img src=x></p>", PASS, 1, ""),
    ({"is_html": True}, "<my-card>a</my-card>", PASS, 1, ""),
    ({"is_html": True}, '<svg viewBox="0 0 1 1"><path d="M0"/><g></g></svg>', PASS, 1, ""),
    ({"is_html": True}, "<!-- only a comment -->", FAIL, 0, "it has no elements"),
    ({"is_html": True}, "Hello", FAIL, 0, "'Hello' is outside all elements"),
    ({"is_html": True}, "Here you are: <p>x</p>", FAIL, 0, "is outside all elements"),
    ({"is_html": True}, "<p>x</p> Done", FAIL, 0, "'Done' is outside all elements (line 1"),
    ({"is_html": True}, "<div>a", FAIL, 0, "`<div>` is not closed"),
    ({"is_html": True}, "<b><i>a</b></i>", FAIL, 0, "`</b>` where `<i>` is open"),
    ({"is_html": True}, "</p>", FAIL, 0, "`</p>` where nothing is open"),
    ({"is_html": True}, "<thing>a</thing>", FAIL, 0, "`<thing>` is not an HTML element"),
    ({"is_html": True}, "```html\n<p>a</p>\n```", FAIL, 0, "Markdown fence"),
    ({"is_html": True}, "<script>if (a < b) {}</script>", PASS, 1, ""),
    ({"is_html": True}, "<p><textarea><b></textarea></p>", PASS, 1, ""),
    ({"is_html": True}, "<title><b></title>", PASS, 1, ""),
    ({"is_html": True}, "<p>Hello <b", FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "<p>Hello</", FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "<p>Hello</p", FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "<p>x <!-- y", FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "<p>x <!-- y </p>", FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "<a " * 100_000, FAIL, 0, "it ends inside a tag or a comment"),
    ({"is_html": True}, "</" * 100_000 + "</p>", FAIL, 0, ""),
    ({"is_html": True}, "<p>1 < 2", PASS, 1, ""),
    ({"is_html": True}, "<script>'<!--'</script>", PASS, 1, ""),
    ({"not_is_html": True}, "plain text", PASS, 1, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_html_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
