"""The torrents that a change is about."""

from __future__ import annotations

from django.utils.translation import gettext as _

from torrents.models import Torrent

from .calling import Call, Refused, text_of
from .hashes import ALL, split
from .reading import Reading
from .rows import EVERY, PIECE, Narrow

NAMES = ("hashes", "hash", "id")  # of the parameter, which differ by call


def chosen(request: Call) -> list[Torrent]:
    """Return the torrents that a call names and that the person may change, in the order of the call.

    They are those that the program sees, so one on several accounts counts once. Hashes that it doesn't see are left out.
    Raises `Refused` if the call names none, or if the person may change none of those that they see.
    """
    named = (text_of(request, name).strip() for name in NAMES)
    text = next(filter(None, named), "")
    if not text:
        raise Refused(400)
    narrow = EVERY if text.lower() == ALL else Narrow(hashes=tuple(dict.fromkeys(split(text))))
    seen = [known.row.pk for known in Reading(request.user).torrents(narrow)]
    rows = _changeable(request, seen)
    if seen and not rows:
        raise Refused(409, _("You can’t change torrents that others added."))
    places = {info_hash: place for place, info_hash in enumerate(narrow.hashes or ())}
    return sorted(rows, key=lambda row: (places.get(row.info_hash, 0), row.pk))


def _changeable(request: Call, keys: list[int]) -> list[Torrent]:
    mine = Torrent.objects.controllable_by(request.user).listed().defer("magnet")
    pieces = (keys[start : start + PIECE] for start in range(0, len(keys), PIECE))
    return [row for piece in pieces for row in mine.filter(pk__in=piece)]
