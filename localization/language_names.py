"""Names of languages that media are in, which are far more than the app speaks. The words are the Unicode CLDR's."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from babel.core import get_global

from .languages import locale_of
from .locales import tag

MAX_WORD = 40  # characters


def name_of(code: str) -> str:
    """Return what the active language calls a language: `pt-BR` is “Portuguese (Brazil)”. Unknown codes give ""."""
    return _name(code, tag())


def code_of(word: str) -> str:
    """Return the code of a language by its code of two or three letters, its English name, or often its own. Else "".

    Codes may have a region: `pt-BR`, `pt_br`.
    """
    word = word.strip().casefold().replace("_", "-")
    base, _, region = word.partition("-")
    if len(word) > MAX_WORD:
        return ""
    code = _codes().get(base if region else word, "")
    if not region or not code:
        return code
    full = f"{code}-{region.upper()}" if len(region) == 2 else ""
    return full if full and _name(full, "en") else ""


@lru_cache(maxsize=1024)
def _name(code: str, language: str) -> str:
    base, _, region = code.partition("-")
    reader = locale_of(language)
    name = reader.languages.get(base, "")
    where = reader.territories.get(region, "") if region else ""
    if not name or (region and not where):
        return ""
    name = name[:1].upper() + name[1:]
    return f"{name} ({where})" if where else str(name)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the codes of languages by what files call them. Only languages with a code of two letters."""
    english = {code: name for code, name in Locale.parse("en").languages.items() if len(code) == 2}
    aliases = {three: two for three, two in get_global("language_aliases").items() if two in english}
    names = {name.casefold(): code for code, name in english.items()}
    return names | aliases | {code: code for code in english} | OFTEN


# How files are often named. All own names would be more, but Babel would read the data of every language for them.
OFTEN = {
    "jp": "ja", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "kr": "ko", "cn": "zh", "chs": "zh", "cht": "zh",
    "deutsch": "de", "français": "fr", "francais": "fr", "español": "es", "espanol": "es", "castellano": "es",
    "português": "pt", "portugues": "pt", "italiano": "it", "nederlands": "nl", "polski": "pl", "svenska": "sv",
    "dansk": "da", "norsk": "no", "suomi": "fi", "čeština": "cs", "cesky": "cs", "česky": "cs", "magyar": "hu",
    "română": "ro", "romana": "ro", "türkçe": "tr", "turkce": "tr", "hrvatski": "hr", "русский": "ru",
    "українська": "uk", "ελληνικά": "el", "日本語": "ja", "中文": "zh", "한국어": "ko", "العربية": "ar", "עברית": "he",
}  # fmt: skip
