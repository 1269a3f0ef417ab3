"""Check that the symbols in CONTRIBUTING.md and docs/architecture.md exist, so that a moved function fails a test."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator

import pytest

from tests.test_docs import FENCE, alternatives, is_path, line_of, pieces, tree
from tests.test_settings_documented import ROOT

PACKAGES = (
    "torbox",
    "simulator",
    "localization",
    "accounts",
    "torrents",
    "notifications",
    "saving",
    "api",
    "links",
    "care",
    "torbox_web",
    "tests",
    "bench",
)
GUIDES = ("CONTRIBUTING.md", "docs/architecture.md")
NAME = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
SUFFIXES = {"py", "html", "js", "css", "md", "conf", "toml"}
STEP = re.compile(r"^\d+\. .*(?:\n   .*)*", re.MULTILINE)
THINGS = ["an action", "a column from TorBox", "a page", "a setting", "a notification event", "a language"]


def problems(name: str, text: str) -> Iterator[str]:
    for piece in pieces(name, text):
        for found in (*missing_names(piece.text), *missing_paths(piece.text)) if not piece.typed else ():
            yield f"{piece.place}: {found}"


def named(text: str) -> Iterator[str]:
    """Yield every dotted name from our packages in a piece of code, without its call or options."""
    for found in NAME.finditer(text):
        before = text[: found.start()]
        if not before.endswith(("/", ".", "-")) and found[0].rpartition(".")[2] not in SUFFIXES:
            yield found[0]


def missing_names(text: str) -> Iterator[str]:
    for name in named(text):
        if not exists(name):
            yield f"nothing is called {name}"


def exists(name: str) -> bool:
    """Import the longest module of a dotted name, and look up the rest as attributes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        return has(found, parts[length:])
    return False


def has(found: object, attributes: list[str]) -> bool:
    """Return whether the attributes exist. A field of a dataclass counts, although its class lacks it."""
    for number, attribute in enumerate(attributes, start=1):
        if not hasattr(found, attribute):
            last = number == len(attributes)
            return last and inspect.isclass(found) and attribute in inspect.get_annotations(found)
        found = getattr(found, attribute)
    return True


def missing_paths(text: str) -> Iterator[str]:
    """Yield paths that do not begin at the root, where a reader could open them."""
    for word in text.split():
        path = word.partition(":")[0]
        if is_path(path) and not any(known(shape) for shape in alternatives(path)):
            yield f"there is no {path} below the root"


def known(shape: str) -> bool:
    pattern = re.compile(re.escape(shape).replace(r"\*", "[^/]*"))
    return any(pattern.fullmatch(file) for file in tree())


def section(text: str, heading: str) -> str:
    """Return a section of a document, up to the next heading of any level."""
    _, _, rest = FENCE.sub("", text).partition(f"\n{heading}\n")
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def test_the_readme_has_the_commands_to_run_the_app_and_the_checks():
    first = next(piece for piece in pieces("README.md", (ROOT / "README.md").read_text()) if piece.typed)
    commands = [line.partition("#")[0].strip() for line in first.text.splitlines()]
    assert len(commands) == 2 and commands[0] == "make demo"
    assert commands[1] == (ROOT / ".ci" / "run").read_text().splitlines()[-1]


@pytest.mark.parametrize("name", GUIDES)
def test_every_name_and_path_in_the_guides_exists(name):
    found = list(problems(name, (ROOT / name).read_text()))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", GUIDES)
def test_the_guides_name_symbols(name):
    text = (ROOT / name).read_text()
    assert sum(1 for piece in pieces(name, text) for _ in named(piece.text)) > 20


@pytest.mark.parametrize("thing", THINGS)
def test_every_step_of_a_guide_names_something_to_open(thing):
    steps = STEP.findall(section((ROOT / "CONTRIBUTING.md").read_text(), f"## Add {thing}"))
    assert len(steps) >= 3
    for step in steps:
        code = [piece.text for piece in pieces("CONTRIBUTING.md", step)]
        assert any(NAME.search(text) or is_path(text.split()[0]) for text in code), step


@pytest.mark.parametrize(
    "mistake",
    [
        "`torrents.nonsense`",
        "`torrents.selection.NONSENSE`",
        "`torrents.nonsense.module.name`",
        "`torrents.models.Torrent.nonsense`",
        "`torrents.selection.selected(rows, user)` and `torrents.selection.chosen(rows)`",
        "`services/actions/adding.py`",
        "`torrents/services/adding.py: add`",
    ],
)
def test_a_missing_name_is_found(mistake):
    assert len(list(problems("sample", mistake))) == 1


@pytest.mark.parametrize(
    "right",
    [
        "`torrents.models.Torrent.objects`",
        "`torbox.Client.create_torrent`",
        "`torrents.pages.list.row.Row.pk`",
        "`torrents/urls.py`",
        "`docs/torbox-api.md#controltorrent`",
        "`python -m tests.compose`",
        "`https://home.example/torbox.html`",
    ],
)
def test_an_existing_name_is_accepted(right):
    assert not list(problems("sample", right))


def test_a_problem_names_its_line():
    assert line_of("one\ntwo `torrents.nonsense`", 5) == 2
    assert list(problems("sample", "one\ntwo `torrents.nonsense`"))[0].startswith("sample:2")
