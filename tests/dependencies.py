"""`python -m tests.dependencies`: writes docs/dependencies.md from the requirements and what the packages say of themselves.

`make lock` does it; tests/test_docs.py compares the two.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "dependencies.md"
# Where a package says it in a way nobody can read in a table, or is not installed on every system.
LICENCES = {
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT; axe-core in it MPL-2.0",
    "colorama": "BSD-3-Clause",
    "fido2": "BSD-2-Clause; parts Apache-2.0, MPL-2.0",
    "prompt-toolkit": "BSD-3-Clause",
    "pytest-django": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0, BSD-3-Clause",
    "qrcode": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}
TEXT = """# Dependencies

What is installed, why, and under which licence. `make lock` writes this file; every version is pinned with its hashes
in `requirements.txt` and `requirements-dev.txt`. Listed on {date}.

`pip-audit --require-hashes -r requirements.txt` compares them with the published advisories and needs a way to the
internet; run it before each release.

What is under the LGPL or the MPL is used as it is installed, unchanged.

## To run

{run}

## To test and check

{dev}

## What these bring along

{rest}

## In the tree

| what | why | licence |
|---|---|---|
| idiomorph, `static/vendor/idiomorph/` | changes a list in place without losing focus or scroll | 0BSD |
| Inter, `static/fonts/` | the typeface | OFL-1.1 |
| Lucide, `static/img/icons.svg` | the icons | ISC |

htmx comes with django-htmx (0BSD).
"""


def main() -> None:
    date = datetime.now(UTC).date().isoformat()
    DOCUMENT.write_text(written(date))


def written(date: str) -> str:
    run, dev = named("requirements.in"), named("requirements-dev.in")
    rest = sorted(locked() - {name for name, _ in run + dev})
    alone = ["| package | licence |", "|---|---|", *(f"| {name} | {licence(name)} |" for name in rest)]
    return TEXT.format(date=date, run=table(run), dev=table(dev), rest="\n".join(alone))


def named(source: str) -> list[tuple[str, str]]:
    """Name and reason of each line."""
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
    lines = [f"| {name} | {reason} | {licence(name)} |" for name, reason in rows]
    return "\n".join(["| package | why | licence |", "|---|---|---|", *lines])


def licence(name: str) -> str:
    """As the package says it, in a word; "see its page" when it says nothing and is not in LICENCES."""
    if name in LICENCES:
        return LICENCES[name]
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
