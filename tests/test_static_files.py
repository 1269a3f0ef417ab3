"""Static files: sources are many files, and browsers get one style sheet and one script."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.test import RequestFactory

from care.static_files import collect_if_changed
from torbox_web.assets import bundling
from torbox_web.assets.static_files import CollectedFilesMiddleware
from torbox_web.assets.storage import BundlingStorage

BUNDLED = {"BACKEND": "torbox_web.assets.storage.BundlingStorage"}
SOURCES = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def collected(tmp_path, settings) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": BUNDLED,
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def hashed(collected: Path, name: str) -> Path:
    return collected / json.loads((collected / "staticfiles.json").read_text())["paths"][name]


def read_from(**files: str):
    return {name.replace("_", "/") + ".js": text for name, text in files.items()}.__getitem__


def test_the_collected_style_sheet_and_script_contain_every_source(collected):
    style, script = (hashed(collected, name).read_text() for name in ("css/app.css", "js/app.js"))
    assert "@import" not in style
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    for path in SOURCES.glob("js/**/*.js"):
        assert path.name in ("app.js", "visitor.js") or f"// {path.relative_to(SOURCES)}\n" in script
    together = bundling.styles("css/app.css", lambda name: (SOURCES / name).read_text())
    for path in SOURCES.glob("css/**/*.css"):
        assert path.name == "app.css" or f"/* {path.relative_to(SOURCES)} */\n" in together


def test_fonts_in_the_collected_style_sheet_exist_under_their_hashed_names(collected):
    sheet = hashed(collected, "css/app.css")
    fonts = re.findall(r'url\("?([^")]+\.woff2)"?\)', sheet.read_text())
    assert fonts
    assert all(
        re.search(r"\.[0-9a-f]{12}\.woff2$", font) and (sheet.parent / font).exists() for font in fonts
    )


def test_collecting_is_reproducible_and_a_changed_source_changes_the_name(collected, tmp_path):
    first = hashed(collected, "js/app.js")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert hashed(collected, "js/app.js") == first
    assert Path(f"{first}.gz").exists() and Path(f"{first}.br").exists()


@pytest.mark.parametrize("name", ["css/app.css", "js/app.js", "django_htmx/htmx-2.min.js", "img/icons.svg"])
def test_browsers_get_the_smallest_encoding_that_they_accept(collected, name):
    path = hashed(collected, name).relative_to(collected)
    middleware = CollectedFilesMiddleware(lambda request: HttpResponse(status=404))

    def encoded(accepted: str) -> tuple[str | None, int]:
        request = RequestFactory().get(f"/static/{path}", headers={"Accept-Encoding": accepted})
        answer = middleware(request)
        return answer.get("Content-Encoding"), int(answer["Content-Length"])

    brotli, gzip, plain = (encoded(accepted) for accepted in ("gzip, deflate, br, zstd", "gzip", "identity"))
    assert (brotli[0], gzip[0], plain[0]) == ("br", "gzip", None)
    assert brotli[1] < gzip[1] < plain[1]


def test_what_pages_do_not_load_is_not_collected(collected):
    assert {path.name for path in (collected / "django_htmx").glob("htm*.js")} == {
        "htmx-2.min.js",
        hashed(collected, "django_htmx/htmx-2.min.js").name,
    }


def test_files_are_collected_again_only_if_one_is_missing_or_a_source_has_changed(tmp_path, settings):
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "static", [tmp_path / "sources"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": BUNDLED}
    source = tmp_path / "sources" / "one.txt"
    source.parent.mkdir()
    source.write_text("first")
    collect_if_changed()
    copy = settings.STATIC_ROOT / "one.txt"
    assert copy.read_text() == "first"
    copy.write_text("not collected again")
    collect_if_changed()
    assert copy.read_text() == "not collected again"
    copy.unlink()
    collect_if_changed()
    assert copy.read_text() == "first"
    source.write_text("second")
    os.utime(source, (source.stat().st_atime, source.stat().st_mtime + 2))  # a second is the same to Django
    collect_if_changed()
    assert copy.read_text() == "second"


def test_a_shared_import_is_bundled_once_and_names_do_not_collide():
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
    with pytest.raises(bundling.CannotBundle, match=re.escape("app.js contains")):
        bundling.modules("app.js", read_from(app=source))


def test_modules_that_import_each_other_are_refused():
    read = read_from(app='import "./a.js";\n', a='import "./b.js";\n', b='import "./a.js";\n')
    with pytest.raises(bundling.CannotBundle, match="import each other"):
        bundling.modules("app.js", read)


def test_an_import_of_a_file_that_does_not_exist_is_named_with_its_importer(tmp_path, settings):
    storage = BundlingStorage(location=tmp_path)
    (tmp_path / "app.js").write_text('import "./gone.js";\n')
    with pytest.raises(bundling.CannotBundle, match=re.escape("js/app.js imports js/gone.js")):
        list(storage.post_process({"js/app.js": (storage, "app.js")}))


def test_urls_in_an_imported_style_sheet_are_adjusted():
    sheets = {
        "css/app.css": '@import url("./parts/row.css");\n',
        "css/parts/row.css": 'a { b: url("../../img/x.svg"); }',
    }
    assert 'url("../img/x.svg")' in bundling.styles("css/app.css", sheets.__getitem__)


MADE_BY_LIBRARIES = {"errorlist", "htmx-request"}
"""Classes that Django's forms and htmx set."""
CODE = ("accounts", "api", "care", "links", "notifications", "saving", "torbox_web", "torrents")


def classes_in_styles() -> set[str]:
    sheets = "".join(path.read_text() for path in SOURCES.glob("css/**/*.css"))
    bare = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", sheets, flags=re.DOTALL)
    selectors = re.findall(r"([^{};]+)\{", bare)
    return {name for selector in selectors for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)}


def words_that_may_be_classes() -> set[str]:
    """Return words in class attributes of templates, and in short strings of scripts and Python."""
    root = Path(settings.BASE_DIR)
    words: set[str] = set()
    for template in (root / "templates").rglob("*.html"):
        text = re.sub(r"\{[%#].*?[%#]\}", " ", template.read_text())
        words.update(*map(str.split, re.findall(r'\bclass="([^"]*)"', text)))
    for script in SOURCES.glob("js/**/*.js"):
        strings = re.findall(r"\"[^\"\n]*\"|`[^`]*`|'[^'\n]*'", script.read_text())
        words.update(*(re.findall(r"[\w-]+", string) for string in strings))
    for module in (path for folder in CODE for path in (root / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 60:
                words.update(node.value.split())
    return words


def test_every_class_of_a_style_sheet_is_set_by_a_template_a_script_or_python():
    set_by_icons = {name for name in classes_in_styles() if name.startswith("icon-")}  # tests/test_icons.py
    assert not classes_in_styles() - words_that_may_be_classes() - MADE_BY_LIBRARIES - set_by_icons


def test_one_helper_shows_toasts_for_all_scripts():
    dispatching = [
        path.name for path in SOURCES.glob("js/**/*.js") if 'CustomEvent("toast"' in path.read_text()
    ]
    assert dispatching == ["toast.js"]


@pytest.mark.parametrize("path", sorted(SOURCES.glob("js/elements/*.js")), ids=lambda path: path.stem)
def test_a_custom_element_stops_listening_when_it_is_removed(path: Path):
    """Listeners end with one AbortController, so that a moved element doesn't listen twice."""
    body = path.read_text().partition("\nclass ")[2]
    assert body
    assert "removeEventListener" not in body
    if "addEventListener(" in body:
        connected, _, disconnected = body.partition("disconnectedCallback()")
        assert "this.listening = new AbortController();" in connected
        assert "this.listening.abort();" in disconnected
    calls = re.split(r"(?<!signal\.)\baddEventListener\(", body)[1:]
    assert all(re.search(r"\bsignal\b", call) for call in calls), "each passes the signal"


@pytest.fixture
def served(collected) -> Callable[[str], int]:
    """Return the status of a path under /static/, from the middleware of a new process."""
    (collected / ".env").write_text("SECRET")
    (collected / "encryption-keys").write_text("SECRET")
    (collected / "torbox-web.sqlite3").write_text("SECRET")
    (collected / "css" / "notes.txt").write_text("SECRET")
    outside = collected.parent / f"{collected.name}-outside"
    outside.mkdir()
    (outside / "secret.css").write_text("SECRET")
    (collected / "linked").symlink_to(outside)
    (collected / "css" / "linked.css").symlink_to(outside / "secret.css")
    (collected / "css" / "base.css").unlink()
    (collected / "css" / "base.css").symlink_to(outside / "secret.css")

    def status(path: str) -> int:
        middleware = CollectedFilesMiddleware(lambda request: HttpResponse(status=404))
        return middleware(RequestFactory().get(f"/static/{path}")).status_code

    return status


def test_collected_files_are_served_including_those_of_the_previous_version(collected, served):
    name = str(hashed(collected, "js/app.js").relative_to(collected))
    before = re.sub(r"[0-9a-f]{12}", "0123456789ab", name)
    (collected / before).write_text("")
    assert [served(path) for path in ("js/app.js", name, before)] == [200, 200, 200]


@pytest.mark.parametrize(
    "path",
    [
        ".env", "encryption-keys", "torbox-web.sqlite3", "staticfiles.json", "css/notes.txt", "linked/secret.css",
        "css/linked.css", "css/base.css", "../manage.py", "%2e%2e/manage.py", "css/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("debug", [False, True])
def test_no_other_files_and_no_symbolic_links_are_served(served, path, debug, settings):
    settings.DEBUG = debug
    from_source = debug and path == "css/base.css"
    assert served(path) == (200 if from_source else 404)
