"""A reply is taken again only where the same service answers: processes and real servers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import command, harness, latest, outcomes_of
from tests.support.replies import message_bytes
from tests.support.servers import answering, response, serving
from tests.support.suites import write_cases

pytestmark = pytest.mark.slow  # the command line in processes

CASES = "".join(
    f"  - {{id: {name}, prompt: {name}, assert: [{{contains: hello}}]}}\n" for name in "abc"
)
A, B = (response(message_bytes(f"hello from {name}")) for name in "AB")
RULES = 'rules:\n  - {replies: ["hello from the simulator"]}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_cases(tmp_path, CASES)
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


def settings(folder: Path, text: str) -> None:
    (folder / "harness.toml").write_text(f'simulator_rules = "rules.yaml"\n{text}')


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return harness("run", "t.suite.yaml", *options, cwd=folder)


def ask_first(folder: Path, whom: str, urls: dict[str, str], *options: str) -> None:
    """Run the suite where another service answers: a server, or one that gets other headers."""
    if whom == "other headers":
        settings(folder, '[headers]\nanthropic-beta = "1"\n')
    run(folder, "--base-url", urls.get(whom, whom), *options)
    settings(folder, "")


def texts(folder: Path) -> set[str]:
    return {line["reply"]["text"] for line in outcomes_of(latest(folder)).values()}


@pytest.fixture
def suite(folder: Path) -> Path:
    (path,) = folder.glob("*.suite.yaml")
    path.rename(folder / "t.suite.yaml")
    settings(folder, "")
    return folder


@contextmanager
def simulating(folder: Path) -> Iterator[str]:
    words = command("simulate", "--port", "0", "--rules", "rules.yaml")
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://\S+?(?=[\s,;]|$)", line)
            assert found is not None, line
            yield found[0].rstrip("/")
        finally:
            process.terminate()


@pytest.mark.parametrize("first", ["simulator", "another server"])
def test_the_cache_has_no_reply_of_another_server(suite: Path, first: str) -> None:
    with serving(answering(A)) as one, serving(answering(B)) as other:
        run(suite, "--cache", "--base-url", "simulator" if first == "simulator" else one.url)
        run(suite, "--cache", "--base-url", other.url)
        fresh = texts(suite)
        run(suite, "--cache", "--base-url", other.url)

    assert fresh == texts(suite) == {"hello from B"}
    assert len(other.exchanges) == 3


def test_the_cache_has_no_reply_to_other_headers(suite: Path) -> None:
    with serving(answering(A)) as server:
        for value in ("1", "2", "1"):
            settings(suite, f'[headers]\nanthropic-beta = "{value}"\n')
            run(suite, "--cache", "--base-url", server.url)

    assert len(server.exchanges) == 6


def test_cases_that_send_the_same_have_replies_of_their_own_in_the_cache(suite: Path) -> None:
    alike = "".join(f"  - {{id: {name}, prompt: same}}\n" for name in "ab")
    write_cases(suite, alike).rename(suite / "t.suite.yaml")
    with serving(answering(A, B)) as server:
        run(suite, "--cache", "--base-url", server.url, "--concurrency", "1")
        first = {name: line["reply"]["text"] for name, line in outcomes_of(latest(suite)).items()}
        run(suite, "--cache", "--base-url", server.url)
        second = {name: line["reply"]["text"] for name, line in outcomes_of(latest(suite)).items()}

    assert set(first.values()) == {"hello from A", "hello from B"}
    assert second == first
    assert len(server.exchanges) == 2


@pytest.mark.parametrize("first", ["simulator", "another server", "other headers"])
def test_a_run_of_another_service_is_not_resumed(suite: Path, first: str) -> None:
    with serving(answering(A)) as one, serving(answering(B)) as other:
        ask_first(suite, first, {"another server": one.url, "other headers": other.url})
        sent = len(other.exchanges)
        done = run(suite, "--base-url", other.url, "--resume", "latest")

    assert done.returncode == 2
    assert "so its replies are not those of this server" in done.stderr
    assert len(other.exchanges) == sent


@pytest.mark.parametrize("first", ["simulator", "another server", "other headers"])
def test_a_cassette_of_another_service_is_not_replayed(suite: Path, first: str) -> None:
    with serving(answering(A)) as one, serving(answering(B)) as other:
        urls = {"another server": one.url, "other headers": other.url}
        ask_first(suite, first, urls, "--record", "tapes")
        done = run(suite, "--base-url", other.url, "--replay", "tapes")
        anywhere = run(suite, "--replay", "tapes")

    assert done.returncode == 3
    assert done.stdout.count("it was recorded from ") == 3
    assert anywhere.returncode == 0


def test_a_simulator_that_is_asked_as_a_service_is_named_everywhere(suite: Path) -> None:
    told = "answered by harness's simulator, not by a model"
    with simulating(suite) as url:
        done = run(suite, "--base-url", url, "--record", "tapes", "--markdown", "r.md",
                   "--html", "r.html")  # fmt: skip
        data = run(suite, "--base-url", url, "--json")
    replayed = run(suite, "--replay", "tapes", "--markdown", "again.md")

    assert f"3 trials {told}" in done.stdout
    assert json.loads(data.stdout)["simulated"] is True
    assert told in (suite / "r.md").read_text()
    assert "harness's simulator, not by a model" in (suite / "r.html").read_text()
    assert f"3 trials {told}" in replayed.stdout
    assert told in (suite / "again.md").read_text()
