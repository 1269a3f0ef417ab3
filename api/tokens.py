"""The text of API tokens: `tbw_` and 32 letters and digits, of which the first 8 find the row. Pure functions."""

from __future__ import annotations

import re
import secrets
import string

from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

START = "tbw_"
ALPHABET = string.ascii_letters + string.digits
LENGTH, PREFIX_LENGTH, MARK_LENGTH = 32, 8, 8
TOKEN = re.compile(rf"{START}[A-Za-z0-9]{{{LENGTH}}}")
SALT = "api.token"


def new_token() -> str:
    """Return a new token with 190 bits of chance."""
    return START + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


@sensitive_variables("token")
def prefix_of(token: str) -> str:
    """Return the part of a token by which its row is found, or "" if this can't be a token."""
    return token[len(START) : len(START) + PREFIX_LENGTH] if TOKEN.fullmatch(token) else ""


@sensitive_variables("token")
def hash_of(token: str) -> str:
    """Return what the database stores of a token: an HMAC with SECRET_KEY, so a stolen database can't even check one."""
    return salted_hmac(SALT, token, algorithm="sha256").hexdigest()


def key_mark() -> str:
    """Return a mark of SECRET_KEY. A token made with another one can't be checked anymore."""
    return salted_hmac("api.key-mark", "", algorithm="sha256").hexdigest()[:MARK_LENGTH]


@sensitive_variables("token")
def matches(token: str, token_hash: str) -> bool:
    """Return whether a hash is that of this token, in constant time."""
    return constant_time_compare(hash_of(token), token_hash)
