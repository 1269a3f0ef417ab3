"""The timeline and the details of a torrent on its own page. Its files are in tree.py."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from localization.formats import day, decimal, file_size, full_date, number, speed
from torrents.formatting import display_name, short_hash
from torrents.models import Activity, Torrent
from torrents.states import Status

from ..activity.lines import TimelineEvent, on_own_page
from ..list.row_text import knows, removal_words, shows_kept

MAX_EVENTS = 100


@dataclass(frozen=True)
class Fact:
    """A line under Details. `read`: the fields of TorBox that it comes from."""

    label: str
    value: str
    title: str = ""
    mono: bool = False
    read: tuple[str, ...] = ()


def timeline(torrent: Torrent, user: User) -> list[TimelineEvent]:
    """Return the latest events of a torrent that `user` may see, newest first. The Activity page has all of them."""
    entries = Activity.objects.visible_to(user).filter(torrent=torrent).select_related("person")[:MAX_EVENTS]
    return [on_own_page(entry) for entry in entries]


def facts(torrent: Torrent) -> list[Fact]:
    """Return what TorBox says and the list leaves out, except for values that couldn't be read."""
    known = [
        Fact(_("Info hash"), short_hash(torrent.info_hash), torrent.info_hash, mono=True),
        Fact(_("TorBox ID"), str(torrent.remote_id or torrent.queued_id or "")),
        Fact(
            _("Seeds · peers"),
            f"{number(torrent.seeds)} · {number(torrent.peers)}",
            read=("seeds", "peers"),
        ),
        Fact(
            _("Speed"),
            # Translators: how fast a torrent downloads and uploads.
            _("%(down)s down, %(up)s up")
            % {"down": speed(torrent.download_speed), "up": speed(torrent.upload_speed)},
            read=("download_speed", "upload_speed"),
        ),
        Fact(_("Ratio"), decimal(torrent.ratio, 2), read=("ratio",)),
        Fact(
            _("Availability"),
            decimal(torrent.availability, 2) if torrent.availability else "",
            _("Complete copies among all peers"),
        ),
        Fact(
            _("Transferred"),
            _("%(down)s downloaded, %(up)s uploaded")
            % {"down": file_size(torrent.total_downloaded), "up": file_size(torrent.total_uploaded)},
            read=("total_downloaded", "total_uploaded"),
        ),
        Fact(_("Tracker"), display_name(torrent.tracker, 60), display_name(torrent.tracker)),
        Fact(_("Tracker message"), display_name(torrent.tracker_message)),
        Fact(_("Private tracker"), _("Yes") if torrent.private else ""),
        Fact(_("Cached"), _("Yes") if torrent.cached else "", full_date(torrent.cached_at)),
        Fact(_("Removal"), _removal(torrent), removal_words(torrent)),
        Fact(_("TorBox state"), display_name(torrent.raw_state), _("TorBox’s own name for this state")),
        Fact(_("TorBox account"), display_name(torrent.account.label)),
    ]
    return [fact for fact in known if fact.value and knows(torrent, *fact.read)]


def _removal(torrent: Torrent) -> str:
    """Return when TorBox removes it."""
    if shows_kept(torrent):
        return _("Kept with AirLock")
    if not torrent.removal_at or torrent.status != Status.READY:
        return ""
    if torrent.removal_estimated:
        # Translators: the day around which TorBox removes a torrent, such as “Mar 3”. We estimate it.
        return _("Around %(day)s (estimate)") % {"day": day(torrent.removal_at)}
    return day(torrent.removal_at)
