"""Show an address without its secrets."""

from __future__ import annotations

DOTS = "•••••"
ENDING = 4  # characters of a secret that are shown, so that people can tell two channels apart
LONG_ENOUGH = 10  # a shorter secret would be too easy to guess with some of it known
MAX_PLACE = 60


def masked(place: str, secret: str) -> str:
    """Return a place and the end of a secret, such as `ntfy.sh/•••••x7Kq`."""
    ending = secret[-ENDING:] if len(secret) >= LONG_ENOUGH else ""
    return f"{place[:MAX_PLACE]}/{DOTS}{ending}"


def masked_mail(address: str) -> str:
    """Return a mail address with the first letter of its user only, such as `m•••@example.org`."""
    user, _, host = address.rpartition("@")
    return f"{user[:1]}•••@{host[:MAX_PLACE]}"
