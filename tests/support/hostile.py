"""Texts that do harm wherever they are taken for markup, scripts, formulas or commands.

Kinds after the OWASP "XSS Filter Evasion" and PortSwigger "XSS" cheat sheets; each kind is written
in several ways, so that no single way of taking it for text is tested alone.
"""

from __future__ import annotations

from collections.abc import Callable

_KINDS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<iframe src=//example.org></iframe>", "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>", "<marquee onstart=alert(1)>",
    "<object data=data:text/html,<script>alert(1)</script>>", "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//example.org/a.css>",
    "<style>@import'//example.org/a.css'</style>",
    "<meta http-equiv=refresh content='0;url=//example.org'>", "<base href=//example.org/>",
    "<form action=//example.org><button>go</button></form>",
    "<a href=javascript:alert(1)>go</a>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<template><script>alert(1)</script>", "<svg><animate onbegin=alert(1) attributeName=x>",
    "<svg><script>alert(1)</script></svg>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<plaintext>",
    "<xmp><script>", "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "vbscript:msgbox(1)",
    "![x](http://example.org/a.png)", "[x](javascript:alert(1))", "{{7*7}}",
    "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "`${alert(1)}`", "<%= 7*7 %>",
    "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "\x1b]0;title\x07", "\x1b[2J",
    "::set-env name=A::b", "\u202egnp.exe", "a\x00b", "\u2028\u2029", "\ud800", "👩‍👩‍👧‍👦",
    "é́́́́́́́", "__proto__", "constructor", "toString", "$text", "%00%0d%0a",
    "\\u003cscript\\u003e", "&lt;script&gt;", "&#60;b&#62;", "//example.org/x",
    "\\\\example.org\\x", "file:///etc/passwd", "a" * 20_000, "<" * 2_000, "\t\n\r x", "]]>",
]  # fmt: skip
_WAYS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f'"{text}',
    lambda text: f"'{text}",
    lambda text: f'">{text}',
    lambda text: f"'>{text}",
    lambda text: f"</script>{text}",
    lambda text: f"</style>{text}",
    lambda text: f"</title>{text}",
    lambda text: f"</textarea>{text}",
    lambda text: f"<!--{text}",
    lambda text: f"-->{text}",
    lambda text: f"</noscript>{text}",
    lambda text: text.swapcase(),
    lambda text: text.replace(" ", "/"),
    lambda text: text.replace("=", " = "),
    lambda text: text.replace("<", "<\x0b"),
    lambda text: f"\ufeff{text}",
    lambda text: f"{text}\x00{text}",
    lambda text: f"*/{text}/*",
    lambda text: f"\\{text}\\",
]


def hostile_texts() -> list[str]:
    """Return 1,200 of them, each kind in each way; a number keeps alike ones apart."""
    seen: set[str] = set()
    texts: list[str] = []
    for way in _WAYS:
        for kind in _KINDS:
            text = way(kind)
            texts.append(text if text not in seen else f"{text}{len(texts)}")
            seen.add(texts[-1])
    return texts
