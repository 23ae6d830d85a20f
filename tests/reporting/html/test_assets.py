"""What the page is made of: pinned, licensed, small, and allowed to do nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from harness.reporting.html.assets import read_assets, vendored
from harness.reporting.html.packing import script_json
from tests.support.page_runs import mixed
from tests.support.pages import write_page

VENDOR = Path("harness/reporting/html/vendor")


@pytest.mark.parametrize("entry", vendored(), ids=lambda entry: entry["name"])
def test_a_vendored_file_is_the_one_that_was_pinned(entry: dict[str, str]) -> None:
    digest = hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest()

    assert digest == entry["sha256"]
    assert entry["version"] in entry["file"]
    for name in entry["licence_files"]:
        assert len((VENDOR / name).read_text("utf-8")) > 500


def test_nothing_is_vendored_without_being_listed() -> None:
    listed = {entry["file"] for entry in vendored()}

    assert {path.name for path in VENDOR.glob("*.js")} == listed


def test_the_page_without_its_data_is_small(tmp_path: Path) -> None:
    assert write_page(tmp_path / "r.html", []).stat().st_size <= 200_000


def test_the_policy_allows_just_the_scripts_and_the_style_of_the_page(tmp_path: Path) -> None:
    text = write_page(tmp_path / "r.html", mixed(2)).read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)

    assert policy is not None
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith("default-src 'none'")
    assert len(scripts) == len(read_assets().scripts)
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in allowed
    assert "unsafe" not in allowed
    assert "http" not in allowed


@pytest.mark.parametrize("text", ["</script>", "<!--", "a & b", "\u2028", "\ud800", "é"])
def test_data_in_a_script_never_ends_it(text: str) -> None:
    import json

    written = script_json({"a": text})

    assert json.loads(written) == {"a": text}
    assert not {"<", ">", "&", "\u2028"} & set(written)
