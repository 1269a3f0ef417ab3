"""Two pseudo-languages, which show what is left to translate and what breaks: `en-xa` and `ar-xb`.

`en-xa` is English with accents, 40 % longer: text without accents was never given to gettext, and what is cut off has
no room for German. `ar-xb` is English written from right to left.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from babel.messages import Catalog

from . import catalogs

ACCENTED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
# Placeholders, tags and entities stay as they are.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd]\b|%%|\{\w*\}|<[^>]*>|&\w+;)")
LONGER = 0.4
FILLING = "~ "
FROM_RIGHT, END = "\u202e", "\u202c"


def accented(sentence: str) -> str:
    """Return “Settings” as “Šéţţîñĝš~ ~”."""
    words = "".join(
        part if KEPT.fullmatch(part) else part.translate(ACCENTED) for part in KEPT.split(sentence)
    )
    filling = FILLING * round(len(KEPT.sub("", sentence)) * LONGER / len(FILLING))
    return words + filling.rstrip()


def mirrored(sentence: str) -> str:
    """Return a sentence whose words are drawn from right to left."""
    parts = KEPT.split(sentence)
    return "".join(
        part if KEPT.fullmatch(part) else re.sub(r"\S+", lambda word: FROM_RIGHT + word[0] + END, part)
        for part in parts
    )


LANGUAGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "en-xa": ("en", accented),
    "ar-xb": ("ar", mirrored),
}


def compile_all(root: Path, folder: Path) -> Path:
    """Compile both from the sentences below `root` into `folder`, and return that."""
    sentences = catalogs.collect(root)
    for code, (locale, change) in LANGUAGES.items():
        catalog = Catalog(locale, charset="utf-8", fuzzy=False)
        for message in sentences:
            if message.id:
                catalog.add(
                    message.id, _changed(message.id, change, catalog.num_plurals), context=message.context
                )
        language, region = code.split("-")
        path = folder / f"{language}_{region.upper()}" / "LC_MESSAGES" / "django.mo"
        catalogs.write_compiled(path, catalog)
    return folder


def _changed(
    sentence: str | tuple[str, ...] | list[str], change: Callable[[str], str], forms: int
) -> str | tuple[str, ...]:
    if isinstance(sentence, str):
        return change(sentence)
    singular, plural = map(change, sentence)
    return (singular, *[plural] * (forms - 1))
