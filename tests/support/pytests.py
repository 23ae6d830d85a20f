"""pytest in a process of its own, on a folder with suites, against a server that counts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support.processes import KEY, environment_with
from tests.support.replies import message_bytes
from tests.support.servers import Exchange, Server, response, serving

# what other plugins do is tested where it is asked for
PLAIN = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "harness.pytest_plugin.hooks",
    "COLUMNS": "100",
}


@dataclass
class Project:
    """A folder with suites, and the server they are sent to.

    Attributes:
        in_flight: How many calls were under way, whenever one began.
    """

    folder: Path
    server: Server
    environment: dict[str, str] = field(default_factory=lambda: dict(PLAIN))
    in_flight: list[int] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        return [
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider",
            f"--harness-base-url={self.server.url}", *arguments,
        ]  # fmt: skip

    def variables(self, key: Mapping[str, str] = KEY) -> dict[str, str]:
        return {**environment_with(key), **self.environment}

    def pytest(
        self, *arguments: str, key: Mapping[str, str] = KEY
    ) -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments)
        if {"--lf", "--ff", "--sw", "--cache-clear"} & set(arguments):
            command = [word for word in command if word not in {"-p", "no:cacheprovider"}]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables(key),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def with_plugins(self, *names: str) -> Project:
        """Return the same project with more plugins, by their modules."""
        plugins = ",".join([PLAIN["PYTEST_PLUGINS"], *names])
        return replace(self, environment={**PLAIN, "PYTEST_PLUGINS": plugins})

    @property
    def calls(self) -> Counter[str]:
        """How often each prompt was sent."""
        return Counter(
            json.loads(exchange.body)["messages"][0]["content"]
            for exchange in self.server.exchanges
        )


def said(asked: str) -> str:
    """Return a reply that says what was asked."""
    return f"you said {asked}"


@contextmanager
def project(
    folder: Path, cases: str, *, seconds: float = 0.0, reply: Callable[[str], str] = said
) -> Iterator[Project]:
    """Serve replies after so many seconds, and write a suite."""

    under_way, in_flight = 0, list[int]()

    async def answer(
        exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal under_way
        asked = json.loads(exchange.body)["messages"][0]["content"]
        under_way += 1
        in_flight.append(under_way)
        await asyncio.sleep(seconds)
        under_way -= 1
        writer.write(response(message_bytes(reply(asked))))

    (folder / "harness.toml").touch()
    (folder / "test.suite.yaml").write_text(f"suite: test\nrequest: {{model: m}}\ncases:\n{cases}")
    with serving(answer) as server:
        yield Project(folder, server, in_flight=in_flight)


def outcomes_in(output: str) -> dict[str, int]:
    """Return the counts of pytest's last line."""
    last = next(line for line in reversed(output.splitlines()) if " in " in line)
    words = last.replace("=", " ").replace(",", " ").split(" in ")[0].split()
    return {name: int(number) for number, name in zip(words[::2], words[1::2], strict=False)}


def junit_cases(path: Path) -> dict[str, ET.Element]:
    """Return the test cases of a JUnit report by their names."""
    tree = ET.parse(path)  # noqa: S314  # pytest wrote it a moment ago
    return {case.attrib["name"]: case for case in tree.iter("testcase")}
