"""Find out how the text of a subtitle file is encoded. Few say so, and many are older than Unicode. Pure functions."""

from __future__ import annotations

import codecs

from charset_normalizer import CharsetMatches, from_bytes

from localization.language_names import code_of

SAMPLE = 64 * 1024  # bytes that are looked at
MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
WESTERN = ("cp1252",)
# By language, what its files were written in before Unicode. Every other language: WESTERN.
CODE_PAGES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl"), ("cp1250",)),
    **dict.fromkeys(("be", "bg", "mk", "ru", "sr", "uk"), ("cp1251", "koi8_r")),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    **dict.fromkeys(("et", "lt", "lv"), ("cp1257",)),
    "el": ("cp1253",), "tr": ("cp1254",), "he": ("cp1255",), "th": ("cp874",), "vi": ("cp1258",),
    "ja": ("cp932", "euc_jp"), "ko": ("cp949",), "zh": ("gb18030", "big5"),
}  # fmt: skip
ALL_PAGES = [*dict.fromkeys([*WESTERN, *(page for pages in CODE_PAGES.values() for page in pages)])]


def decoded(data: bytes, language: str = "") -> str:
    """Return a file as text. `language`: that of its name, if known. Raises `UnicodeError` if it isn't text."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide(data[:SAMPLE]):
        return data.decode(wide, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(_guessed(data[:SAMPLE], language), "replace")


def _guessed(beginning: bytes, language: str) -> str:
    sample = beginning[: beginning.rfind(b"\n") + 1] or beginning  # so that no character is cut in two
    pages = CODE_PAGES.get(language, WESTERN) if language else ()
    encoding = (pages and _likely(from_bytes(sample, cp_isolation=[*pages]))) or _likely(
        from_bytes(sample, cp_isolation=ALL_PAGES)
    )
    if not encoding:
        raise UnicodeError("not a text")
    return encoding


def _likely(matches: CharsetMatches) -> str:
    """Return the encoding in which the text is in a language that used it, else the best."""
    for match in matches:
        if match.encoding in CODE_PAGES.get(code_of(match.language), WESTERN):
            return match.encoding
    best = matches.best()
    return best.encoding if best else ""


def _wide(beginning: bytes) -> str:
    """Return which UTF-16 has zeros at the places where this text has them, if any."""
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) < len(beginning) / 8 or min(even, odd) > max(even, odd) / 8:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"
