"""Check that everything the documents tell people to type, open, or set exists."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, resolve

from tests import dependencies
from tests.test_settings_documented import DOCUMENTS, ROOT, names_read

# This one is about TorBox's API, not about our own.
OURS = [path for path in DOCUMENTS if path.name != "torbox-api.md"]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
MAKE = re.compile(r"(?<![\w./-])make((?: [\w-]+(?![\w=]))+)")
MANAGE = re.compile(r"manage\.py ([a-z_]+)((?: +[^\s|&;<>#`]+)*)")
MODULE = re.compile(r"python3? -m ([\w.]+)")
COMPOSE = re.compile(
    r"docker compose(?: --\S+(?: \w+)?)* (?:exec|logs|restart|stop|run|up)((?: +[^\s|&;<>#]+)*)"
)
VARIABLE = re.compile(r"(?<![\w$./#=-])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?![\w-])")
ASSIGNED = re.compile(r"(?:^|\s)([A-Z][A-Z0-9_]*)=(?=\S)", re.MULTILINE)
FILE = re.compile(
    r"^\.?[\w*{},-][\w./*{},-]*\.(?:py|html|js|css|svg|md|txt|in|toml|yml|yaml|conf|service|timer|sh|json|csv)$"
)
FOLDER = re.compile(r"^[\w.-]+(?:/[\w.-]+)*/$")
ADDRESS = re.compile(r"^/[\w<>./-]*/$")
MACHINE = re.compile(
    r"^(~|/(etc|var|usr|run|srv|opt|data|tmp|proc|sys|root|home|dev|secrets|app|mnt|volume1|letsencrypt)\b)"
)
# Files that the reader or the running app creates.
MADE = {
    ".env",
    "docker-compose.override.yml",
    "compose.override.yml",
    "screenshots/",
    "staticfiles/",
    "data/",
    "demo-data/",
}
PLACEHOLDER = re.compile(r"<\w+>")
FOREIGN = {
    "pip",
    "venv",
    "http.server",
    "pip_audit",
}  # modules of Python itself, or installed by the reader
SOURCES = (".py", ".html", ".js", ".css", ".yml", ".sh", ".in", ".toml", ".conf", ".service", ".example")


@dataclass(frozen=True)
class Said:
    """A piece of code in a document. `typed` is true in a block of commands."""

    place: str
    text: str
    typed: bool = False


def pieces(name: str, text: str) -> Iterator[Said]:
    for found in FENCE.finditer(text):
        if found[1] in {"", "sh", "bash", "console", "shell"}:
            yield Said(f"{name}:{line_of(text, found.start())}", found[2], typed=True)
    plain = FENCE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for found in QUOTED.finditer(plain):
        yield Said(f"{name}:{line_of(plain, found.start())}", found[1].strip())


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


@cache
def everything() -> tuple[Said, ...]:
    named = [(str(path.relative_to(ROOT)), path.read_text()) for path in OURS]
    return tuple(piece for name, text in named for piece in pieces(name, text))


@cache
def tree() -> frozenset[str]:
    """Return the files of the project, tracked or new, and their folders with a slash."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    folders = {f"{parent}/" for file in listed for parent in Path(file).parents if str(parent) != "."}
    return frozenset({*filter(None, listed), *folders})


@cache
def sources() -> str:
    """Return everything that is not prose, as one text."""
    code = [
        file
        for file in tree()
        if file.endswith(SOURCES) or Path(file).name in {"Makefile", "Dockerfile", "run"}
    ]
    code += [file for file in tree() if Path(file).name.startswith("Procfile")]
    return "\n".join(
        (ROOT / file).read_text() for file in code if (ROOT / file).is_file() and file != "tests/test_docs.py"
    )


def targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))


def services() -> set[str]:
    _, _, below = (ROOT / "docker-compose.yml").read_text().partition("\nservices:\n")
    return set(re.findall(r"^  ([\w-]+):", re.split(r"^\S", below, flags=re.MULTILINE)[0], re.MULTILINE))


def make_targets(piece: Said) -> Iterator[str]:
    for found in MAKE.finditer(piece.text) if piece.typed or piece.text.startswith("make") else ():
        for name in found[1].split():
            if name not in targets():
                yield f"the Makefile has no target {name!r}"


def commands(piece: Said) -> Iterator[str]:
    for command, words in MANAGE.findall(piece.text):
        if command not in get_commands():
            yield f"manage.py has no command {command!r}"
            continue
        options = {word.split("=")[0] for word in words.split() if word.startswith("--")}
        for option in sorted(options - options_of(command)):
            yield f"manage.py {command} has no option {option}"


@cache
def options_of(command: str) -> set[str]:
    app = get_commands()[command]
    loaded = load_command_class(app, command) if isinstance(app, str) else app
    parser = loaded.create_parser("manage.py", command)
    return {option for action in parser._actions for option in action.option_strings}


def modules(piece: Said) -> Iterator[str]:
    for module in MODULE.findall(piece.text):
        path = module.replace(".", "/")
        if module not in FOREIGN and not {f"{path}.py", f"{path}/__main__.py"} & tree():
            yield f"python -m {module} leads nowhere"


def compose_services(piece: Said) -> Iterator[str]:
    for words in COMPOSE.findall(piece.text):
        named = [word for word in words.split() if not word.startswith("-")]
        if named and re.fullmatch(r"[\w-]+", named[0]) and named[0] not in services():
            yield f"docker-compose.yml has no service {named[0]!r}"


def assignments(piece: Said) -> Iterator[str]:
    """Allow settings, their NAME_FILE, and variables that the Makefile, compose, a program, or the commands read."""
    for name in ASSIGNED.findall(piece.text):
        known = {name, name.removesuffix("_FILE")} & names_read()
        used = re.compile(rf"""\$[({{]?{name}\b|["']{name}["']""")
        if not known and not used.search(sources() + piece.text):
            yield f"nothing reads {name}"


def names(piece: Said) -> Iterator[str]:
    for name in VARIABLE.findall(piece.text):
        used = re.search(rf"(?<!\w){name}(?!\w)", sources())
        if name.removesuffix("_FILE") not in names_read() and not used:
            yield f"{name} is neither a setting nor in the code"


def paths(piece: Said) -> Iterator[str]:
    """Check paths from the root, and ends of paths as in `services/adding.py: add`, where the file must contain the name."""
    whole = re.match(r"\S+: \w+$", piece.text)
    for word in [piece.text] if whole else piece.text.split():
        path, _, name = word.split("=")[-1].strip("\"'").removeprefix("./").partition(": ")
        if not is_path(path) or path in MADE or MACHINE.match(path):
            continue
        files = [file for shape in alternatives(path) for file in matching(shape)]
        if not files:
            yield f"there is no {path}"
        elif name and not any(name in (ROOT / file).read_text() for file in files):
            yield f"{path} has no {name}"


def is_path(word: str) -> bool:
    return bool(FILE.match(word) or FOLDER.match(word))


def alternatives(path: str) -> list[str]:
    """Return the paths of a pattern: `a.{md,txt}` is two."""
    found = re.search(r"\{([^}]*)\}", path)
    return [path.replace(found[0], part) for part in found[1].split(",")] if found else [path]


def matching(shape: str) -> list[str]:
    pattern = re.compile(r"(?:.*/)?" + re.escape(shape).replace(r"\*", "[^/]*"))
    return [file for file in tree() if pattern.fullmatch(file)]


def addresses(piece: Said) -> Iterator[str]:
    path = PLACEHOLDER.sub("1", piece.text.split("?")[0])
    if piece.typed or not ADDRESS.match(path) or MACHINE.match(path):
        return
    try:
        resolve(path)
    except Resolver404:
        yield f"the app has no address {path}"


FINDERS = (make_targets, commands, modules, compose_services, assignments, names, paths, addresses)
MISTAKES = {
    "make_targets": ["`make demo nonsense`", "```sh\nmake nonsense\n```"],
    "commands": ["`manage.py nonsense`", "```sh\n.venv/bin/python manage.py doctor --nonsense\n```"],
    "modules": ["`python -m simulator.nonsense`"],
    "compose_services": [
        "`docker compose logs -f nonsense`",
        "```sh\ndocker compose --profile demo exec nonsense sh\n```",
    ],
    "assignments": ["```sh\nNONSENSE=1 make demo\n```", "`NONSENSE_FILE=x`"],
    "names": ["`NONSENSE_SECONDS`", "```sh\necho $x; export REFRESH_SECOND\n```"],
    "paths": [
        "`deploy/nonsense.yml`",
        "`nonsense.py`",
        "`torbox/nonsense/`",
        "`services/adding.py: nonsense`",
    ],
    "addresses": ["`/nonsense/`", "`/torrents/<id>/nonsense/`"],
}


@pytest.mark.parametrize("finder", FINDERS, ids=lambda finder: finder.__name__)
def test_everything_the_documents_name_exists(finder):
    problems = [f"{piece.place}: {problem}" for piece in everything() for problem in finder(piece)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("finder", FINDERS, ids=lambda finder: finder.__name__)
def test_a_missing_name_is_found(finder):
    for text in MISTAKES[finder.__name__]:
        assert [problem for piece in pieces("sample", text) for problem in finder(piece)], text


@pytest.mark.parametrize("document", ["README.md", "docs/README.md"])
def test_the_index_links_to_every_document(document):
    if document == "README.md":
        assert "](docs/README.md)" in (ROOT / document).read_text()
        return
    text = (ROOT / document).read_text()
    missing = [
        path.name
        for path in (ROOT / "docs").glob("*.md")
        if path.name != "README.md" and f"({path.name})" not in text
    ]
    assert not missing, f"docs/README.md does not link to {missing}"


def test_every_dependency_has_a_reason_and_is_in_the_list():
    for source in ("requirements.in", "requirements-dev.in"):
        without = [name for name, reason in dependencies.named(source) if not reason]
        assert not without, f"{source}: say in a comment why {without} are needed"
    text = dependencies.DOCUMENT.read_text()
    date = re.search(r"Listed on (\d{4}-\d\d-\d\d)", text)
    assert date
    listed, wanted = (
        {line for line in of.splitlines() if line.startswith("| ")}
        for of in (text, dependencies.written(date[1]))
    )
    assert names_in(listed) == names_in(wanted), "run: python -m tests.dependencies"
    assert "see its page" not in text


def names_in(lines: set[str]) -> set[tuple[str, ...]]:
    """Return names and reasons only, because license texts differ slightly between versions of a package."""
    return {tuple(line.strip("| ").split(" | ")[:-1]) for line in lines}
