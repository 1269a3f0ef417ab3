"""What a row says about its torrent: the line under the name, its status, and the note beside it. Makes no queries."""

from __future__ import annotations

from typing import NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization.formats import clock, day, duration, full_date, number, sentences
from localization.formats import speed as speed_in_words
from localization.formats import until as until_in_words
from torrents.airlock import offers_airlock
from torrents.formatting import isolated, joined, with_markup
from torrents.models import Torrent
from torrents.operations import OPERATIONS
from torrents.reason_text import reason_words
from torrents.states import MOVING, TONES, Status, is_incomplete


def quiet_line(torrent: Torrent, account: str = "") -> SafeString:
    """Return the line under the name as markup: why it waits or what went wrong, else a few facts.

    `account`: the name of its TorBox account, to be shown as well.
    """
    parts: list[str]
    if torrent.status == Status.WAITING:
        parts = [_waiting_line(torrent)]
    elif words := problem(torrent):
        parts = [words]
    else:
        parts = _facts(torrent)
        if _is_seeding(torrent) and (shows_keep(torrent) or shows_kept(torrent)):
            parts.append(_("seeding"))
        if torrent.added_by:
            parts.append(
                with_markup(_("added by %(person)s"), person=isolated(torrent.added_by.display_name))
            )
        if torrent.hidden:
            parts.append(_("hidden from others"))
    if account:
        parts.append(isolated(account))
    return joined(parts)


def problem(torrent: Torrent) -> str:
    """Return why it failed, or why an operation on it did; "" if nothing did."""
    return "" if torrent.status == Status.WAITING else _why(torrent)


def status(torrent: Torrent) -> str:
    """Return the status in words. In the last week before its removal, a ready torrent is *Expiring in 3 days*."""
    if not torrent.removal_at or not torrent.expires_soon:
        return str(torrent.status_label)
    seconds = (torrent.removal_at - timezone.now()).total_seconds()
    if seconds <= 0:
        return _("Expiring soon")
    if torrent.removal_estimated:
        # Translators: a status. %(time)s is such as “3 days”.
        return _("Expiring in about %(time)s") % {"time": duration(seconds)}
    # Translators: a status. %(when)s is such as “in 3 days”.
    return _("Expiring %(when)s") % {"when": until_in_words(torrent.removal_at)}


def tone(torrent: Torrent) -> str:
    """Return the tone of the status."""
    return TONES[Status.WAITING] if torrent.expires_soon else torrent.tone


def why_expiring(torrent: Torrent) -> str:
    """Return when TorBox removes a torrent that expires soon, and how we know; "" for others."""
    return removal_words(torrent) if torrent.expires_soon else ""


def removal_words(torrent: Torrent) -> str:
    """Return when TorBox removes a torrent and how we know; "" if it has no date."""
    if torrent.removal_at is None:
        return ""
    if torrent.removal_estimated:
        rule = _("TorBox removes torrents 30 days after their last download.")
        # Translators: a day such as “Mar 3”.
        ours = _("By our estimate, that’s on %(day)s.") % {"day": day(torrent.removal_at)}
        return sentences([rule, ours])
    # Translators: %(time)s is a time in full, such as “Wednesday, December 2, 2026 at 12:40:02 PM UTC”.
    words = _("TorBox removes it on %(time)s, unless someone downloads it first.")
    return words % {"time": full_date(torrent.removal_at)}


def shows_keep(torrent: Torrent) -> bool:
    """Return whether *Keep* takes the place of the note."""
    offered = torrent.expires_soon and not torrent.pending and torrent.may_control
    return offered and offers_airlock(torrent.account)


def shows_kept(torrent: Torrent) -> bool:
    """Return whether the note says that it is kept."""
    return torrent.airlocked and torrent.status == Status.READY and not torrent.pending


def note(torrent: Torrent) -> str:
    """Return the few words beside the status."""
    if torrent.pending:
        operation = OPERATIONS.get(torrent.pending)
        return str(operation.doing) if operation else ""
    if shows_kept(torrent):
        # Translators: TorBox keeps this torrent until someone stops that.
        return _("Kept")
    if torrent.status == Status.READY:
        return _("seeding") if torrent.active and not shows_keep(torrent) else ""
    if not has_progress(torrent):
        return ""
    if torrent.status in MOVING and torrent.progress:
        left = duration(torrent.eta) if torrent.eta else ""
        return f"{torrent.percent}% · {left}" if left else f"{torrent.percent}%"
    return f"{torrent.percent}%" if torrent.status == Status.STALLED else ""


def pending_edit(torrent: Torrent) -> str:
    """Return that TorBox doesn't have a new name, tags, or AirLock yet; "" if it has."""
    return _("TorBox doesn’t have this change yet") if torrent.edit_pending else ""


def knows(torrent: Torrent, *fields: str) -> bool:
    """Return whether TorBox's values of these fields could be read."""
    return not torrent.unread or not {*fields} & {*torrent.unread.split(",")}


def has_progress(torrent: Torrent) -> bool:
    """Return whether TorBox's progress is that of the content. While TorBox looks for the files, it isn't."""
    return torrent.status != Status.METADATA and knows(torrent, "progress")


class Bar(NamedTuple):
    """A progress bar. `at` is 0..1, and `pace` the part that arrives in a second, as a browser reads numbers."""

    at: str
    pace: str
    percent: int


def bar(torrent: Torrent) -> Bar | None:
    """Return the progress bar of a torrent that moves, else None."""
    if torrent.status not in MOVING or not has_progress(torrent):
        return None
    return Bar(f"{torrent.progress:.4f}", f"{_pace(torrent):.6f}", torrent.percent)


class Speed(NamedTuple):
    """A cell of the column with speeds, in words: a rate, with “↑” for an upload, and the number of seeds."""

    rate: str
    seeds: str


def speed(torrent: Torrent) -> Speed:
    """Return its cell of the column with speeds: empty for a torrent that neither downloads nor uploads."""
    if torrent.status == Status.DOWNLOADING:
        rate = speed_in_words(torrent.download_speed) if knows(torrent, "download_speed") else ""
        return Speed(rate, _seeds(torrent))
    if _is_seeding(torrent) and torrent.upload_speed > 0 and knows(torrent, "upload_speed"):
        return Speed(f"↑ {speed_in_words(torrent.upload_speed)}", "")
    return Speed("", "")


def _pace(torrent: Torrent) -> float:
    """Return the part of the torrent that arrives in a second (0..1), by TorBox's estimate, else by its speed."""
    if torrent.status != Status.DOWNLOADING:
        return 0.0
    if torrent.eta and torrent.eta > 0:
        return max(0.0, 1 - torrent.progress) / torrent.eta
    return torrent.download_speed / torrent.size if torrent.size else 0.0


def _waiting_line(torrent: Torrent) -> str:
    if not torrent.reason:
        return _("Sending to TorBox")
    reason, until = _why(torrent), torrent.waiting_until
    if until is None or until <= timezone.now():
        return reason
    if torrent.waiting_place:
        # Translators: the place of a torrent in a line of torrents that wait to be sent, and a time, with its date unless
        # it is today.
        then = _("Number %(place)s in line, around %(time)s.")
        return sentences([reason, then % {"place": number(torrent.waiting_place), "time": clock(until)}])
    # Translators: a time, with its date unless it is today.
    then = _("Next try: %(time)s.")
    return sentences([reason, then % {"time": clock(until)}])


def _why(torrent: Torrent) -> str:
    if not torrent.reason:
        return ""
    return reason_words(torrent.reason, torrent.reason_params, torrent.upstream_detail)


def _facts(torrent: Torrent) -> list[str]:
    if torrent.status == Status.QUEUED:
        return [_("In TorBox’s queue until a slot is free")]
    if torrent.status == Status.STALLED and is_incomplete(torrent.raw_state):
        return [_("Too few seeds to finish. TorBox continues when there are more.")]
    if torrent.status == Status.STALLED:
        waited = duration((timezone.now() - torrent.status_since).total_seconds())
        return [_("No seeds for %(time)s") % {"time": waited}]
    if torrent.status == Status.GONE:
        return [_("No longer on TorBox")]
    if torrent.status == Status.WORKING and torrent.raw_state:
        # Translators: TorBox’s own name of a status that isn’t known here.
        return [with_markup(_("TorBox says “%(state)s”"), state=isolated(torrent.raw_state))]
    if torrent.is_moving:
        return _swarm(torrent)
    if not (files := torrent.file_count):
        return []
    return [ngettext("%(count)s file", "%(count)s files", files) % {"count": number(files)}]


def _is_seeding(torrent: Torrent) -> bool:
    return torrent.status == Status.READY and torrent.active


def _swarm(torrent: Torrent) -> list[str]:
    return [words for words in (_peers(torrent), _seeds(torrent)) if words]


def _peers(torrent: Torrent) -> str:
    if not knows(torrent, "peers"):
        return ""
    peers = torrent.peers
    return ngettext("%(count)s peer", "%(count)s peers", peers) % {"count": number(peers)}


def _seeds(torrent: Torrent) -> str:
    if not knows(torrent, "seeds"):
        return ""
    seeds = torrent.seeds
    return ngettext("%(count)s seed", "%(count)s seeds", seeds) % {"count": number(seeds)}
