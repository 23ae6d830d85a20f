"""Text made safe for a terminal and the log of a CI service, and how wide it is there."""

from __future__ import annotations

import re
import unicodedata

# They change the direction of writing: code shown with them reads otherwise than it runs.
_BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# GitHub's runner reads `::` where a line begins, blanks aside, and `##[` anywhere in it; Azure's
# agent reads `##vso[` and `##[` anywhere.
_LOG_COMMAND = re.compile(r"^(?P<blanks>\s*):(?=:)|#(?=#(?:vso)?\[)", re.MULTILINE | re.IGNORECASE)


def visible(text: str) -> str:
    r"""Return `text` with what steers a terminal or a CI service escaped, such as `\x1b`.

    Replies come from outside, and a control sequence in one could rewrite what the user sees; a
    command in a log could set variables of the job. All C0 and C1 control characters but line feeds
    and tabs are escaped, DEL, lone surrogates, the marks that change the direction of writing, and
    the beginnings of log commands.

    Source:
        actions/runner, `ActionCommand.cs`; microsoft/azure-pipelines-agent, `Command.cs`.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_escaped(character) for character in text)
    if "##" in text or "::" in text:
        text = _LOG_COMMAND.sub(_defused, text)
    return text


def _defused(command: re.Match[str]) -> str:
    return "\\x23" if command["blanks"] is None else f"{command['blanks']}\\x3a"


def _escaped(character: str) -> str:
    if character in "\n\t":
        return character
    is_control = unicodedata.category(character) in {"Cc", "Cs"}
    if not is_control and character not in _BIDI_CONTROLS and character not in "\u2028\u2029":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def terminal_width(text: str) -> int:
    """Return how many terminal columns `text` takes: East Asian wide characters take two.

    Source:
        Unicode Standard Annex 11, "East Asian Width".
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
