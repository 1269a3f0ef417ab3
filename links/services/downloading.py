"""Download links. We ask TorBox for one at the click, because it works for an hour, and never store it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from time import monotonic

from django.utils import timezone

import torbox
from accounts.clients import client_for
from accounts.models import TorBoxAccount, User
from torrents.models import Activity, Torrent, TorrentFile

from .last_download import record_download

# Copying the links of a folder must not use up what TorBox allows in five minutes.
MAX_LINKS = 80
MAX_SECONDS = 25  # A person is waiting: give them the links made by then.
GIVE_UP_AFTER = 5  # faults in a row
STARTABLE = timedelta(hours=1)  # docs/torbox-api.md#requestdl; the shorter of what the sources say
SAME_EVENT = timedelta(minutes=10)  # A player asks again whenever its user skips ahead. Record that once.


class LinkError(StrEnum):
    """Why there is no link. The words are in `views/responses.py`."""

    NOT_READY = "not_ready"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    KEY_REJECTED = "key_rejected"
    THROTTLED = "throttled"
    UNREADABLE = "unreadable"
    NO_ANSWER = "no_answer"
    OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True)
class Wanted:
    """A file to get a link to; without a file, the zip of the whole torrent."""

    torrent: Torrent
    file: TorrentFile | None = None

    @property
    def name(self) -> str:
        """Return the name that the page shows."""
        return self.file.name if self.file else zip_name(self.torrent)

    @property
    def link(self) -> Link:
        return Link(self.name, path=self.file.path if self.file else "")


@dataclass(frozen=True)
class Link:
    """A download link, or why there is none: an error code, and what TorBox said about it.

    `path` is the file with its folders, as TorBox names them.
    """

    name: str
    url: str = ""
    path: str = ""
    error: LinkError | None = None
    upstream_detail: str = ""


def zip_name(torrent: Torrent) -> str:
    return f"{torrent}.zip"


def link_for(
    *, person: User, torrent: Torrent, file: TorrentFile | None = None, user_ip: str | None = None
) -> str:
    """Return the CDN address of one file, or of the whole torrent as a zip.

    See docs/torbox-api.md#requestdl; `user_ip` is the caller's public address, for the nearest CDN. Raises
    `torbox.TorBoxError`.
    """
    if not torrent.downloadable:
        raise torbox.NotFound("")
    with client_for(torrent.account, somebody_waits=True) as client:
        url = _request(client, Wanted(torrent, file), user_ip)
    record_link(person, torrent, file)
    return url


def links_for(*, person: User, wanted: Sequence[Wanted], user_ip: str | None) -> list[Link]:
    """Return a link for each of the first MAX_LINKS, or the error that prevented it.

    Raises `torbox.TorBoxError` when there is none at all because TorBox doesn't answer or refuses the key.
    """
    wanted = wanted[:MAX_LINKS]
    links: dict[int, Link] = {
        n: replace(item.link, error=LinkError.NOT_READY) for n, item in enumerate(wanted)
    }
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
    _record_links(person, taken)
    record_download(taken)
    return list(links.values())


class _Asking:
    """Ask for one link after the other, until TorBox stops answering or the time is up."""

    def __init__(self, client: torbox.Client, user_ip: str | None) -> None:
        self.client, self.user_ip = client, user_ip
        self.until = monotonic() + MAX_SECONDS
        self.trouble: torbox.TorBoxError | None = None
        self.in_a_row = 0

    def __call__(self, item: Wanted) -> Link:
        link = item.link
        if self.trouble:
            return _failed(link, self.trouble)
        if monotonic() > self.until:
            return replace(link, error=LinkError.OUT_OF_TIME)
        try:
            link = replace(link, url=_request(self.client, item, self.user_ip))
            self.in_a_row = 0
        except torbox.TorBoxError as error:
            self.in_a_row += isinstance(error, torbox.Unavailable)
            if not _is_about_this_one(error) or self.in_a_row == GIVE_UP_AFTER:
                self.trouble = error
            link = _failed(link, error)
        return link


LINK_ERRORS: tuple[tuple[type[torbox.TorBoxError], LinkError], ...] = (  # the first that fits
    (torbox.NotFound, LinkError.NOT_FOUND),
    (torbox.Refused, LinkError.REFUSED),
    (torbox.AuthError, LinkError.KEY_REJECTED),
    (torbox.RateLimited, LinkError.THROTTLED),
    (torbox.Malformed, LinkError.UNREADABLE),
    (torbox.TorBoxError, LinkError.NO_ANSWER),
)


def _failed(link: Link, error: torbox.TorBoxError) -> Link:
    code = next(code for kind, code in LINK_ERRORS if isinstance(error, kind))
    return replace(link, error=code, upstream_detail=error.detail)


def _is_about_this_one(error: torbox.TorBoxError) -> bool:
    """Return whether TorBox refused, or reported a fault of its own: the next link may work."""
    one = isinstance(error, torbox.NotFound | torbox.Refused | torbox.Malformed)
    return one or (isinstance(error, torbox.Unavailable) and error.code is not None)


def _ask_account(
    account: TorBoxAccount, wanted: list[Wanted], user_ip: str | None
) -> tuple[list[Link], torbox.TorBoxError | None]:
    """Return the links and the error that ended it. `client_for` stores that as the account's health."""
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
        return links or [_failed(item.link, error) for item in wanted], error
    return links, None


def _request(client: torbox.Client, item: Wanted, user_ip: str | None) -> str:
    return client.request_download(
        torrent_id=item.torrent.remote_id or 0,
        file_id=item.file.remote_id if item.file else None,
        zip_link=item.file is None,
        user_ip=user_ip,
    )


def record_link(person: User, torrent: Torrent, file: TorrentFile | None) -> None:
    """Record that a person took a file, or without one the zip, unless that was recorded within SAME_EVENT."""
    code, params = ("file", {"path": file.path}) if file else ("zip", {})
    entry = Activity.about(torrent, Activity.Kind.LINK_TAKEN, person=person, code=code, params=params)
    same = Activity.objects.filter(
        torrent=torrent, kind=entry.kind, person=person, code=entry.code, params=entry.params
    )
    if not same.filter(at__gt=timezone.now() - SAME_EVENT).exists():
        Activity.record_many([entry])
    record_download([torrent])


def _record_links(person: User, taken: list[Torrent]) -> None:
    """Record one event for each torrent, however many links to it were given out."""
    by_pk = {torrent.pk: torrent for torrent in taken}
    counts = Counter(torrent.pk for torrent in taken)
    kind = Activity.Kind.LINK_TAKEN
    Activity.record_many(
        Activity.about(by_pk[pk], kind, person=person, code="links", params={"count": count})
        for pk, count in counts.items()
    )
