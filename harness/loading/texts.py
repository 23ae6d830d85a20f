"""Replaces `{file: …}` in a suite with the text of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import SuiteError
from harness.loading.files import ProjectFiles
from harness.loading.template_protocol import RendersTemplates
from harness.model.suite import FileByTemplate
from harness.model.tool_results import named_result
from harness.source import Text


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads the texts of one suite; problems are collected."""

    files: ProjectFiles
    problems: list[SuiteError]
    templates: RendersTemplates

    def text_file(self, name: Text) -> Text:
        """Return the text of a file.

        Raises:
            SuiteError: The file cannot be read.
        """
        # from the file that names it, which may be one that the suite extends
        return self.files.read_text(name.origin.file.path.parent, name)

    def matching_files(self, pattern: Text) -> list[Text]:
        """Return the names of the files that match a pattern, in order.

        Raises:
            SuiteError: There are none, or the pattern leads out of the project.
        """
        folder = pattern.origin.file.path.parent
        return [Text(name, pattern.origin) for name in self.files.matching(folder, pattern)]

    def text(self, value: Any) -> Any:
        """Return `value`, or for `{file: …}` the text of the file.

        If the path is a template, the file is read when a trial is rendered.
        """
        if not isinstance(value, Mapping) or "file" not in value:
            return value
        if self.templates.has_template(value["file"]):
            return FileByTemplate(value)
        try:
            return self.text_file(value["file"])
        except SuiteError as error:
            self.problems.append(error)
            return ""

    def request(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a request with the texts of their files."""
        request = dict(fields)
        if "system" in request:
            request["system"] = self.text(request["system"])
        for name in ("max_tokens", "top_k"):
            if name in request:
                request[name] = int(request[name])  # JSON Schema accepts 64.0 as an integer
        return request

    def messages(self, turn: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """Return the messages of a turn with the texts of their files."""
        if "prompt" in turn:
            return ({"role": "user", "content": self.text(turn["prompt"])},)
        if "tool_results" in turn:
            results = turn["tool_results"].items()
            content = [named_result(str(name), self.text(result)) for name, result in results]
            return ({"role": "user", "content": content},)
        return tuple(
            {**message, "content": self.text(message["content"])} for message in turn["messages"]
        )
