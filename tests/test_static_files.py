"""Sources are one file per behaviour and component; browsers get one style sheet and one script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from torbox_web import bundling
from torbox_web.static_storage import BundlingStorage

SOURCES = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "torbox_web.static_storage.BundlingStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def hashed(collected: Path, name: str) -> Path:
    return collected / json.loads((collected / "staticfiles.json").read_text())["paths"][name]


def read_from(**files: str):
    return {name.replace("_", "/") + ".js": text for name, text in files.items()}.__getitem__


def test_the_collected_style_sheet_and_script_import_nothing_and_hold_every_source(collected):
    style, script = (hashed(collected, name).read_text() for name in ("css/app.css", "js/app.js"))
    assert "@import" not in style
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    for path in SOURCES.glob("js/**/*.js"):
        assert path.name == "app.js" or f"// {path.relative_to(SOURCES)}\n" in script
    for path in SOURCES.glob("css/**/*.css"):
        assert path.name == "app.css" or f"/* {path.relative_to(SOURCES)} */\n" in style


def test_fonts_named_in_the_collected_style_sheet_are_there_under_their_hashed_names(collected):
    sheet = hashed(collected, "css/app.css")
    fonts = re.findall(r'url\("([^"]+\.woff2)"\)', sheet.read_text())
    assert fonts
    assert all(
        re.search(r"\.[0-9a-f]{12}\.woff2$", font) and (sheet.parent / font).exists() for font in fonts
    )


def test_collecting_again_gives_the_same_files_and_a_changed_source_another_name(collected, tmp_path):
    first = hashed(collected, "js/app.js")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert hashed(collected, "js/app.js") == first
    assert Path(f"{first}.gz").exists()


def test_what_two_modules_import_is_there_once_and_names_do_not_meet():
    read = read_from(
        app='import "./a.js";\nimport "./b.js";\n',
        a='import { size } from "./size.js";\nconst MOST = size(1);\n',
        b='import { size } from "./size.js";\nconst MOST = size(2);\n',
        size="export const size = (n) => n;\n",
    )
    script = bundling.modules("app.js", read)
    assert script.count("const size = (n) => n;") == 1
    assert script.index("const size") < script.index("size(1)") < script.index("size(2)")
    assert script.count("(() => {") == 4


@pytest.mark.parametrize(
    "source",
    [
        'import size from "./size.js";\n',
        "export default 1;\n",
        'const later = import("./size.js");\n',
        "const here = import.meta.url;\n",
        'export { size } from "./size.js";\n',
    ],
)
def test_what_bundling_does_not_understand_it_refuses_by_name(source):
    with pytest.raises(bundling.CannotBundle, match=re.escape("app.js says")):
        bundling.modules("app.js", read_from(app=source))


def test_modules_that_import_each_other_are_refused():
    read = read_from(app='import "./a.js";\n', a='import "./b.js";\n', b='import "./a.js";\n')
    with pytest.raises(bundling.CannotBundle, match="import each other"):
        bundling.modules("app.js", read)


def test_an_import_of_a_file_that_is_not_there_says_who_needs_what(tmp_path, settings):
    storage = BundlingStorage(location=tmp_path)
    (tmp_path / "app.js").write_text('import "./gone.js";\n')
    with pytest.raises(bundling.CannotBundle, match=re.escape("js/app.js needs js/gone.js")):
        list(storage.post_process({"js/app.js": (storage, "app.js")}))


def test_addresses_in_an_imported_style_sheet_are_right_from_where_it_is_put():
    sheets = {
        "css/app.css": '@import url("./parts/row.css");\n',
        "css/parts/row.css": 'a { b: url("../../img/x.svg"); }',
    }
    assert 'url("../img/x.svg")' in bundling.styles("css/app.css", sheets.__getitem__)
