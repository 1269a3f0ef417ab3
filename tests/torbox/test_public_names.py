"""The package's surface: its names, what it imports, and that its docstrings cite headings that exist."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import torbox

PACKAGE = Path(torbox.__file__).parent
DOCS = PACKAGE.parent / "docs" / "torbox-api.md"
PUBLIC = """
    MAX_ROWS MAX_TORRENT_FILE OPERATIONS PLANS QUEUED_OPERATIONS Added AuthError CachedTorrent Client Duplicate
    File FileEntry FoundMagnet InvalidMagnet InvalidTorrentFile LimitReached Magnet Malformed NotFound NotSent Plan Queued
    RateLimited Reason Refused Scan SkippedText TooLarge TorBoxError Torrent TorrentInfo TorrentMeta Unavailable Unchanged
    Unreachable Unreadable UsageDay UsageStats User boot_clock outage scan
""".split()  # noqa: SIM905


def test_the_public_names_are_these() -> None:
    assert sorted(torbox.__all__) == sorted(PUBLIC)
    assert all(hasattr(torbox, name) for name in PUBLIC)


def test_only_requests_is_needed_beside_the_standard_library() -> None:
    imported = set()
    for file in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names == {"torbox", "requests"}


def test_every_cited_heading_exists() -> None:
    cited = {
        anchor
        for file in PACKAGE.glob("*.py")
        for anchor in re.findall(r"docs/torbox-api\.md#([\w-]+)", file.read_text())
    }
    headings = re.findall(r"^#+ (.+)$", DOCS.read_text(), re.MULTILINE)
    assert cited
    assert cited <= {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }
