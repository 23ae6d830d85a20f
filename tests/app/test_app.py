"""The names of `harness.app`, which are imported when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness import app


def test_the_public_names_are_sorted_and_all_there() -> None:
    constants = [name for name in app.__all__ if name.isupper()]
    classes = [name for name in app.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in app.__all__ if name.islower()]

    assert [*sorted(constants), *sorted(classes), *sorted(functions)] == app.__all__
    assert all(getattr(app, name) is not None for name in app.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(app, "nothing")  # noqa: B009


def test_planning_imports_nothing_that_runs_or_stores() -> None:
    code = (
        "import sys, harness.app as app\n"
        "assert callable(app.plan_run)\n"
        "print('harness.app.execute' in sys.modules, 'harness.store' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
