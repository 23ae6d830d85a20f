"""Reads prompts that cases share: of a suite, of its variants, and the axis of prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from harness.errors import SuiteError
from harness.loading.draft import SuiteDraft
from harness.loading.texts import TextReader
from harness.loading.variants import Level, distinct_names, slug
from harness.model.suite import PROMPT_AXIS, Turn
from harness.source import Text, TextOrigin


class _Entry(NamedTuple):
    """A prompt of the axis: the name of its part, if it is one of several, and its turn."""

    part: str
    turn: Mapping[str, Any]


def read_prompts(draft: SuiteDraft, data: Mapping[str, Any], texts: TextReader) -> list[Level]:
    """Return a level for each prompt in `prompts:`; what is wrong is added to the draft."""
    levels = []
    for name, value in data.get("prompts", {}).items():
        try:
            entries = list(_entries(value, texts))
        except SuiteError as error:
            draft.problems.append(error)
            entries = [_Entry("", {"prompt": ""})]  # so that no case seems to lack a prompt
        parts = distinct_names(PROMPT_AXIS, [entry.part for entry in entries])
        names = [f"{name}-{part}" for part in parts] if entries[0].part else [name]
        levels += [
            Level(level, PROMPT_AXIS, level, turns=shared_turns(entry.turn, texts))
            for level, entry in zip(names, entries, strict=True)
        ]
    return levels


def shared_turns(data: Mapping[str, Any], texts: TextReader) -> tuple[Turn, ...]:
    """Return the turn of what has a `prompt` or `messages`, or nothing."""
    if "prompt" not in data and "messages" not in data:
        return ()
    return (Turn(texts.messages(data)),)


def _entries(value: Any, texts: TextReader) -> Iterator[_Entry]:
    """Yield the prompts that an entry of the axis stands for.

    Raises:
        SuiteError: A file cannot be read, or has no prompts.
    """
    if isinstance(value, Mapping) and "files" in value:
        for name in texts.matching_files(value["files"]):
            yield _Entry(slug(PurePosixPath(name).stem), {"prompt": texts.text_file(name)})
    elif isinstance(value, Mapping) and "split" in value:
        for number, part in enumerate(_parts(value, texts), start=1):
            yield _Entry(str(number), {"prompt": part})
    else:
        yield _Entry("", {"messages" if isinstance(value, list) else "prompt": value})


def _parts(value: Mapping[str, Any], texts: TextReader) -> Sequence[Text]:
    """Return the prompts in a file, which stand between lines that are equal to a separator."""
    whole, separator = texts.text_file(value["file"]), value["split"].strip()
    parts, start, position = [], 0, 0
    for line in [*whole.splitlines(keepends=True), separator]:
        if line.strip() == separator:
            parts.append(_stretch(whole, start, position))
            start = position + len(line)
        position += len(line)
    if len(parts) == 1:
        problem = f"no line of `{value['file']}` is `{separator}`"
        raise SuiteError(value["split"].span, problem, "write the line that separates the prompts")
    for number, part in enumerate(parts, start=1):
        if not part.strip():
            problem = f"prompt {number} of `{value['file']}` is blank"
            fix = f"write `{separator}` between prompts only"
            raise SuiteError(part.origin.file.span(part.origin.start), problem, fix)
    return parts


def _stretch(whole: Text, start: int, end: int) -> Text:
    """Return a part of a file without the line feed at its end."""
    text = whole[start:end].removesuffix("\n")
    return Text(text, TextOrigin(whole.origin.file, start, start + len(text), "raw"))
