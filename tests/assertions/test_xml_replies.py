"""The assertion on replies that are XML."""

from __future__ import annotations

from typing import Any

from tests.assertions.vectors import FAIL, PASS, Vector, check, judged, parametrized

VECTORS: list[Vector] = [
    ({"is_xml": True}, "<a><b/></a>", PASS, 1, "the reply is XML"),
    ({"is_xml": True}, ' <?xml version="1.0"?>\n<a x="1">é</a>\n', PASS, 1, ""),
    ({"is_xml": True}, "<a><b></a>", FAIL, 0, "mismatched tag"),
    ({"is_xml": True}, "<a/><b/>", FAIL, 0, "junk after document element"),
    ({"is_xml": True}, "a <b/>", FAIL, 0, "not XML"),
    ({"is_xml": True}, "```xml\n<a/>\n```", FAIL, 0, "Markdown fence"),
    ({"is_xml": True}, "<a>&b;</a>", FAIL, 0, "undefined entity"),
    ({"is_xml": True}, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', FAIL, 0, "refused"),
    ({"is_xml": True}, "<a>" * 600 + "</a>" * 600, FAIL, 0, "nested deeper than 500"),
    ({"is_xml": ["order", "order/item"]}, "<order><item/></order>", PASS, 1, ""),
    ({"is_xml": ["order/item/name"]}, "<order><item/><name/></order>", FAIL, 0,
     "XML without order/item/name"),
    ({"not_is_xml": True}, "<a>", PASS, 1, ""),
]  # fmt: skip


@parametrized(VECTORS)
def test_xml_is_judged(
    item: dict[str, Any], output: Any, result: str, score: float | None, words: str
) -> None:
    verdict = judged(item, output)

    check(verdict, result, score, words)
