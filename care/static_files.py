"""Collect static files only if something has changed since the last time, because that takes a third of a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command

BUNDLER = settings.BASE_DIR / "torbox_web" / "assets"
STAMP = "sources.sha256"  # in STATIC_ROOT. It isn't served, since nothing of this name is collected
MADE_BY = ("Django", "lightningcss", "whitenoise")


def collect_if_changed() -> None:
    """Collect the static files unless all of them are there and were made from the present sources. Raises OSError."""
    stamp, sources = settings.STATIC_ROOT / STAMP, digest()
    if _read(stamp) == sources and _all_there(settings.STATIC_ROOT):
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(sources)


def digest() -> str:
    """Return a digest of everything that the collected files are made from."""
    return sha256("\n".join(_facts()).encode()).hexdigest()


def _facts() -> Iterator[str]:
    yield settings.STATIC_URL
    for package in MADE_BY:
        yield f"{package} {version(package)}"
    listed = [one for finder in finders.get_finders() for one in finder.list(None)]
    found = [Path(storage.path(name)) for name, storage in listed]
    for path in [*sorted(found), *sorted(BUNDLER.glob("*.py"))]:
        facts = path.stat()
        yield f"{path} {facts.st_size} {facts.st_mtime_ns}"


def _all_there(root: Path) -> bool:
    """Return whether every file of the last collection exists."""
    try:
        hashed = json.loads((root / "staticfiles.json").read_text())["paths"]
    except (OSError, ValueError, KeyError):
        return False
    return all((root / name).is_file() for names in hashed.items() for name in names)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, ValueError):
        return ""
