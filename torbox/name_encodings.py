"""Decode names in .torrent files that are not UTF-8. Older programs declare the encoding of their computer."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

# Encodings that computers used for names. Other codecs of Python are slow, or not for text.
_OF_COMPUTERS = re.compile(
    r"gb2312|gbk|gb18030|hz|big5(?:hkscs)?|cp\d+|shift_jis\w*|euc_\w+|iso8859[-_]\d+|iso2022_\w+|koi8[-_]\w+|johab|tis-620"
    r"|mac[-_]\w+"
)


def encoding_of(declared: object, names: Iterable[bytes]) -> str:
    """Return the encoding of `names`: UTF-8 if all of them are valid, else the declared one if Python knows it.

    UTF-8 is tried first, because programs that write UTF-8 often declare their computer's encoding.
    """
    codec = _codec(declared)
    return "utf-8" if not codec or all(map(_is_utf8, names)) else codec


def _codec(declared: object) -> str:
    if not isinstance(declared, bytes) or not declared.isascii() or len(declared) > 40:
        return ""
    try:
        name = codecs.lookup(declared.decode().strip()).name
    except (LookupError, ValueError):
        return ""
    return name if _OF_COMPUTERS.fullmatch(name) else ""


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
