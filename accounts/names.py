"""Compare names and passwords so that what looks the same to a person is the same."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_KEY = (
    200  # characters; a few ligatures can make a name longer than that, and then only its beginning counts
)
SUFFIX = "#"  # no name may contain it, so a key with a suffix is never another name's
TWO_ALPHABETS = _("Use plain letters from one alphabet in each word.")
# Alphabets with letters that cannot be told apart: Latin a, Cyrillic а, Greek ο.
_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}


def normalized(name: str) -> str:
    """Return a name as it is stored: composed, with full-width letters and ligatures as ordinary ones (NFKC)."""
    return unicodedata.normalize("NFKC", name)


def name_key(name: str) -> str:
    """Return the key that equal names share: NFKC with case folded (ẞ is ss, ς is σ, İ is i)."""
    folded = normalized(normalized(name.strip()).casefold()).replace("i\u0307", "i")
    return normalized(folded)[:MAX_KEY]


def spellings(password: str) -> list[str]:
    """Return the ways a password may have been set: composed (NFC), and as typed, before passwords were normalized."""
    return list(dict.fromkeys([unicodedata.normalize("NFC", password), password]))


def validate_one_alphabet(name: str) -> None:
    """Reject a word that mixes alphabets with look-alike letters, and letters in special forms.

    Raises `ValidationError`.
    """
    for word in name.split():
        letters = [letter for letter in unicodedata.normalize("NFC", word) if letter.isalpha()]
        alphabets = {unicodedata.name(letter, "").split(" ")[0] for letter in letters}
        if len(alphabets & _ALIKE) > 1 or any(normalized(letter) != letter for letter in letters):
            raise ValidationError(TWO_ALPHABETS)
