"""axe over a page as it is."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BRIEF = {"resultTypes": ["violations"], "preload": False}  # nothing is fetched again, no film waited for
GLIDES = "document.getAnimations().filter((one) => one instanceof CSSTransition)"
SETTLED = f"Promise.all({GLIDES}.map((one) => one.finished.catch(() => null))).then(() => null)"
COLOURS = BRIEF | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def check(page: Page, name: str, scope: str | None = None) -> None:
    """Axe's full set once, and the colours again in the dark; all of the page, or `scope` of one seen before."""
    _in(page, "light")
    # An open menu lies over what is under it, as menus do.
    sizes = {"target-size": {"enabled": "menu" not in name}}
    options = BRIEF | {"runOnly": {"type": "tag", "values": TAGS}, "rules": sizes}
    light = AXE.run(page, scope, options)
    _in(page, "dark")
    dark = AXE.run(page, scope, COLOURS)
    found = [
        f"{name}, {theme}: {item['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for theme, results in (("light", light), ("dark", dark))
        for item in results.response["violations"]
        for node in item["nodes"][:3]
    ]
    assert not found, "\n".join(found)


def _in(page: Page, theme: str) -> None:
    """Colours glide from one theme to the other; halfway they are neither's."""
    page.emulate_media(color_scheme=theme)
    page.evaluate(SETTLED)
