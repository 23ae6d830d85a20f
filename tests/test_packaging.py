"""What is published: what the code imports is declared, and a wheel holds what it needs."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

import harness
from tests.support.processes import harness as run_harness

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def imported_modules() -> set[str]:
    """Return the packages of others that any module of harness imports."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "harness").rglob("*.py"))
    names = {name.partition(".")[0] for tree in trees for name in imports_in(tree)}
    return names - set(sys.stdlib_module_names) - {"harness"}


def imports_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def names_of(requirements: Iterable[str]) -> set[str]:
    """Return the names in requirements such as `httpx>=0.28`, as packages compare them."""
    names = (re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    installed = packages_distributions()
    imported = names_of(name for module in imported_modules() for name in installed[module])
    extras = PROJECT["optional-dependencies"]
    offered = names_of(name for extra in set(extras) - {"dev"} for name in extras[extra])

    assert imported == names_of(PROJECT["dependencies"]) | offered


def test_the_version_stands_in_one_place() -> None:
    done = run_harness("--version", cwd=ROOT)

    assert PROJECT["dynamic"] == ["version"]
    assert done.stdout.strip() == f"harness, version {harness.__version__}"


def test_the_schema_of_run_files_is_printed() -> None:
    done = run_harness("schema", "--run", cwd=ROOT)

    assert json.loads(done.stdout)["title"] == "A line of a run file"
    assert done.stdout == (ROOT / "schemas" / "run.schema.json").read_text("utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # without isolation nothing is downloaded: what builds it is installed for the tests
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT],
        check=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


def metadata_of(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


@pytest.mark.slow
def test_a_wheel_holds_code_types_schemas_and_what_the_page_is_made_of(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())

    code = {str(path.relative_to(ROOT)) for path in (ROOT / "harness").rglob("*.py")}
    page = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "harness" / "reporting" / "html").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    schemas = {f"harness/schemas/{name}.schema.json" for name in ("run", "suite")}
    assert {*code, *page, *schemas, "harness/py.typed"} <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "harness", "prompt_harness",
    }  # fmt: skip


@pytest.mark.slow
def test_a_wheel_says_its_version_and_where_the_project_lives(wheel: Path) -> None:
    metadata = metadata_of(wheel)

    assert metadata["Version"] == harness.__version__
    links = [link.partition(", ")[0] for link in metadata.get_all("Project-URL", ())]
    assert links == ["Homepage", "Documentation", "Changelog", "Issues"]


@pytest.mark.slow
def test_the_schemas_in_a_wheel_are_found_there(wheel: Path, tmp_path: Path) -> None:
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)

    done = run_harness("schema", "--run", cwd=tmp_path, environment={"PYTHONPATH": str(tmp_path)})

    assert json.loads(done.stdout)["title"] == "A line of a run file"
