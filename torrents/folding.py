"""Fold names for search and sorting, in the same way for stored text and for searches. All functions are pure.

Stored columns hold what these functions return (`Torrent.folded_name`, `Torrent.sort_name`, `FileNames.text`,
`Activity.folded`), so a change of the rules needs a migration that fills them again.
"""

from __future__ import annotations

import re
import unicodedata

ASCII_SEPARATORS = "._-'\"`"
# Unicode doesn't decompose these letters. People without a key for them type these instead.
PLAIN_LETTERS = {
    "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i",
}  # fmt: skip
DIGITS = re.compile(r"\d+")
MAX_DIGITS = 1000  # Python refuses to parse numbers of more than 4,300 digits


# Python matches sets up to U+FFFF quickly. Marks beyond that are rare in names.
_CHARS = [chr(code) for code in range(0x80, 0x10000)]
# Marks above and below letters, and invisible characters: joiners, directions, variation selectors.
_IGNORED = [
    char
    for char in _CHARS
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"
]
# Dashes, quotes, and apostrophes of all kinds. ‚ and „ open a quotation; primes and ʼ are used as apostrophes.
_SEPARATORS = [c for c in _CHARS if unicodedata.category(c) in ("Pd", "Pi", "Pf") or c in "‚„‟′″‵‶ʹʺʻʼʽ"]
IGNORED, SEPARATORS = (re.compile(f"[{''.join(chars)}]") for chars in (_IGNORED, _SEPARATORS))


def fold(text: str) -> str:
    """Return `text` without case, marks and separators: "L'Été_01.MKV" becomes "l ete 01 mkv".

    Line breaks are kept. NUL is removed, because SQLite ends a text there.
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = IGNORED.sub("", unicodedata.normalize("NFKD", text)).casefold()
        folded = SEPARATORS.sub(" ", IGNORED.sub("", unicodedata.normalize("NFKD", folded)))
        for letter, plain in PLAIN_LETTERS.items():
            folded = folded.replace(letter, plain)
    for separator in ASCII_SEPARATORS:
        folded = folded.replace(separator, " ")
    return folded.replace("\0", "")


def words_of(query: str) -> list[str]:
    """Return the folded words of a search, longest first, without words that are part of a longer one."""
    words: list[str] = []
    for word in sorted(set(fold(query).split()), key=lambda word: (-len(word), word)):
        if not any(word in longer for longer in words):
            words.append(word)
    return words


def natural_key(name: str) -> str:
    """Return a key that sorts names in natural order, part 2 before part 10, when compared by code point.

    Each number is preceded by the number of its digits: that modulo 9, after a 9 for each nine of them.
    """
    return DIGITS.sub(_counted, " ".join(fold(name).split()))


def path_key(path: str) -> list[str]:
    """Return a key that sorts paths as a file tree shows them: folders before files, each in natural order."""
    *folders, name = path.split("/")
    return [*(f"\0{natural_key(folder)}" for folder in folders), natural_key(name)]


def _counted(run: re.Match[str]) -> str:
    digits = str(int(run[0][:MAX_DIGITS]))
    return "9" * (len(digits) // 9) + str(len(digits) % 9) + digits
