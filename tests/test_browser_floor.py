"""The oldest browsers of docs/browsers.md: what static files are compiled to, and what scripts may use."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.views.settings import BOOKMARKLET
from tests import npm
from torbox_web.assets import bundling, lowering

ROOT = Path(settings.BASE_DIR)
FLOOR = {
    "chrome": "109", "chrome_android": "109", "webview_android": "109", "firefox": "115", "firefox_android": "115",
    "safari": "16", "safari_ios": "16",
}  # fmt: skip
OTHERS = ("vendor/idiomorph/idiomorph-ext.min.js", "mfa/js/webauthn-json.js", "django_htmx/htmx-2.min.js")
DEGRADES = {
    "ClipboardItem": "Copying without a second step",
    "registerProtocolHandler": "Opening magnet links",
    "Notification": "Push notifications",
    "requestPermission": "Push notifications",
    "showNotification": "Push notifications",
    "pushManager": "Push notifications",
    "getSubscription": "Push notifications",
    ":has": "has-classes.js",
    "text-wrap": "break less evenly",
    "outline": "square corners",
    "accent-color": "system's color",
    "scrollbar-width": "",  # ::-webkit-scrollbar does the same in those browsers
    "scrollbar-color": "",  # only for Firefox
    "print-color-adjust: exact": "",  # -webkit-print-color-adjust does the same in those browsers
    "content-visibility": "draw more slowly",
    "contain-intrinsic-block-size": "draw more slowly",
    "field-sizing": "fixed height",
    "resize": "can't be resized",
    "grid-template-rows: subgrid": "don't line up",
}
"""Newer features, and the words with which docs/browsers.md describes what happens without them."""
REFUSED = {
    "const sorted = [2, 1].toSorted();": "toSorted",
    "const waiting = Promise.withResolvers();": "Promise.withResolvers",
    "const fine = URL.canParse('x');": "URL.canParse",
    "const signal = AbortSignal.any([]);": "AbortSignal.any",
    "document.body.checkVisibility();": "checkVisibility",
    "document.body.showPopover();": "showPopover",
    "document.startViewTransition(() => {});": "startViewTransition",
    "const groups = Object.groupBy([], String);": "Object.groupBy",
    "const format = new Intl.DurationFormat('en');": "Intl.DurationFormat",
    "const all = new Set([1]).union(new Set([2]));": "union",
    "new CloseWatcher();": "CloseWatcher",
    "class A { static { A.b = 1; } }": "static {}",
    "const found = /(?<=a)b/.exec('ab');": "(?<=…)",
    "const found = /[a--b]/v.exec('a');": "Invalid regular expression flag",
    "using file = open();": "Unexpected token",
}
REFUSED_STYLES = {
    "a{color:light-dark(red,blue)}": "light-dark()",
    "a{color:color-mix(in srgb,var(--a),red)}": "color-mix()",
    "a:has(b){color:red}": ":has",
    "a{anchor-name:--a}": "anchor-name",
    "a{field-sizing:content}": "field-sizing",
    "a::details-content{color:red}": ":details-content",
}


def read(name: str) -> str:
    return (ROOT / "static" / name).read_text()


@pytest.fixture(scope="module")
def styles() -> str:
    return lowering.lowered(bundling.styles("css/app.css", read))


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory):
    folder = npm.installed(tmp_path_factory, ROOT / "tests" / "floor")

    def run(
        scripts: dict[str, str], vendored: dict[str, str] | None = None, styles: str = ""
    ) -> list[list[str]]:
        asked = json.dumps({"floor": FLOOR, "scripts": scripts, "vendored": vendored or {}, "styles": styles})
        done = subprocess.run(["node", "check.mjs"], cwd=folder, input=asked, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def vendored() -> dict[str, str]:
    return {name: Path(str(finders.find(name))).read_text() for name in OTHERS}


def scripts() -> dict[str, str]:
    worker = Client().get("/service-worker.js").content.decode()
    return {
        "js/app.js": bundling.modules("js/app.js", read),
        "service-worker.js": worker,
        "bookmarklet": BOOKMARKLET.removeprefix("javascript:"),
    }


def test_scripts_and_styles_use_only_features_of_the_oldest_browsers_or_documented_ones(check, styles):
    found = check(scripts(), vendored(), styles)
    assert {what for _, what in found} == set(DEGRADES), found
    document = (ROOT / "docs" / "browsers.md").read_text()
    assert not [what for what, words in DEGRADES.items() if words not in document]


def test_newer_script_features_would_be_found(check):
    found = check({source: source for source in REFUSED})
    assert {source for source, _ in found} == set(REFUSED)
    assert not [(source, what) for source, what in found if not what.startswith(REFUSED[source])]


def test_newer_style_features_would_be_found(check):
    found = {what for _, what in check({}, styles="".join(REFUSED_STYLES))}
    assert found == set(REFUSED_STYLES.values())


def test_a_method_that_the_script_checks_for_is_allowed(check):
    assert check({"sample": "navigator.setAppBadge?.(3); const own = { union: 1 }; own.union();"}) == []


def test_every_state_that_styles_select_with_has_is_also_a_class():
    sources = "".join(path.read_text() for path in (ROOT / "static" / "css").rglob("*.css"))
    asked = {found[1] for found in lowering.HAS.finditer(re.sub(r"/\*.*?\*/", "", sources, flags=re.DOTALL))}
    listed = re.search(r"const STATES = \[(.*?)\];", read("js/has-classes.js"), re.DOTALL)
    assert listed
    assert {one or other for one, other in re.findall(r"\"([^\"]+)\"|'([^']+)'", listed[1])} == asked
