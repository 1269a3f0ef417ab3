"""Collect the interface's sentences, and keep and compile what translators made of them.

`locale/<locale>/LC_MESSAGES/django.po` holds a language; `django.mo` beside it is what gettext reads. Babel does what
the system's gettext tools would do, so that no machine needs them.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import Engine
from django.utils.translation.template import templatize

PACKAGES = (
    "accounts",
    "api",
    "care",
    "links",
    "localization",
    "notifications",
    "saving",
    "torbox_web",
    "torrents",
)
KEYWORDS = {
    "_": None,
    "_lazy": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
BLOCK = re.compile(r"\{% blocktrans(?:late)? .*?%\}.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
COMMENTS = ("Translators:",)
# They would change with every run, and say nothing that the history doesn't.
UNKEPT_HEADERS = (b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Generated-By:')


def collect(root: Path) -> Catalog:
    """Return every sentence below `root`, with where it is and what its translators should know."""
    catalog = Catalog(project="TorBox Web", charset="utf-8")
    options: Any = settings.TEMPLATES[0]["OPTIONS"]
    engine = Engine(dirs=[str(root / "templates")], loaders=options["loaders"])
    for path in _sources(root):
        source = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            source = _as_python(source, path, engine)
        found = extract("python", io.BytesIO(source.encode()), KEYWORDS, COMMENTS)
        for _line, message, comments, context in found:
            catalog.add(
                message, None, [(str(path.relative_to(root)), 0)], auto_comments=comments, context=context
            )
    return catalog


def _as_python(template: str, path: Path, engine: Engine) -> str:
    """Return a template as calls of gettext, as Babel reads it.

    A sentence over several lines is what the template loader makes of it, since that is what a page asks for.
    """
    name = path.relative_to(engine.dirs[0]).as_posix()
    origin = next(iter(engine.template_loaders[0].get_template_sources(name)))
    loader: Any = origin.loader
    loaded = iter(BLOCK.findall(loader.get_contents(origin)))
    template = BLOCK.sub(lambda found: next(loaded) + "\n" * found[0].count("\n"), template)
    # Python minds indentation.
    return "\n".join(line.lstrip() for line in templatize(template, origin=str(path)).split("\n"))


def _sources(root: Path) -> Iterator[Path]:
    # Messages after an action, and the file of recovery codes, are plain text.
    for kind in ("*.html", "*.txt"):
        yield from sorted((root / "templates").rglob(kind))
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def read(path: Path) -> Catalog:
    """Return the catalog in a `.po` file."""
    with path.open("rb") as file:
        return read_po(file, locale=_locale_of(path), charset="utf-8")


def update(path: Path, sentences: Catalog) -> None:
    """Bring a `.po` file up to date with the sentences there are. New ones wait for a translation.

    Makes the file if there is none. Raises `babel.UnknownLocaleError` or `ValueError` if its folder's name is no locale.
    """
    if path.exists():
        catalog = read(path)
        catalog.update(sentences, no_fuzzy_matching=True)
    else:
        catalog = Catalog(_locale_of(path), project="TorBox Web", charset="utf-8", fuzzy=False)
        catalog.update(sentences)
    catalog.fuzzy = False
    out = io.BytesIO()
    write_po(out, catalog, width=0, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(UNKEPT_HEADERS)]
    _write(path, b"\n".join(lines))


def untranslated(catalog: Catalog) -> list[str]:
    """Return the sentences that wait for a translation, or have one that someone should look at."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]


def compile_all(folder: Path) -> list[Path]:
    """Compile every `.po` below `folder` that is newer than its `.mo`. Returns the files written."""
    written = []
    for po in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            write_compiled(mo, read(po))
            written.append(mo)
    return written


def write_compiled(path: Path, catalog: Catalog) -> None:
    """Write a catalog as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, _WithSingulars(catalog))
    _write(path, out.getvalue())


class _WithSingulars(Catalog):
    """A catalog that has the singular of each sentence with a plural on its own too.

    A page that says “Copy link” asks for that alone. The system's gettext finds it in the entry that also has “Copy
    links”, as the first form. Python's only does so from 3.13 on.
    """

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog.locale, charset=catalog.charset, header_comment=catalog.header_comment)
        self.complete = catalog

    def __iter__(self) -> Iterator[Message]:
        for message in self.complete:
            yield message
            if message.pluralizable:
                yield Message(message.id[0], _forms(message.string)[0], context=message.context)


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step: another process may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(path)


def _locale_of(path: Path) -> Locale:
    return Locale.parse(path.parents[1].name)


def _forms(string: str | Sequence[str] | None) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string or ("",))
