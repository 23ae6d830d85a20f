"""The public Python API, used as people use it, against the built-in simulator."""

from __future__ import annotations

import ast
import asyncio
import importlib
import io
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import harness
from harness import HarnessError, Run, RunStatus, SettingsError
from tests.support.processes import environment_with, lines_of
from tests.support.replies import message_bytes
from tests.support.servers import Exchange, response, serving
from tests.support.suites import write_cases, write_suite

pytestmark = pytest.mark.slow  # whole runs against a server

SUITE = """\
suite: greetings
request: {model: m, max_tokens: 50}
cases:
  - {id: polite, prompt: Greet Ada., tags: [smoke], assert: [{contains: Good day}]}
  - {id: short, prompt: Greet Bob., repeat: 3, assert: [{word_count: {max: 20}}]}
  - {id: rude, prompt: Greet Eve., assert: [{contains: Go away}]}
"""
RULES = "rules: [{text: Greet, replies: [Good day!]}]\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_suite(tmp_path, SUITE, "greetings.suite.yaml")
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "harness.toml").write_text('simulator_rules = "rules.yaml"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(**options: Any) -> Run:
    return harness.run(options.pop("suites", "."), base_url="simulator", **options)


def labels(run: Run) -> dict[str, str]:
    return {result.key.case: result.label.value for result in run.results}


def imports_for_type_checkers() -> dict[str, str]:
    """Return the names that type checkers see in the package, and the modules they come from."""
    stub = Path(str(harness.__file__)).with_suffix(".pyi")
    tree = ast.parse(stub.read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def test_every_public_name_is_what_type_checkers_see() -> None:
    seen = imports_for_type_checkers()

    assert set(harness.__all__) == set(seen)
    assert set(harness.__all__) <= set(dir(harness))
    for name, module in seen.items():
        assert getattr(harness, name) is getattr(importlib.import_module(module), name)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'harness' has no attribute 'lod'") as caught:
        getattr(harness, "lod")  # noqa: B009  # a type checker refuses `harness.lod`

    assert (caught.value.name, caught.value.obj) == ("lod", harness)


def test_a_plan_knows_its_suites_and_the_trials_that_would_run(project: Path) -> None:
    plan = harness.load(project, only=["short", "rude"], repeat=2)

    assert [suite.name for suite in plan.suites] == ["greetings"]
    assert [trial.id for trial in plan.trials()] == [
        "greetings::short#1", "greetings::short#2", "greetings::rude#1", "greetings::rude#2",
    ]  # fmt: skip
    assert len(plan) == 4
    assert repr(plan) == "<Plan: 4 trials of greetings>"


def test_a_plan_knows_the_variants_that_would_send_the_same_request(project: Path) -> None:
    same = "  - {id: a, prompt: Hi, request: {temperature: 1}}\n"
    write_cases(project, same, "matrix: {temperature: [0, 0.7]}\n")

    plan = harness.load("test.suite.yaml")
    done = run(suites=plan)

    (found,) = plan.identical_variants
    assert str(found).startswith("test.suite.yaml:3:10: the variants `0` and `0.7` of the case `a`")
    assert [same.as_data() for same in done.head.identical_variants] == [found.as_data()]


def test_a_single_text_selects_like_a_list_of_one(project: Path) -> None:
    assert len(harness.load("greetings.suite.yaml", tags="smoke")) == 1
    assert len(harness.load([project], only="polite")) == 1
    assert len(harness.load(project, keyword="polite or rude")) == 2


@pytest.mark.parametrize(
    ("assignments", "request_", "variables"),
    [
        ({"request.temperature": 0.5, "vars.number": "0"}, {"temperature": 0.5}, {"number": "0"}),
        (["request.temperature=0.5", "vars.number=0"], {"temperature": 0.5}, {"number": 0}),
        ("vars.list=[a, b]", {}, {"list": ["a", "b"]}),
        ({"vars.list": ["a", {"b": None}]}, {}, {"list": ["a", {"b": None}]}),
    ],
)
def test_values_are_set_for_all_suites(
    project: Path, assignments: Any, request_: dict[str, Any], variables: dict[str, Any]
) -> None:
    cases = "vars: {number: 1, list: []}\ncases: [{id: a, prompt: Hi}]\n"
    write_suite(project, f"suite: more\nrequest: {{model: m}}\n{cases}", "more.suite.yaml")

    (suite,) = harness.load("more.suite.yaml", set=assignments).suites

    assert suite.overrides.request == request_
    assert suite.overrides.vars == variables


@pytest.mark.usefixtures("project")
def test_a_run_says_what_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    ran = run()

    assert labels(ran) == {"polite": "passed", "short": "passed", "rude": "failed"}
    assert [outcome["id"] for outcome in ran.outcomes()] == [
        "greetings::polite", "greetings::short#1", "greetings::short#2", "greetings::short#3",
        "greetings::rude",
    ]  # fmt: skip
    assert (ran.passed, ran.exit_code, ran.status) == (False, 1, RunStatus.FAILED)
    assert (ran.pass_rate.passed, ran.pass_rate.cases) == (2, 3)
    assert ran.head.suites[0].name == "greetings"
    assert ran.end is not None
    assert ran.end.is_finished
    assert str(ran).startswith("suite      variant")
    assert repr(ran).startswith(f"<Run {ran.id}: failed, 2/3 66.7 % [")
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("project")
def test_a_run_is_opened_by_its_id_its_file_or_as_the_latest() -> None:
    first, second = run(only="polite"), run()

    assert Run.open().id == second.id
    assert Run.open(first.id).path == first.path.resolve()
    assert Run.open(first.path).passed
    assert labels(Run.open(second.path.parent)) == labels(second)


def test_a_plan_runs_more_than_once_and_as_it_was_loaded(project: Path) -> None:
    plan = harness.load(project, tags="smoke")
    (project / "greetings.suite.yaml").write_text("broken")

    first, second = run(suites=plan), run(suites=plan, concurrency=1)

    assert labels(first) == labels(second) == {"polite": "passed"}
    assert second.head.settings["concurrency"] == 1


@pytest.mark.usefixtures("project")
def test_a_run_inside_a_running_event_loop_is_like_any_other() -> None:
    async def cell() -> Run:
        return run(resume=run(only="polite"), cache=True)

    handler = signal.getsignal(signal.SIGINT)

    ran = asyncio.run(cell())

    assert labels(ran) == {"polite": "passed", "short": "passed", "rude": "failed"}
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.usefixtures("project")
def test_a_run_in_another_thread_leaves_the_event_loop_free() -> None:
    async def both() -> Run:
        ran, _ = await asyncio.gather(asyncio.to_thread(run), asyncio.sleep(0))
        return ran

    assert not asyncio.run(both()).passed


def test_the_record_goes_where_it_is_wanted_and_progress_to_a_stream(project: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()

    ran = run(run_file="mine.jsonl", progress=stream)

    assert ran.path == Path("mine.jsonl")
    assert lines_of(project / "mine.jsonl")[-1]["status"] == "finished"
    assert stream.getvalue()


@pytest.mark.usefixtures("project")
def test_a_run_is_completed_without_asking_again() -> None:
    first = run(only=["polite", "short"])

    whole = run(resume=first)

    origins = [outcome["reply"] and outcome["reply"]["origin"] for outcome in whole.outcomes()]
    assert origins == ["run", "run", "run", "run", "service"]
    assert whole.head.previous_run_file == str(first.path.resolve())


@pytest.mark.usefixtures("project")
def test_failed_trials_run_again() -> None:
    run()

    assert labels(run(rerun="failed")) == {"rude": "failed"}


@pytest.mark.usefixtures("project")
def test_recorded_replies_are_replayed() -> None:
    run(record="cassettes")

    replayed = harness.run(".", replay="cassettes")

    assert {outcome["reply"]["origin"] for outcome in replayed.outcomes() if outcome["reply"]} == {
        "cassette"
    }


def test_the_key_is_sent_and_never_kept(project: Path) -> None:
    with serving(_hello) as server:
        ran = harness.run(".", base_url=server.url, api_key="sk-from-python", only="short")

    assert server.exchanges[0].headers["authorization"] == "Bearer sk-from-python"
    assert "sk-from-python" not in (project / ran.path).read_text()


async def _hello(
    _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(response(message_bytes("hello")))
    await writer.drain()


@pytest.mark.parametrize(
    ("format_", "beginning"),
    [
        ("html", "<!doctype html>"),
        ("markdown", "## FAILED"),
        ("junit", "<?xml"),
        ("csv", "id,"),
        ("json", "["),
        ("jsonl", "{"),
    ],
)
def test_a_run_is_written_as_any_report(project: Path, format_: Any, beginning: str) -> None:
    path = run().write(format_, "reports/report.out")

    assert path.read_text().startswith(beginning)


@pytest.mark.usefixtures("project")
def test_a_notebook_shows_the_markdown_report() -> None:
    ran = run()

    assert ran._repr_markdown_() == ran.to_markdown()
    assert "**greetings::rude** failed" in ran.to_markdown()


@pytest.mark.usefixtures("project")
def test_runs_are_compared_by_what_they_are_or_are_called() -> None:
    old, new = run(), run()

    (by_noun,), (by_name,) = harness.compare(old, new), harness.compare(old.id, "latest")

    assert by_noun == by_name
    assert by_noun.verdict is harness.ChangeVerdict.INCONCLUSIVE
    assert [pair.new.key.case for pair in by_noun.still_failing] == ["rude"]


def test_the_levels_inside_a_run_are_compared(project: Path) -> None:
    suite = SUITE.replace("cases:", "matrix: {temperature: [0.0, 0.7]}\ncases:")
    (project / "greetings.suite.yaml").write_text(suite)

    (comparison,) = harness.compare(run(), by="temperature", reference="0.7")

    assert (comparison.old.name, comparison.new.name) == ("0.7", "0.0")


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no server": (
        {},
        "no `base_url` is set\n  fix: set `base_url` in harness.toml, HARNESS_BASE_URL or base_url;"
        ' to try harness without a service, use `base_url="simulator"`',
    ),
    "a setting of requests": (
        {"set": {"request.temprature": 0}},
        'invalid `set="request.temprature=0"`: unknown key `temprature`'
        "\n  fix: write `temperature`",
    ),
    "a value that YAML cannot hold": (
        {"set": {"vars.x": {1, 2}}},
        "set: `vars.x` cannot be written as JSON: Object of type set is not JSON serializable"
        "\n  fix: give text, numbers, lists and mappings",
    ),
    "a cost": ({"max_cost": 0}, "max_cost is 0\n  fix: give USD above 0"),
    "a cost that is NaN": ({"max_cost": math.nan}, "max_cost is nan\n  fix: give USD above 0"),
    "a cost without end": ({"max_cost": math.inf}, "max_cost is inf\n  fix: give USD above 0"),
    "a model without a price": (
        {"base_url": "simulator", "max_cost": 1},
        "max_cost cannot be kept: there is no price for m"
        "\n  fix: add it to [prices] in harness.toml",
    ),
    "a time": (
        {"max_time": "soon"},
        'max_time is \'soon\'\n  fix: give seconds, or `"250ms"`, `"5s"` or `"2m"`',
    ),
    "what to run again": ({"rerun": "faild"}, "rerun is 'faild'\n  fix: write `failed`"),
    "a shard": (
        {"shard": "7"},
        'invalid `shard="7"`\n  fix: write I/N, such as `2/5` for the second of five shards',
    ),
    "cassettes": (
        {"record": "a", "replay": "b"},
        "record and replay cannot be combined\n  fix: record first, then replay",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_explained_in_the_words_of_python(
    options: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HARNESS_BASE_URL", "HARNESS_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(SettingsError) as caught:
        harness.run(".", **options)

    assert str(caught.value) == message


@pytest.mark.usefixtures("project")
def test_a_plan_keeps_its_own_selection() -> None:
    plan = harness.load(".")

    with pytest.raises(SettingsError) as caught:
        run(suites=plan, tags="smoke")

    assert str(caught.value) == (
        "tags cannot change a plan\n  fix: give it to `harness.load`, or give `run` the paths"
    )


@pytest.mark.parametrize(
    ("names", "options", "problem"),
    [
        (["a"], {}, "new or by is missing"),
        (["a", "b"], {"by": "model"}, "new and by cannot be combined"),
        (["a", "b"], {"reference": "m"}, "reference needs by"),
        (["a", "b"], {"margin": 0}, "margin is 0"),
        (["a", "b"], {"errors": "exlude"}, "errors is 'exlude'"),
        (["a"], {"by": "modle"}, "by is 'modle'"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(
    names: list[str], options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        harness.compare(*names, **options)

    assert str(caught.value.problem) == problem


@pytest.mark.usefixtures("project")
def test_a_report_in_an_unknown_format_is_refused() -> None:
    with pytest.raises(SettingsError, match="there is no report in the format `htm`"):
        run().write("htm", "x")  # type: ignore[arg-type]


def test_all_mistakes_of_all_suites_are_one_error(project: Path) -> None:
    (project / "greetings.suite.yaml").write_text(SUITE.replace("contains:", "contians:"))

    with pytest.raises(harness.BrokenSuitesError) as caught:
        harness.load(project)

    assert isinstance(caught.value, HarnessError)
    assert [error.span.line for error in caught.value.errors] == [4, 6]
    assert "greetings.suite.yaml:4:" in str(caught.value)
    assert "fix: write `contains`" in str(caught.value)


def test_nothing_selected_is_an_error_before_anything_is_sent(project: Path) -> None:
    with pytest.raises(harness.NothingSelectedError):
        harness.load(project, only="polight")


INTERRUPTED = """\
import asyncio, sys
import harness

def cell():
    try:
        url, grace = sys.argv[1:3]
        harness.run(".", base_url=url, concurrency=2, run_file="run.jsonl", grace=grace)
    except KeyboardInterrupt as interrupt:
        print("interrupted:", *getattr(interrupt, "__notes__", ()))

async def in_a_loop():
    cell()

cell() if sys.argv[3] == "direct" else asyncio.run(in_a_loop())
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["direct", "in a loop"])
@pytest.mark.parametrize(("seconds", "interrupts", "least"), [(0.5, 1, 3), (60.0, 2, 1)])
def test_an_interrupt_stops_the_run_and_leaves_its_record(
    tmp_path: Path, way: str, seconds: float, interrupts: int, least: int
) -> None:
    write_suite(
        tmp_path, "suite: s\nrequest: {model: m}\nrepeat: 100\ncases: [{id: a, prompt: b}]\n"
    )
    answered = 0

    async def slow_after_one(
        _exchange: Exchange, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal answered
        answered += 1
        if answered > 1:
            await asyncio.sleep(seconds)
        writer.write(response(message_bytes("hello")))
        await writer.drain()

    with serving(slow_after_one) as server:
        command = [sys.executable, "-c", INTERRUPTED, server.url, "30s", way]
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment_with(), stdout=subprocess.PIPE, text=True
        ) as process:
            while len(server.exchanges) < 3:
                time.sleep(0.01)
            for _ in range(interrupts):
                process.send_signal(signal.SIGINT)
                time.sleep(0.2)
            output, _ = process.communicate(timeout=30)

    assert output == (
        'interrupted: what finished is in run.jsonl; `resume="run.jsonl"` goes on with it\n'
    )
    lines = lines_of(tmp_path / "run.jsonl")
    assert (lines[-1]["kind"], lines[-1]["status"]) == ("end", "interrupted")
    outcomes = [line for line in lines if line["kind"] == "outcome"]
    assert least <= len(outcomes) < 100


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: harness.load(3), "paths is 3"),  # type: ignore[arg-type]
        (lambda: harness.load(".", tags=3), "tags is 3"),  # type: ignore[arg-type]
        (lambda: harness.load(".", only=[1]), r"only is \[1\]"),  # type: ignore[list-item]
        (lambda: harness.load(".", repeat="x"), "repeat is 'x'"),  # type: ignore[arg-type]
        (lambda: harness.load(".", repeat=2.5), "repeat is 2.5"),  # type: ignore[arg-type]
        (lambda: harness.load(".", repeat=True), "repeat is True"),
        (lambda: harness.load(".", repeat=0), "repeat is 0"),
        (lambda: harness.load(".", shard=2), "shard is 2"),  # type: ignore[arg-type]
        (lambda: harness.run(".", max_cost="1"), "max_cost is '1'"),  # type: ignore[arg-type]
        (lambda: harness.run(".", max_cost=True), "max_cost is True"),
        (lambda: harness.run(".", rerun=["failed"]), "rerun is"),  # type: ignore[arg-type]
        (lambda: harness.run(".", progress=True), "progress is True"),  # type: ignore[arg-type]
        (lambda: harness.run(".", resume=3), "resume is 3"),  # type: ignore[arg-type]
        (lambda: harness.compare("a"), "new or by is missing"),
        (lambda: harness.compare("a", "b", by="model"), "new and by cannot be combined"),
        (lambda: harness.compare("a", "b", margin="x"), "margin is 'x'"),  # type: ignore[arg-type]
        (lambda: harness.compare(5, "b"), "run is 5"),  # type: ignore[arg-type]
        (lambda: harness.Run.open(3), "run is 3"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_the_wrong_type_is_a_mistake_with_a_fix(
    call: Callable[[], object], words: str
) -> None:
    with pytest.raises(harness.SettingsError, match=words) as caught:
        call()

    assert "fix: give " in str(caught.value)


def test_nothing_that_was_given_is_ignored_because_it_is_zero(tmp_path: Path) -> None:
    plan = harness.load(write_cases(tmp_path, "  - {id: a, prompt: Hi}\n"))

    with pytest.raises(harness.SettingsError, match="repeat cannot change a plan"):
        harness.run(plan, repeat=0, base_url="simulator")
