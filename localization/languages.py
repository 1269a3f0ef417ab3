"""The languages there are: a folder with a catalog each. Knows no settings, since they ask it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from babel import Locale, UnknownLocaleError

REGION = re.compile(r"[a-z]{2}|[0-9]{3}", re.IGNORECASE)
PSEUDO = ("en-xa", "ar-xb")  # only for tests; `pseudo.py` makes them


def there_are(folder: Path) -> list[str]:
    """Return the codes of the languages that have a catalog below `folder`, with English first."""
    found = (path.parents[1].name for path in folder.glob("*/LC_MESSAGES/django.po"))
    return ["en", *sorted(name.replace("_", "-").lower() for name in found)]


def named(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return each code with what the language calls itself: ("de", "Deutsch")."""
    return [(code, own_name(code)) for code in codes]


def own_name(code: str) -> str:
    """Return what a language calls itself, with a capital where it has them. A pseudo-language has its code for a name."""
    if code in PSEUDO:
        return code
    name = locale_of(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def locale_of(code: str) -> Locale:
    """Return the Unicode CLDR's locale for a language code such as `pt-br`; that of English if it has none."""
    for name in (code, code.partition("-")[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


def regional(language: str, accepted: Sequence[str]) -> str:
    """Return the first accepted variant of a language, such as `en-GB` for English, or the language itself.

    `accepted`: language tags as a browser sends them, the best first. They may say anything.
    """
    for tag in accepted:
        base, _, region = tag.partition("-")
        if base.lower() != language or not REGION.fullmatch(region):
            continue
        try:
            Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        return f"{language}-{region.upper()}"
    return language
