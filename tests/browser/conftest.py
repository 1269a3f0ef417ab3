"""The whole app as people run it: web, worker with beat, and a simulated TorBox, in processes of their own.

Only beat goes round faster, passwords are hashed in no time, and more people may sign in (tests/quick_settings.py).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Error

import simulator.server
from tests.browser.furnishing import furnish, new_key
from tests.browser.saving_jobs import SAVER, save_in_every_state
from tests.browser.sharing import share_film
from tests.browser.telling import tell_every_kind
from tests.managing import Manager
from tests.needs import lacking
from tests.servers import free_port
from tests.stacks import Backing, backing

ROOT = Path(__file__).resolve().parents[2]
# The first has no windows to get ready that nobody looks at, and a page costs it a third of what it costs the others.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a long enough password"
PATIENCE = 20_000  # milliseconds; the machine may be busy with other tests
QUICK = {"WATCH_SECONDS": "2", "UNDO_SECONDS": "2"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in Path(str(item.fspath)).parts:
            item.add_marker(pytest.mark.browser)


@dataclass
class Stack:
    """A running instance: `manage` runs a command in it, `log` is what its processes printed.

    Of what it left behind when it ended: how many files were looked through, and which hold an API key or the token of
    a lasting link or of the API.
    """

    url: str
    env: dict[str, str]
    data: Path
    sim: simulator.server.Running
    backing: Backing
    manager: Manager | None = None
    looked_through: int = 0
    with_a_key: list[str] = field(default_factory=list)
    with_a_token: list[str] = field(default_factory=list)

    @property
    def save_dir(self) -> Path:
        return self.data / "save"

    @property
    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.data.glob("*.log"))

    def manage(self, *words: str, line: str = "") -> str:
        assert self.manager
        return self.manager.run(*words, line=line)

    def person(self, name: str, key: str = "", command: str = "createperson") -> None:
        self.manage(command, name, line=f"{PASSWORD}\n")
        if key:
            self.manage("connect", name, line=f"{key}\n")


# Of the package and not of the session: an instance that nobody looks at any more works on every second.
@pytest.fixture(scope="package")
def stack() -> Iterator[Stack]:
    if "RUNNING_INSTANCE" in os.environ:
        from tests.browser.elsewhere import running_elsewhere

        yield running_elsewhere()
        return
    if CHROMIUM is None:
        lacking("Chromium is not installed.")
    with run_stack(saves=True) as running:
        yield running
    assert running.looked_through > 3
    assert not running.with_a_key, "API keys were written down"
    assert not running.with_a_token, "tokens of lasting links or of the API were written down"


@contextmanager
def run_stack(
    scenario: str = "empty",
    prepare: tuple[str, ...] = (),
    variables: dict[str, str] | None = None,
    *,
    saves: bool = False,
) -> Iterator[Stack]:
    """Everything started, `prepare` commands of manage.py run, and everything ended and removed again.

    `variables`: settings that differ from those of the suite. `saves`: it has a saver and a SAVE_DIR, without folders.
    """
    data = Path(tempfile.mkdtemp(prefix="torbox-web-browser-"))
    servers = os.environ.get("STACK") == "postgres"
    with (
        simulator.server.start(scenario=scenario) as sim,
        backing(data, postgres=servers, redis=servers) as below,
    ):
        running = Stack(f"http://127.0.0.1:{free_port()}", {}, data, sim, below)
        running.env = environment(running) | (variables or {})
        if saves:
            running.save_dir.mkdir()
            running.env["SAVE_DIR"] = str(running.save_dir)
        try:
            with Manager(running.env) as running.manager, processes(running, prepare):
                yield running
                tokens = running.manage("shell", "--no-imports", "-c", TOKENS).split()
            look_through(running, tokens)
        finally:
            shutil.rmtree(data, ignore_errors=True)


@contextmanager
def processes(running: Stack, prepare: tuple[str, ...]) -> Iterator[None]:
    for command in ("prepare", *prepare):
        running.manage(command)
    wanted = {
        name: line for name, line in commands().items() if name != "saver" or running.env.get("SAVE_DIR")
    }
    started = [start(running, name, command) for name, command in wanted.items()]
    try:
        wait_for(running)
        yield
    finally:
        stop(started)


def environment(running: Stack) -> dict[str, str]:
    return (
        os.environ
        | QUICK
        | running.backing.variables
        | {
            "DATA_DIR": str(running.data),
            "STATIC_ROOT": str(running.data / "static"),
            "PORT": running.url.rsplit(":", 1)[1],
            "SITE_URL": running.url,
            "TORBOX_API_URL": running.sim.url,
            "LOG_LEVEL": "DEBUG",
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
        }
    )


def commands() -> dict[str, list[str]]:
    """The lines of the Procfile."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    named = [line.replace("${TMPDIR:-/tmp}", "/tmp").partition(": ") for line in lines]
    return {name: [sys.executable, "-m", *command.split()] for name, _, command in named}


def start(running: Stack, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    log = (running.data / f"{name}.log").open("wb")
    return subprocess.Popen(
        command, env=running.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
    )


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def wait_for(running: Stack) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            requests.get(f"{running.url}/sign-in/", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    pytest.fail(f"The app did not start:\n{running.log[-3000:]}")


TOKENS = """
from links.models import LastingLink
from links.tokens import token_of

print(*map(token_of, LastingLink.objects.values_list("nonce", flat=True)))
"""


API_TOKEN = re.compile(rb"tbw_[A-Za-z0-9]{32}")  # which the app stores nowhere


def look_through(running: Stack, tokens: list[str]) -> None:
    """Database, queue, logs: whatever the processes left behind and that holds an API key or a token as it is."""
    keys = [key.encode() for account in running.sim.control.state()["accounts"] for key in account["keys"]]
    running.backing.write_down()
    folders = running.backing.folders
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    running.looked_through = len(files) if keys else 0
    running.with_a_key = holding(files, keys)
    running.with_a_token = holding(files, [token.encode() for token in tokens])
    running.with_a_token += [str(path) for path in files if API_TOKEN.search(path.read_bytes())]


def holding(files: list[Path], secrets: list[bytes]) -> list[str]:
    return [str(path) for path in files if any(secret in path.read_bytes() for secret in secrets)]


@pytest.fixture(scope="package")
def playwright():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(stack, playwright):
    chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
    yield chromium
    chromium.close()


@pytest.fixture
def open_page(browser, stack):
    """A page of a browser of its own; errors of scripts and refusals of the content policy fail the test."""
    contexts, problems = [], []

    def make(**options):
        options = {"service_workers": "block"} | options
        context = new_context(browser, stack, problems, **options)
        contexts.append(context)
        return context.new_page()

    make.problems = problems
    yield make
    for context in contexts:
        context.close()
    assert not problems


def new_context(browser, stack, problems: list[str], **options):
    """A browser of its own that writes down what goes wrong on its pages."""
    context = browser.new_context(**({"base_url": stack.url} | options))
    context.set_default_timeout(PATIENCE)
    context.expose_binding("reportViolation", lambda _, text: problems.append(text))
    context.add_init_script(REPORT_VIOLATIONS)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    context.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    return context


@pytest.fixture(scope="package")
def household(stack: Stack) -> str:
    """Somebody with a furnished list; the name to sign in with."""
    key = new_key(stack)
    furnish(stack, key)
    stack.person("greta", key, command="createowner")
    return "greta"


@pytest.fixture(scope="package")
def problems() -> list[str]:
    return []


@pytest.fixture(scope="package")
def context(stack: Stack, household: str, browser, problems):
    """The browser of that person, signed in; one for all tests, so that it loads each file once."""
    from playwright.sync_api import expect

    context = new_context(browser, stack, problems, reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    sign_in(page, household)
    eventually(page, expect(page.locator(".row").first).to_be_visible)
    page.close()
    tell_every_kind(stack, household)
    share_film(stack, household)
    yield context
    context.close()


@pytest.fixture(scope="package")
def saving_context(stack: Stack, household: str, browser, problems):
    """The browser of someone whose torrents are being saved to disk, signed in."""
    save_in_every_state(stack)
    context = new_context(browser, stack, problems, reduced_motion="reduce", service_workers="block")
    page = context.new_page()
    sign_in(page, SAVER)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(context, problems) -> Iterator[Any]:
    yield from page_of(context, problems)


@pytest.fixture
def saving_page(saving_context, problems) -> Iterator[Any]:
    yield from page_of(saving_context, problems)


def page_of(context, problems: list[str]) -> Iterator[Any]:
    """Yield a wide page of a browser. What goes wrong on it fails the test."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: problems.append(f"A dialog said {dialog.message}"))
    yield page
    page.close()
    found = problems.copy()
    problems.clear()
    assert not found


REPORT_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    reportViolation(`${event.effectiveDirective} forbids ${event.blockedURI} in ${event.sourceFile}`))"""


def is_problem(message) -> bool:
    return message.type == "error" and "Content Security Policy" in message.text


def sign_in(page, name: str, password: str = PASSWORD) -> None:
    page.goto("./")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def eventually(page, assertion: Callable[..., None], *words: object) -> None:
    """`assertion(*words)` of `expect` holds once the page has heard of it.

    The list asks for changes now and then again, so that nobody waits for its next turn 20 s later.
    """
    for seconds in (1, 1, 2, 4, 8, 16):
        with suppress(Error):  # the page may just be on its way to the next
            page.evaluate("document.querySelector('live-list')?.poll()")
        with suppress(AssertionError):
            return assertion(*words, timeout=seconds * 1000)
    return assertion(*words, timeout=32_000)
