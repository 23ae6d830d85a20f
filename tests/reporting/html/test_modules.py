"""Modules become one script: in order, without circles, without clashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.reporting.html.modules import ModuleError, bundled, exported, import_order

APP = Path("harness/reporting/html/app")


def modules(folder: Path, **texts: str) -> Path:
    """Write modules; return the one that is called main."""
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, "utf-8")
    return folder / "main.js"


def test_a_module_stands_once_and_after_all_that_it_imports(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\na(b);\n',
        a='import { b } from "./b.js";\nexport function a() { return b; }\n',
        b="export const b = 1;\n",
    )

    assert [path.name for path in import_order(entry)] == ["b.js", "a.js", "main.js"]
    assert bundled(entry) == (
        '(() => {\n"use strict";\n'
        "const { b } = (() => {\nconst b = 1;\nreturn { b };\n})();\n"
        "const { a } = (() => {\nfunction a() { return b; }\nreturn { a };\n})();\n"
        "(() => {\na(b);\n})();\n"
        "})();\n"
    )


def test_imports_over_several_lines_are_understood(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main='import {\n  one, two,\n} from "./a.js";\n',
        a="export const {\n  one, two,\n} = source;\n",
    )

    assert "const { one, two } = (() => {" in bundled(entry)
    assert "import" not in bundled(entry)


def test_all_kinds_of_declarations_can_be_exported() -> None:
    text = (
        "export const a = 1;\nexport function b() {}\nexport async function c() {}\n"
        "export class D {}\nexport const { e, f } = g;\nconst hidden = 1;\n  export_me();\n"
    )

    assert exported(text) == ["a", "b", "c", "D", "e", "f"]


def test_names_that_modules_keep_to_themselves_may_be_equal(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main='import { a } from "./a.js";\nconst own = a;\n',
        a="const own = 1;\nexport const a = own;\n",
    )

    assert bundled(entry).count("const own") == 2


def test_names_that_two_modules_export_are_refused(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main='import { a } from "./a.js";\nimport { b } from "./b.js";\n',
        a="export const a = 1;\n",
        b="export const b = 1;\nexport const a = 2;\n",
    )

    with pytest.raises(ModuleError, match=r"a is exported by a\.js and by b\.js"):
        bundled(entry)


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main='import { a } from "./a.js";\n',
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )

    with pytest.raises(ModuleError, match=r"a\.js -> b\.js -> a\.js"):
        bundled(entry)


@pytest.mark.parametrize(
    "line",
    [
        'import { a as b } from "./a.js";',
        'import * as a from "./a.js";',
        'import a from "./a.js";',
        'import "./a.js";',
        'import { a } from "elsewhere";',
        "import { a } from './a.js';",
        "export default 1;",
        "export { a };",
        "export let a = 1;",
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, line: str) -> None:
    entry = modules(tmp_path, main=f"{line}\n", a="export const a = 1;\n")

    with pytest.raises(ModuleError, match=r"main\.js"):
        bundled(entry)


def test_comments_on_lines_of_their_own_are_left_out(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        main=(
            "// @ts-check\n/** @typedef {string} A */\n/**\n * Says a.\n */\nconst a = 1;  // why\n"
            "  /** @type {A} */ (a).b();\n/** @type {A} */\nconst b = 2;\n"
        ),
    )

    inside = bundled(entry).split("(() => {\n")[2]
    assert inside == (
        "const a = 1;  // why\n  /** @type {A} */ (a).b();\nconst b = 2;\n})();\n})();\n"
    )


def test_every_script_is_part_of_the_page_or_of_its_worker() -> None:
    used = {*import_order(APP / "main.js"), *import_order(APP / "worker.js")}

    assert used == set(APP.glob("*.js"))


@pytest.mark.parametrize("path", sorted(APP.glob("*.js")), ids=lambda path: path.stem)
def test_the_types_of_every_script_are_checked(path: Path) -> None:
    assert path.read_text("utf-8").startswith("// @ts-check\n")


def test_modules_that_make_no_markup_need_no_browser() -> None:
    tests = {
        path.name.removesuffix(".test.js")
        for path in Path("tests/reporting/html/app").glob("*.test.js")
    }

    for name in tests:
        assert "preact.js" not in {path.name for path in import_order(APP / f"{name}.js")}, name
