"""Every suite and every settings file that the documentation shows can be used."""

from __future__ import annotations

import ast
import csv
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.loading.settings import read_settings
from harness.model.settings import JUDGE_REQUEST, Settings, Timeouts
from harness.model.usage import Price
from tests.support.suites import plan_of, write_cases, write_suite

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(yaml|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = [
    pytest.param(page, kind, text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, (kind, text) in enumerate(BLOCK.findall(page.read_text("utf-8")))
]
PYTHON_PAGE = ROOT / "docs" / "python.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
SUITES = """\
suite: greetings
request: {model: m, max_tokens: 50}
cases:
  - {id: polite, prompt: Greet Ada., tags: [smoke], assert: [{contains: Good day}]}
  - {id: brief, prompt: Greet Ada., tags: [smoke], assert: [{word_count: {max: 5}}]}
  - id: moody
    prompt: Say how you feel.
    repeat: 20
    request: {temperature: 1.0}
    assert: [{contains: good}]
"""
RULES = """\
seed: 1
rules:
  - {text: Greet, replies: [Good day!]}
  - {text: feel, replies: [good, bad]}
"""


def python_in(section: str) -> list[str]:
    """Return the Python examples of a section of the page about Python."""
    (body,) = re.findall(
        rf"^## {section}\n(.*?)(?=^## |\Z)",
        PYTHON_PAGE.read_text("utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    examples: list[str] = re.findall(r"^```python\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
    return examples


def execute(examples: Sequence[str]) -> dict[str, Any]:
    """Execute examples one after the other, as the cells of a notebook."""
    names: dict[str, Any] = {"__name__": "notebook"}
    for number, example in enumerate(examples, 1):
        exec(compile(example, f"{PYTHON_PAGE.name}, example {number}", "exec"), names)  # noqa: S102
    return names


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project whose suites the examples in Python can run."""
    write_suite(tmp_path, SUITES, "suites/greetings.suite.yaml")
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "harness.toml").write_text('simulator_rules = "rules.yaml"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def house_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the assertion package that the page about Python shows."""
    about = tmp_path / "packages" / "house_style-1.0.dist-info"
    about.mkdir(parents=True)
    page = PYTHON_PAGE.read_text("utf-8")
    (shown,) = re.findall(r"^```text\n# pyproject.toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    ((group, points),) = tomllib.loads(shown)["project"]["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines))
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: house-style\nVersion: 1.0\n")
    (example,) = python_in("An assertion package")
    (tmp_path / "packages" / "house_style.py").write_text(example)
    monkeypatch.syspath_prepend(tmp_path / "packages")
    yield
    sys.modules.pop("house_style", None)


@pytest.mark.parametrize(("page", "kind", "text"), SHOWN)
def test_what_the_documentation_shows_can_be_used(
    page: Path, kind: str, text: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if page == PYTHON_PAGE:
        request.getfixturevalue("house_style")
    (tmp_path / "data").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "data" / "mails.csv").write_text("number,mail,queue\n1,Hi,billing\n")
    (tmp_path / "prompts" / "terse.md").write_text("One word.")
    (tmp_path / "prompts" / "long.md").write_text("Please translate {{ text }}.")
    (tmp_path / "files" / "invoice.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "rules.yaml").write_text("rules: []\n")

    if kind == "toml":
        (tmp_path / "harness.toml").write_text(text)
        assert read_settings(tmp_path, {}, {}).base_url
    else:
        assert plan_of(write_suite(tmp_path, text)).count()


def test_the_documentation_shows_suites_and_settings() -> None:
    assert {"yaml", "toml"} <= {parameters.values[1] for parameters in SHOWN}


def test_the_examples_for_a_notebook_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = execute(python_in("A run in a notebook"))

    printed = capsys.readouterr().out
    assert printed.startswith("2 trials, 2 calls\npassed 2/2 100.0 % [19.8, 100.0]\n")
    assert "greetings::polite Good day!\n" in printed
    assert names["comparison"].new.name == names["after"].id
    assert (project / "reports" / "review.html").is_file()


def test_the_example_of_a_report_lists_flaky_cases(project: Path) -> None:
    harness.run("suites", base_url="simulator")

    execute(python_in("A report of your own"))

    with (project / "flaky.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["case"], row["judged"], row["distinct replies"]) == ("greetings::moody", "20", "2")
    assert 0 < float(row["low"]) < int(row["passed"]) / 20 < float(row["high"]) < 1


@pytest.mark.usefixtures("house_style")
def test_the_example_of_an_assertion_package_judges(project: Path) -> None:
    (suite,) = (
        text for kind, text in BLOCK.findall(PYTHON_PAGE.read_text("utf-8")) if kind == "yaml"
    )
    (project / "rules.yaml").write_text("rules: [{text: Greet, replies: [HELLO 👋👋]}]")
    write_suite(project, suite, "tone/tone.suite.yaml")
    (project / "harness.toml").write_text('simulator_rules = "rules.yaml"\n')

    (outcome,) = harness.run("tone", base_url="simulator").outcomes()

    assert [(verdict["assertion"], verdict["reason"]) for verdict in outcome["verdicts"]] == [
        ("not_is_shouted", "the reply is in capital letters"),
        ("emoji_count", "the reply has 2 emoji"),
    ]
    assert outcome["outcome"] == "failed"


@pytest.mark.usefixtures("house_style")
def test_a_wrong_argument_of_the_example_package_is_refused(project: Path) -> None:
    write_cases(project, "  - {id: a, prompt: b, assert: [{is_shouted: false}]}\n")

    with pytest.raises(harness.BrokenSuitesError, match="`is_shouted`"):
        harness.load("test.suite.yaml")


class RecordingEnvironment(dict[str, str]):
    """An empty environment that remembers which variables were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return default


def variables_in_code() -> set[str]:
    """Return the names that the code looks up in an environment by a constant."""
    names: set[str] = set()
    for path in (ROOT / "harness").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                written, key = ast.unparse(node.func), node.args[0]
                is_look_up = re.search(r"(environ|environment)\.get$|getenv$", written)
            elif isinstance(node, ast.Subscript):
                written, key = ast.unparse(node.value), node.slice
                is_look_up = re.search(r"(environ|environment)$", written)
            else:
                continue
            if is_look_up and isinstance(key, ast.Constant):
                names.add(str(key.value))
    return names


def test_the_page_of_settings_lists_every_environment_variable(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").touch()
    environment = RecordingEnvironment()
    read_settings(tmp_path, environment, {})
    of_libraries = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"}

    rows = re.findall(r"^\| (`[A-Z].*?) \|", SETTINGS_PAGE.read_text("utf-8"), re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}

    assert listed == environment.names | variables_in_code() | of_libraries


def test_the_page_of_settings_shows_every_setting() -> None:
    page = SETTINGS_PAGE.read_text("utf-8")
    (shown,) = (tomllib.loads(text) for kind, text in BLOCK.findall(page) if kind == "toml")

    assert shown.keys() == names_of(Settings) - {"api_key"}
    assert shown["timeouts"].keys() == names_of(Timeouts)
    assert {name for price in shown["prices"].values() for name in price} == names_of(Price)
    assert all(name in page.partition("judge =")[2].partition("\n")[0] for name in JUDGE_REQUEST)


def names_of(data: type[Any]) -> set[str]:
    return {field.name for field in fields(data)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
