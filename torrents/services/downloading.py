"""Links to what is ready. TorBox is asked at click time: a link is for starting within the hour and kept nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic

from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, User

from ..models import Activity, Torrent, TorrentFile

# Copying the links of a folder must not use up what TorBox grants for five minutes.
MOST_LINKS = 80
MOST_SECONDS = 25  # somebody waits; what was had by then is given
GIVE_UP_AFTER = 5  # faults in a row
STARTABLE = timedelta(hours=1)  # docs/torbox-api.md#requestdl; the shorter of what the sources say
SAME_STORY = timedelta(minutes=10)  # a player asks again at every jump; the story says it once
NOT_READY = "It is not ready yet."
NOT_THERE = "TorBox does not have it any more."
NO_ANSWER = "TorBox does not answer."
TOO_SLOW = "TorBox took too long; try again for the rest."


@dataclass(frozen=True)
class Wanted:
    """A file somebody wants a link to; without a file the zip of the whole torrent."""

    torrent: Torrent
    file: TorrentFile | None = None

    @property
    def path(self) -> str:
        return self.file.path if self.file else f"{self.torrent}.zip"


@dataclass(frozen=True)
class Link:
    """A link somebody takes, or the sentence why there is none. `path` holds folders, as TorBox names them."""

    path: str
    url: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def link_for(
    *, person: User, torrent: Torrent, file: TorrentFile | None = None, user_ip: str | None = None
) -> str:
    """The CDN address of one file, or of the whole torrent as a zip. Raises `torbox.TorBoxError`.

    See docs/torbox-api.md#requestdl; `user_ip` is the caller's public address, for the nearest CDN.
    """
    if not torrent.downloadable:
        raise torbox.NotFound("")
    with client_for(torrent.account, somebody_waits=True) as client:
        url = _request(client, Wanted(torrent, file), user_ip)
    _tell(person, torrent, file.path if file else "zip")
    return url


def links_for(*, person: User, wanted: Sequence[Wanted], user_ip: str | None) -> list[Link]:
    """A link for each of the first MOST_LINKS, honest about those that could not be had.

    Raises `torbox.TorBoxError` when TorBox gave none at all because it does not answer or refuses the key.
    """
    wanted = wanted[:MOST_LINKS]
    links: dict[int, Link] = {n: Link(item.path, error=NOT_READY) for n, item in enumerate(wanted)}
    troubles: list[torbox.TorBoxError] = []
    for account in {item.torrent.account_id: item.torrent.account for item in wanted}.values():
        mine = [n for n, item in enumerate(wanted) if item.torrent.account_id == account.pk]
        ready = [n for n in mine if wanted[n].torrent.downloadable]
        found, trouble = _ask_account(account, [wanted[n] for n in ready], user_ip)
        links.update(zip(ready, found, strict=True))
        troubles += [trouble] if trouble else []
    taken = [wanted[n].torrent for n, link in links.items() if link.url]
    if troubles and not taken:
        raise troubles[0]
    _tell_of_several(person, taken)
    return list(links.values())


class _Asking:
    """Asks for one link after the other; for none any more once TorBox stopped answering or time is up."""

    def __init__(self, client: torbox.Client, user_ip: str | None) -> None:
        self.client, self.user_ip = client, user_ip
        self.until = monotonic() + MOST_SECONDS
        self.trouble: torbox.TorBoxError | None = None
        self.in_a_row = 0

    def __call__(self, item: Wanted) -> Link:
        link = Link(item.path)
        if self.trouble or monotonic() > self.until:
            said = (self.trouble.detail or NO_ANSWER) if self.trouble else TOO_SLOW
            return replace(link, error=said)
        try:
            link = replace(link, url=_request(self.client, item, self.user_ip))
            self.in_a_row = 0
        except torbox.TorBoxError as error:
            self.in_a_row += isinstance(error, torbox.Unavailable)
            if not _is_about_this_one(error) or self.in_a_row == GIVE_UP_AFTER:
                self.trouble = error
            link = replace(link, error=error.detail or NOT_THERE)
        return link


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """A refusal, or a fault that TorBox itself reports: the next link may well be had."""
    one = isinstance(error, torbox.NotFound | torbox.Refused | torbox.Malformed)
    return one or (isinstance(error, torbox.Unavailable) and error.code is not None)


def _ask_account(
    account: TorBoxAccount, wanted: list[Wanted], user_ip: str | None
) -> tuple[list[Link], torbox.TorBoxError | None]:
    """The links, and what TorBox's trouble was; it becomes the account's health on the way."""
    links: list[Link] = []
    if not wanted:
        return links, None
    try:
        with client_for(account, somebody_waits=True) as client:
            asking = _Asking(client, user_ip)
            links = [asking(item) for item in wanted]
            if asking.trouble:
                raise asking.trouble
    except torbox.TorBoxError as error:
        return links or [Link(item.path, error=error.detail or NO_ANSWER) for item in wanted], error
    return links, None


def _request(client: torbox.Client, item: Wanted, user_ip: str | None) -> str:
    return client.request_download(
        torrent_id=item.torrent.remote_id or 0,
        file_id=item.file.remote_id if item.file else None,
        zip_link=item.file is None,
        user_ip=user_ip,
    )


def _tell(person: User, torrent: Torrent, detail: str) -> None:
    entry = Activity.about(torrent, Activity.Kind.LINK_TAKEN, person=person, detail=detail)
    same = Activity.objects.filter(torrent=torrent, kind=entry.kind, person=person, detail=entry.detail)
    if not same.filter(at__gt=timezone.now() - SAME_STORY).exists():
        entry.save()


def _tell_of_several(person: User, taken: list[Torrent]) -> None:
    """One line in each torrent's story, however many of its links were taken."""
    by_pk = {torrent.pk: torrent for torrent in taken}
    entries = [
        Activity.about(by_pk[pk], Activity.Kind.LINK_TAKEN, person=person, detail=f"{number} links")
        for pk, number in Counter(torrent.pk for torrent in taken).items()
    ]
    Activity.objects.bulk_create(entries)
