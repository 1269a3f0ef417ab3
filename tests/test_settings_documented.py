"""Check that the documents list the settings that the code reads, and that their links and citations lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "torbox",
    "simulator",
    "localization",
    "accounts",
    "torrents",
    "links",
    "notifications",
    "saving",
    "api",
    "care",
    "torbox_web",
    "templates",
    "tests",
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CITED = re.compile(r"(?<![\w/])(docs/[\w./-]+\.md)(?:#([\w-]+))?")
LINKED = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def names_read() -> set[str]:
    """Return the first arguments of env.*() in settings, and the variables of the Procfile."""
    tree = ast.parse((ROOT / "torbox_web" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    read = {str(call.args[0].value) for call in calls if re.fullmatch(r"env\.\w+", ast.unparse(call.func))}
    procfile = (ROOT / "Procfile").read_text()
    return read | (set(re.findall(r"\$\{?([A-Z_]+)", procfile)) - {"TMPDIR"})


def headings(document: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def anchors(document: Path) -> set[str]:
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings(document)
    }


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    text = (ROOT / "docs" / "configuration.md").read_text()
    documented = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(documented) == len(set(documented))
    assert set(documented) == names_read() >= {"SECRET_KEY", "PORT", "BIND"}


def test_the_sample_environment_names_exactly_the_settings():
    names = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(names) == len(set(names)) and set(names) == names_read()


def test_every_heading_the_code_refers_to_exists():
    sources = [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", ".html"} and path != Path(__file__)
    ]
    cited = {
        (str(path.relative_to(ROOT)), document, anchor)
        for path in [*sources, ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *ROOT.glob(".env.example")]
        for document, anchor in CITED.findall(path.read_text())
    }
    assert len(cited) > 5
    missing = [
        place
        for place in sorted(cited)
        if not (ROOT / place[1]).exists() or (place[2] and place[2] not in anchors(ROOT / place[1]))
    ]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_has_a_target(document):
    links = [link for link in LINKED.findall(document.read_text()) if not re.match(r"[a-z]+:", link)]
    wrong = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(link)
    assert not wrong
