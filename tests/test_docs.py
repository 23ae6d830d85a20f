"""Every suite and every settings file that the documentation shows can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.loading.settings import read_settings
from tests.support.suites import plan_of, write_suite

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(yaml|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = [
    pytest.param(kind, text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, (kind, text) in enumerate(BLOCK.findall(page.read_text("utf-8")))
]


@pytest.mark.parametrize(("kind", "text"), SHOWN)
def test_what_the_documentation_shows_can_be_used(kind: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "data" / "mails.csv").write_text("number,mail,queue\n1,Hi,billing\n")
    (tmp_path / "prompts" / "terse.md").write_text("One word.")
    (tmp_path / "files" / "invoice.pdf").write_bytes(b"%PDF-1.4\n")
    (tmp_path / "rules.yaml").write_text("rules: []\n")

    if kind == "toml":
        (tmp_path / "harness.toml").write_text(text)
        assert read_settings(tmp_path, {}, {}).base_url
    else:
        assert plan_of(write_suite(tmp_path, text)).count()


def test_the_documentation_shows_suites_and_settings() -> None:
    assert {"yaml", "toml"} <= {parameters.values[0] for parameters in SHOWN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
