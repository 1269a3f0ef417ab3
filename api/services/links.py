"""Fetch the .torrent files that programs add by their links. A worker does that, so that no program waits for a server.

They are fetched as those of a paste are (`torrents.services.actions.torrent_links`), with the same guards and limits.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.deadlines import is_recent
from accounts.models import TorBoxAccount, User
from torbox import torrentfiles
from torbox.guarded_fetch import MAX_URL
from torbox.magnet_scanner import TorrentLink
from torbox.sanitize import plain_text
from torrents import queueing
from torrents.link_reasons import LINK
from torrents.models import Activity, Torrent
from torrents.services.actions import torrent_links
from torrents.services.actions.adding import NewTorrent
from torrents.services.actions.torrent_links import Fetched

from ..models import LinkToAdd
from . import adding, categories

logger = logging.getLogger(__name__)
FETCH = "api.tasks.fetch_links"
MAX_LINKS = 100  # of a person, at a time
CLAIM = timedelta(minutes=5)  # until a link is fetched again whose worker died
FIRST_WAIT, TRIES = timedelta(minutes=1), 6  # twice as long each time
NO_ROOM = ("busy", "throttled")  # other links are being fetched
MAY_PASS = ("too_slow", "unreachable")
AT_ONCE = 20
KEPT = timedelta(days=1)  # however many others are fetched first


def is_link(text: str) -> bool:
    """Return whether a text is an address that could lead to a .torrent file."""
    return len(text) <= MAX_URL and text.lower().startswith(("http://", "https://"))


@transaction.atomic
def keep(*, person: User, urls: Sequence[str], wish: adding.Wish) -> bool:
    """Store links to fetch soon. Return False if the person can't add torrents, or has too many links already."""
    User.objects.select_for_update(no_key=True).get(
        pk=person.pk
    )  # so that two requests at once can't pass the limit
    waiting = LinkToAdd.objects.filter(person=person)
    if not TorBoxAccount.objects.addable_by(person).exists() or waiting.count() + len(urls) > MAX_LINKS:
        return False
    LinkToAdd.objects.bulk_create(LinkToAdd(person=person, url=url, wish=wish.as_json()) for url in urls)
    transaction.on_commit(_hint)
    return True


def fetch_due() -> None:
    """Fetch the links that are due, and add their torrents. A link that breaks stops no other one."""
    for link in LinkToAdd.objects.due(timezone.now()).select_related("person")[:AT_ONCE]:
        mine = LinkToAdd.objects.filter(pk=link.pk, due_at=link.due_at)
        if link.attempts >= TRIES:  # The workers that fetched it died.
            _give_up(link)
        elif mine.update(due_at=timezone.now() + CLAIM, attempts=F("attempts") + 1):
            try:
                _fetch(link)
            except Exception:
                logger.exception("Link %s to a .torrent file couldn't be added.", link.pk)
                _after_error(link)


def _after_error(link: LinkToAdd) -> None:
    if link.attempts + 1 < TRIES:
        _later(link, FIRST_WAIT * 2**link.attempts)
    else:
        _give_up(link)


def _give_up(link: LinkToAdd) -> None:
    """Delete a link before anything else can go wrong with it. Activity says that it failed, and the log why."""
    gone, _ = LinkToAdd.objects.filter(pk=link.pk).delete()
    if gone:
        _record_failure(link, "", {})


def _hint() -> None:
    try:
        queueing.publish(FETCH)
    except queueing.BrokerError as error:
        queueing.warn(error)


def _fetch(link: LinkToAdd) -> None:
    if not link.person.is_active:
        link.delete()
        return
    (answer,) = torrent_links.fetch_links(link.person, [TorrentLink(link.url, 1)], known={})
    if answer.reason in NO_ROOM and is_recent(link.created_at, KEPT, timezone.now()):
        _later(link, FIRST_WAIT, attempts=link.attempts)
    elif _may_pass(answer) and link.attempts + 1 < TRIES:
        _later(link, FIRST_WAIT * 2**link.attempts)
    else:
        _settle(link, answer)


def _may_pass(answer: Fetched) -> bool:
    """Return whether the server may give the file later."""
    return answer.reason in MAY_PASS or (answer.status or 0) >= 500 or answer.status == 429


def _later(link: LinkToAdd, wait: timedelta, **fields: object) -> None:
    LinkToAdd.objects.filter(pk=link.pk).update(due_at=timezone.now() + wait, **fields)


def _settle(link: LinkToAdd, answer: Fetched) -> None:
    """Add the torrent, or say in Activity why that isn't possible."""
    reason, params = answer.reason, answer.params
    try:
        if not reason:
            _add(link, answer.data)
    except torrentfiles.InvalidTorrentFile as error:
        reason, params = error.reason, error.params
    except adding.NowhereToAdd:
        reason = "no_account"
    if reason:
        _record_failure(link, LINK + reason, params)
    link.delete()


def _add(link: LinkToAdd, data: bytes) -> None:
    meta = torrentfiles.parse(data)
    new_torrent = NewTorrent(meta.magnet, meta.data, meta.size)
    wish = adding.Wish.of_json(link.wish)
    try:
        adding.add(person=link.person, new_torrents=[new_torrent], wish=wish)
    except categories.Refused:
        # There are too many categories by now. The program asked for the torrent, so it gets a tag of that name.
        as_tag = replace(wish, category="", tags=(wish.category, *wish.tags))
        adding.add(person=link.person, new_torrents=[new_torrent], wish=as_tag)


def _record_failure(link: LinkToAdd, code: str, params: dict[str, str | int]) -> None:
    """Write an event that names the server, but not the address, which may hold a passkey."""
    account = TorBoxAccount.objects.addable_by(link.person).first()
    if account:
        unnamed = Torrent(account=account, name=plain_text(_server_of(link.url), 200))
        Activity.record(unnamed, Activity.Kind.FAILED, person=link.person, code=code, params=params)


def _server_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
