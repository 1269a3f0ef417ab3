"""Add torrents: magnets, info hashes, links to .torrent files, and the files themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpResponse
from django.utils.translation import gettext as _

from torbox import magnets, torrentfiles
from torbox.sanitize import plain_text
from torbox.torrentfiles import MAX_TORRENT_FILE
from torrents.models import Seed
from torrents.services.actions import previewing, tagging
from torrents.services.actions.adding import NewTorrent

from ... import category_text
from ...services import adding, categories, links
from ..calling import Call, Refused, changes, fails, flag_of, ok, text_of

MAX_TAGS = 2100  # characters; `tagging` takes 20 tags
MAX_NAME = 500  # characters
LIMITS = ("ratioLimit", "seedingTimeLimit")
AS_SET = -2.0  # a limit that is the account's setting


@dataclass
class Found:
    """What a call wants added. `bad`: how many of its lines are nothing that can be added."""

    new_torrents: dict[str, NewTorrent] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    bad: int = 0


@changes
def add(request: Call) -> HttpResponse:
    """Store what a program adds, and answer `Ok.` before TorBox is asked; `Fails.` if none of it can be added.

    415 if a file isn't a .torrent file; then nothing is added.
    """
    found = _found(request)
    wish = _wish(request)
    added = bool(found.new_torrents) and _add(request, list(found.new_torrents.values()), wish)
    if found.links:
        added = links.keep(person=request.user, urls=found.links, wish=wish) or added
    return ok() if added else fails()


def _add(request: Call, new_torrents: list[NewTorrent], wish: adding.Wish) -> bool:
    try:
        adding.add(person=request.user, new_torrents=new_torrents[: previewing.MOST], wish=wish)
    except adding.NowhereToAdd:
        return False
    except categories.Refused as refused:
        raise _refusal(refused) from None
    return True


def _found(request: Call) -> Found:
    """Read the lines of `urls`, and all files whatever their parts are called. Raises `Refused`."""
    found = Found()
    for line in filter(None, map(str.strip, text_of(request, "urls").splitlines())):
        _read_line(found, line)
    for _name, parts in request.FILES.lists():
        for part in parts:
            _read_file(found, part.name or "", part.read(MAX_TORRENT_FILE + 1))
    return found


def _read_line(found: Found, line: str) -> None:
    if links.is_link(line):
        found.links.append(line)
        return
    try:
        magnet = magnets.parse(line)
    except magnets.InvalidMagnet:
        found.bad += 1
    else:
        found.new_torrents.setdefault(magnet.info_hash, NewTorrent(magnet))


def _read_file(found: Found, name: str, data: bytes) -> None:
    try:
        meta = torrentfiles.parse(data)
    except torrentfiles.InvalidTorrentFile:
        # Translators: the name of a file that a program has sent
        words = _("“%(name)s” isn’t a .torrent file that TorBox takes.")
        raise Refused(415, words % {"name": plain_text(name, 100)}) from None
    found.new_torrents[meta.info_hash] = NewTorrent(meta.magnet, meta.data, meta.size)


def _wish(request: Call) -> adding.Wish:
    return adding.Wish(
        category=_category(request),
        tags=tuple(tagging.clean(text_of(request, "tags")[:MAX_TAGS])),
        name=plain_text(text_of(request, "rename"), MAX_NAME),
        seed=_seed(request),
        as_queued=flag_of(request, "stopped") or flag_of(request, "paused"),
        first=flag_of(request, "addToTopOfQueue"),
    )


def _category(request: Call) -> str:
    """Return the category, whose name is checked before links are kept that are added later. Raises `Refused`."""
    name = text_of(request, "category").strip()
    try:
        return categories.checked_name(name) if name else ""
    except categories.Refused as refused:
        raise _refusal(refused) from None


def _refusal(refused: categories.Refused) -> Refused:
    return Refused(400, str(category_text.PROBLEMS[refused.problem]))


def _seed(request: Call) -> int:
    """Return whether TorBox should seed: not with a limit of 0, yes with another, else as the account is set."""
    limits = [limit for name in LIMITS if (limit := _limit(text_of(request, name))) != AS_SET]
    if not limits:
        return Seed.AUTOMATIC
    return Seed.NO if 0 in limits else Seed.YES


def _limit(text: str) -> float:
    try:
        return float(text[:20]) if text.strip() else AS_SET
    except ValueError:
        return AS_SET
