"""Links to what is ready. TorBox is asked at click time: a link is for starting within the hour and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import torbox
from accounts.clients import client_for
from accounts.models import User

from ..models import Activity, Torrent, TorrentFile

# Copying the links of a folder must not use up what TorBox grants for five minutes.
MOST_LINKS = 80


@dataclass(frozen=True)
class Link:
    """A link somebody copies, or the sentence why there is none."""

    name: str
    url: str = ""
    error: str = ""


def link_for(
    *, person: User, torrent: Torrent, file: TorrentFile | None = None, user_ip: str | None = None
) -> str:
    """The CDN address of one file, or of the whole torrent as a zip. Raises `torbox.TorBoxError`.

    See docs/torbox-api.md#requestdl; `user_ip` is the caller's public address, for the nearest CDN.
    """
    if torrent.remote_id is None or not torrent.downloadable:
        raise torbox.NotFound("")
    with client_for(torrent.account, somebody_waits=True) as client:
        url = client.request_download(
            torrent_id=torrent.remote_id,
            file_id=file.remote_id if file else None,
            zip_link=file is None,
            user_ip=user_ip,
        )
    detail = file.path if file else "zip"
    Activity.about(torrent, Activity.Kind.LINK_TAKEN, person=person, detail=detail).save()
    return url


def links_for(*, person: User, torrent: Torrent, files: list[TorrentFile], user_ip: str | None) -> list[Link]:
    """A link for each file, honest about those that could not be had."""
    links, trouble = [], ""
    for file in files[:MOST_LINKS]:
        if trouble:
            links.append(Link(file.name, error=trouble))
            continue
        try:
            url = link_for(person=person, torrent=torrent, file=file, user_ip=user_ip)
            links.append(Link(file.name, url))
        except (torbox.NotFound, torbox.Refused) as error:
            links.append(Link(file.name, error=error.detail))
        except torbox.TorBoxError as error:
            trouble = error.detail or "TorBox does not answer."
            links.append(Link(file.name, error=trouble))
    return links
