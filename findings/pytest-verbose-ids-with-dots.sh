#!/bin/sh
# pytest 9.2.0: `pytest -v` prints the dots in the name of a test as `::`, if the name that the item
# reports (`reportinfo`) is also the end of its node id; the id that it prints then selects nothing.
#
# Guess before running: the verbose line is the node id, `test_it.yaml::v1.2-intro`, as in the summary.
# Seen: `test_it.yaml::v1::2-intro PASSED`, while the node id is `test_it.yaml::v1.2-intro`, and
# `pytest test_it.yaml::v1::2-intro` ends with status 4, "not found".
# The cause is the step that makes a location of the node id's file and the reported domain: it takes
# a domain for a dotted Python name (`Class.method`).
#
# Valid input, public packages only; exits 1 if the behaviour changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pytest==9.2.0

cat >conftest.py <<'PY'
import pytest


def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".yaml":
        return Cases.from_parent(parent, path=file_path)


class Cases(pytest.File):
    def collect(self):
        for name in self.path.read_text().split():
            yield Case.from_parent(self, name=name)


class Case(pytest.Item):
    def runtest(self):
        pass

    def reportinfo(self):
        return self.path, 0, self.name
PY
echo "v1.2-intro plain" >test_it.yaml

venv/bin/python -m pytest -v -p no:cacheprovider >out.txt
grep PASSED out.txt
grep -q '^test_it.yaml::v1::2-intro PASSED' out.txt || { echo "changed: the dot is kept"; exit 1; }
grep -q '^test_it.yaml::plain PASSED' out.txt || { echo "changed: a name without a dot"; exit 1; }

status=0
venv/bin/python -m pytest -q -p no:cacheprovider "test_it.yaml::v1::2-intro" >out.txt 2>&1 || status=$?
[ "$status" -eq 4 ] || { echo "changed: the printed id selects (status $status)"; exit 1; }
venv/bin/python -m pytest -q -p no:cacheprovider "test_it.yaml::v1.2-intro" >out.txt 2>&1 ||
    { echo "changed: the node id does not select"; exit 1; }
echo "as described"
