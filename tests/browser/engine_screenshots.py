"""`python -m tests.browser.engine_screenshots`: the pages that differ most between browsers, into screenshots/.

In today's Chromium, in Chromium 109 with and without :has(), in Firefox, and in WebKit, whose window is 447 px wide at
least. Names of browsers make only theirs: today, old, plain, firefox, webkit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests import npm
from tests.browser import screenshots
from tests.browser.conftest import ARGS, CHROMIUM, Stack, run_stack
from tests.browser.engines import ENGINES
from tests.browser.test_old_chromium import HERE, WITHOUT_HAS
from tests.browser.test_other_engines import Visitor

NAMES = ("sign-in", "list", "menu", "dialog", "selection", "preview")
ACTIONS = {
    "menu": "row.querySelector('.row-actions row-menu > a').click()",
    "dialog": "row.querySelector('row-menu').choose('.danger')",
    "selection": "for (const at of [3, 5]) document.querySelectorAll('input[name=ids]')[at].click()",
    "preview": """const field = document.getElementById("add-text");
        field.value = arguments[0];
        field.dispatchEvent(new Event("input"));""",
}
ROW = "const row = [...document.querySelectorAll('.row')].find((it) => it.innerText.includes('Caruso'));"
SHOWN = {
    "dialog": "dialog",
    "selection": ".selection-bar",
    "preview": ".preview-row",
    "menu": ".row .menu-list",
}


def main(wanted: set[str]) -> None:
    screenshots.FOLDER.mkdir(exist_ok=True)
    with run_stack("household", prepare=("seeddemo",)) as stack:
        screenshots.prepare(stack)
        chromiums(stack, wanted)
        for name in wanted & ENGINES.keys():
            with ENGINES[name]() as driver:
                other(stack, name, Visitor(driver, stack))


def chromiums(stack: Stack, wanted: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        npm.install(HERE, Path(folder) / "old")
        old = str(Path(folder) / "old" / "chromium")
        kinds = {
            "today": (CHROMIUM, []),
            "old": (old, ["--no-zygote"]),
            "plain": (old, ["--no-zygote", WITHOUT_HAS]),
        }
        for kind, (program, more) in kinds.items():
            if kind in wanted:
                browser = playwright.chromium.launch(executable_path=program, args=[*ARGS, *more])
                states = {name: screenshots.FINE[name] for name in NAMES}
                screenshots.shoot(stack, browser, states, prefix=f"{kind}-")
                browser.close()


def other(stack: Stack, engine: str, visitor: Visitor) -> None:
    for width, height in screenshots.WIDTHS.items():
        visitor.driver.delete_all_cookies()
        resize(engine, visitor.driver, width, height)
        for name in NAMES:
            if name == "list":
                sign_in(visitor)
            visitor.open("/sign-in/" if name == "sign-in" else "/")
            visitor.see("[name=login]" if name == "sign-in" else ".row")
            if name in ACTIONS:
                visitor.driver.execute_script(ROW + ACTIONS[name], screenshots.PASTE)
                visitor.see(SHOWN[name])
            time.sleep(1)  # fonts, and what glides
            for theme in screenshots.THEMES:
                visitor.run(f"document.documentElement.dataset.appearance = '{theme}'")
                time.sleep(0.3)
                visitor.driver.save_screenshot(
                    str(screenshots.FOLDER / f"{engine}-{name}-{width}-{theme}.png")
                )
                print(f"{engine}-{name}-{width}-{theme}.png", flush=True)


def sign_in(visitor: Visitor) -> None:
    visitor.open("/sign-in/")
    visitor.type("[name=login]", "mara")
    visitor.type("[name=password]", screenshots.PASSWORD, "\ue007")
    visitor.see("#add-text")


def resize(engine: str, driver: Any, width: int, height: int) -> None:
    if engine == "firefox":
        size = {"width": width, "height": height}
        driver.browsing_context.set_viewport(context=driver.current_window_handle, viewport=size)
    else:
        driver.set_window_size(width, height)


if __name__ == "__main__":
    main(set(sys.argv[1:]) or {"today", "old", "plain", "firefox", "webkit"})
