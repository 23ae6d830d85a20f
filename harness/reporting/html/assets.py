"""What a page consists of beside its data: styles, our own scripts and vendored ones."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from harness.reporting.html.modules import bundled
from harness.reporting.html.packing import script_json

_HERE = Path(__file__).parent
_APP = _HERE / "app"
_VENDOR = _HERE / "vendor"


@dataclass(frozen=True, slots=True)
class Assets:
    """The texts between the tags of a page.

    Attributes:
        worker: What runs beside the page, as JSON: a text until the page makes a worker of it.
    """

    style: str
    scripts: tuple[str, ...]
    worker: str

    def policy(self, *, is_split: bool = False) -> str:
        """Return the content security policy that allows these and nothing else.

        Args:
            is_split: Whether files beside the page are loaded too, from a disk or its own server.

        Source:
            W3C, "Content Security Policy Level 3", 2.3.1 for the hashes.
        """
        scripts = " ".join(_hash(script) for script in self.scripts)
        scripts += " file: 'self'" if is_split else ""
        return (
            f"default-src 'none'; script-src {scripts}; style-src {_hash(self.style)};"
            " img-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"
        )


def read_assets() -> Assets:
    """Return the assets as they lie beside this module."""
    library, diff = ((_VENDOR / entry["file"]).read_text("utf-8") for entry in vendored())
    return Assets(
        (_APP / "style.css").read_text("utf-8"),
        (library, bundled(_APP / "main.js")),
        script_json(diff + "\n" + bundled(_APP / "worker.js")),
    )


def vendored() -> list[dict[str, str]]:
    """Return name, version, checksum and licences of the vendored files."""
    entries: list[dict[str, str]] = json.loads((_VENDOR / "vendor.json").read_text("utf-8"))
    return entries


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
