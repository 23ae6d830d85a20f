"""Functions of a project, in real processes: what they return, and what they do wrong."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.assertions.builtin import builtin_assertions
from harness.assertions.code import CodeError
from harness.assertions.evaluator import EvaluationContext, Evaluator
from harness.assertions.registry import AssertionRegistry
from harness.model.outcome import Verdict
from harness.model.suite import Expectation
from harness.rendering.environment import TemplateEnvironment
from harness.rendering.expressions import Expressions
from harness.running.function_pool import MOST_PROCESSES, FunctionPool
from tests.support.replies import reply
from tests.support.trials import HERE

pytestmark = pytest.mark.slow  # functions run in processes

CHECKS = """\
import ctypes, os, subprocess, sys, time

def yes(output): return "Hello" in output
def no(output): return False
def score(output, *, least=0): return 0.25 if len(output) > least else 1
def context(output, context): return context["vars"]["who"] == "Ada" and "usage" in context
def full(output): return {"passed": True, "score": 0.75, "reason": "well said", "metrics": {"n": 3}}
def by_score(output): return {"score": 0.4, "reason": "so so"}
def process(output): return {"passed": True, "reason": str(os.getpid())}
def prints(output): print("x" * 100_000); sys.stderr.write("y"); return os.write(1, b"z" * 9999) > 1
def reads(output): return sys.stdin.read() == ""
def raises(output): raise ValueError("no luck")
def hangs(output):
    while True: time.sleep(1)
def spins(output):
    while True: pass
def leaves(output): os._exit(3)
def exits(output): sys.exit(0)
def crashes(output): ctypes.string_at(0)
def kills(output): os.kill(os.getpid(), 9)
def eats(output): return len(bytearray(2_000_000_000)) > 0
def none(output): return None
def text(output): return "true"
def a_set(output): return {1}
def nan(output): return float("nan")
def seven(output): return 7
def strange(output): return {"ok": True}
def vague(output): return {"reason": "hm"}
def wrong(output): return {"passed": "yes"}
def metrics(output): return {"passed": True, "metrics": {"n": "many"}}
def endless(output): return {"passed": True, "metrics": {"n": 10**400}}
def alone(): return True
def huge(output): return {"passed": True, "reason": "x" * 20_000_000}
class Deep:
    def __call__(self, output): return True
deep = Deep()
def unpaired(output): return {"passed": True, "reason": "\\ud800"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "checks.py"
    path.write_text(CHECKS)
    return path


def pool_for(path: Path, seconds: float = 5.0) -> FunctionPool:
    return FunctionPool(
        lambda written: (path, written.partition(":")[2]), lambda _written: None, seconds
    )


def verdicts(
    path: Path, functions: Sequence[str], seconds: float = 5.0, **options: Any
) -> list[Verdict]:
    """Return what functions say of one reply, one after the other, with one pool."""

    async def run() -> list[Verdict]:
        pool = pool_for(path, seconds)
        registry: AssertionRegistry = builtin_assertions(Expressions(TemplateEnvironment), pool)
        try:
            judged = []
            for name in functions:
                expectation = Expectation("python", f"checks.py:{name}", HERE, options=options)
                on = registry.read(expectation)
                judged.append(
                    await Evaluator(registry).judge_async(
                        on, reply("Hello!"), EvaluationContext({"who": "Ada"})
                    )
                )
            return judged
        finally:
            await pool.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("function", "passed", "score", "words"),
    [
        ("yes", True, 1, "yes says yes"),
        ("no", False, 0, "no says no"),
        ("score", False, 0.25, "score gives 0.25, the minimum is 0.5"),
        ("context", True, 1, ""),
        ("full", True, 0.75, "well said"),
        ("by_score", False, 0.4, "so so"),
        ("prints", True, 1, ""),
        ("reads", True, 1, ""),
        ("deep", True, 1, ""),
        ("unpaired", True, 1, ""),
    ],
)
def test_what_a_function_returns_is_the_verdict(
    path: Path, function: str, passed: bool, score: float, words: str
) -> None:
    (verdict,) = verdicts(path, [function])

    assert not verdict.is_error, verdict.reason
    assert (verdict.passed, verdict.score) == (passed, score)
    assert words in verdict.reason


def test_arguments_and_the_least_score_are_handed_over(path: Path) -> None:
    (verdict,) = verdicts(path, ["score"], arguments={"least": 99})
    assert verdict.score == 1

    (verdict,) = verdicts(path, ["score"], min=0.2)
    assert verdict.passed


def test_metrics_come_along(path: Path) -> None:
    (verdict,) = verdicts(path, ["full"])

    assert verdict.metrics == {"n": 3.0}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("raises", "it raised ValueError: no luck"),
        ("hangs", "it took more than 1.5 s"),
        ("spins", "it took more than 1.5 s"),
        ("leaves", "it ended its process (status 3)"),
        ("exits", "it raised SystemExit: 0"),
        ("crashes", "it ended its process (signal SIGSEGV)"),
        ("kills", "it ended its process (signal SIGKILL)"),
        ("eats", "it raised MemoryError"),
        ("huge", "it returned more than 16,000,000 bytes"),
        ("none", "it returned None, which is not a verdict"),
        ("text", "it returned 'true', which is not a verdict"),
        ("a_set", "is not JSON serializable"),
        ("nan", "Out of range float values"),
        ("seven", "the score is 7, expected a number from 0 to 1"),
        ("strange", "unknown keys ok"),
        ("vague", "a mapping without `passed` and `score`"),
        ("wrong", "`passed` is 'yes', expected true or false"),
        ("metrics", "expected a mapping of numbers"),
        ("endless", "expected a mapping of numbers"),
        ("alone", "TypeError"),
        ("gone", "has no attribute 'gone'"),
    ],
)
def test_one_that_misbehaves_is_an_error_and_the_next_one_judges(
    path: Path, function: str, words: str
) -> None:
    wrong, right = verdicts(path, [function, "yes"], seconds=1.5 if "1.5" in words else 20.0)

    assert wrong.is_error
    assert not wrong.passed
    assert words in wrong.reason
    assert right.passed


def test_its_traceback_is_kept(path: Path) -> None:
    (verdict,) = verdicts(path, ["raises"])

    assert verdict.traceback is not None
    assert "in raises" in verdict.traceback


def test_a_process_is_started_once_and_not_for_each_call(path: Path) -> None:
    judged = verdicts(path, ["process"] * 5)

    assert len({verdict.reason for verdict in judged}) == 1


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, ns=(1, 1))


def test_a_file_that_changed_is_read_again(path: Path) -> None:
    async def run() -> list[Any]:
        pool = pool_for(path)
        try:
            before = await pool.call("checks.py:yes", "Hello", {}, {})
            rewrite(path, "def yes(output): return 0.5\n")
            return [before, await pool.call("checks.py:yes", "Hello", {}, {})]
        finally:
            await pool.aclose()

    assert asyncio.run(run()) == [True, 0.5]


def test_calls_run_beside_each_other(path: Path) -> None:
    """Each call returns only when all four are under way."""
    path.write_text(
        "import os, pathlib, time\n"
        "def meets(output):\n"
        "    here = pathlib.Path(__file__).parent\n"
        "    (here / f'{os.getpid()}.here').touch()\n"
        "    while len(list(here.glob('*.here'))) < 4: time.sleep(0.01)\n"
        "    return True\n"
    )

    async def run() -> list[Any]:
        pool = pool_for(path, seconds=20.0)
        try:
            calls = (pool.call("checks.py:meets", "", {}, {}) for _ in range(MOST_PROCESSES))
            return await asyncio.gather(*calls)
        finally:
            await pool.aclose()

    assert MOST_PROCESSES == 4
    assert asyncio.run(run()) == [True] * 4


def test_a_call_that_is_cancelled_leaves_no_process(path: Path) -> None:
    path.write_text(
        "import os, time\n"
        f"def slow(output): open({str(path.parent / 'pid')!r}, 'w').write(str(os.getpid()));"
        " time.sleep(60)\n"
    )

    async def run() -> None:
        pool = pool_for(path)
        call = asyncio.create_task(pool.call("checks.py:slow", "", {}, {}))
        for _ in range(250):
            await asyncio.sleep(0.02)
            if (path.parent / "pid").exists():
                break
        await asyncio.sleep(0.05)
        call.cancel()
        await asyncio.wait([call])
        await pool.aclose()

    asyncio.run(run())

    with pytest.raises(ProcessLookupError):
        os.kill(int((path.parent / "pid").read_text()), signal.SIG_DFL)


def test_an_error_says_what_happened_and_nothing_passes() -> None:
    error = CodeError("it took more than 10 s", "trace")

    assert (str(error), error.traceback) == ("it took more than 10 s", "trace")


def test_files_of_different_folders_are_given_the_modules_beside_them(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "helpers.py").write_text(f"NAME = {name!r}\n")
        (tmp_path / name / "checks.py").write_text(
            "import helpers\n"
            "def says(output):\n"
            "    import code, helpers as again\n"
            "    is_same = helpers is again and hasattr(code, 'InteractiveConsole')\n"
            f"    return is_same and helpers.NAME == {name!r}\n"
        )
    pool = FunctionPool(lambda written: (tmp_path / written, "says"), lambda _written: None)

    async def run() -> list[Any]:
        try:
            names = ["a/checks.py", "b/checks.py"] * 3
            return [await pool.call(name, "", {}, {}) for name in names]
        finally:
            await pool.aclose()

    assert asyncio.run(run()) == [True] * 6
