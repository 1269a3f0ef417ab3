"""One torrent on its own page: its story, its facts. Its files: filetree.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User

from .formatting import display_name, file_size, full_date, short_hash, speed
from .models import Activity, Torrent

MOST_TOLD = 100


@dataclass(frozen=True)
class Moment:
    tone: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    title: str = ""
    mono: bool = False


STORY_TONES = {
    Activity.Kind.READY: "ready",
    Activity.Kind.LINK_TAKEN: "ready",
    Activity.Kind.DOWNLOADING: "active",
    Activity.Kind.STALLED: "waiting",
    Activity.Kind.WAITED: "waiting",
    Activity.Kind.FAILED: "failed",
}
BY_PERSON = {
    Activity.Kind.ADDED: "Added by {}",
    Activity.Kind.LINK_TAKEN: "{} took a link",
    Activity.Kind.RETRIED: "{} added it again",
    Activity.Kind.DELETED: "{} deleted it",
}


def story(torrent: Torrent, user: User) -> list[Moment]:
    """What happened to it as far as `user` may know, newest first; all of it is on the activity page."""
    entries = Activity.objects.visible_to(user).filter(torrent=torrent).select_related("person")[:MOST_TOLD]
    return [
        Moment(STORY_TONES.get(Activity.Kind(entry.kind), "quiet"), _sentence(entry), entry.at)
        for entry in entries
    ]


def facts(torrent: Torrent) -> list[Fact]:
    """Everything TorBox says that the list leaves out."""
    known = [
        Fact("Info hash", short_hash(torrent.info_hash), torrent.info_hash, mono=True),
        Fact("TorBox id", str(torrent.remote_id or torrent.queued_id or "")),
        Fact("Seeds · peers", f"{torrent.seeds} · {torrent.peers}"),
        Fact("Speed", f"{speed(torrent.download_speed)} down, {speed(torrent.upload_speed)} up"),
        Fact("Ratio", f"{torrent.ratio:.2f}"),
        Fact("Availability", f"{torrent.availability:.2f} copies" if torrent.availability else ""),
        Fact("Moved", f"{file_size(torrent.total_downloaded)} down, {file_size(torrent.total_uploaded)} up"),
        Fact("Tracker", display_name(torrent.tracker, 60), display_name(torrent.tracker)),
        Fact("Tracker says", display_name(torrent.tracker_message)),
        Fact("Private tracker", "yes" if torrent.private else ""),
        Fact("Cached", "yes" if torrent.cached else "", full_date(torrent.cached_at)),
        Fact(
            "Expires",
            f"{torrent.expires_at:%-d %b %Y}" if torrent.expires_at else "",
            full_date(torrent.expires_at),
        ),
        Fact("TorBox says", display_name(torrent.raw_state), "the state’s own name at TorBox"),
        Fact("Account", torrent.account.label),
    ]
    return [fact for fact in known if fact.value]


def _sentence(entry: Activity) -> str:
    kind, detail = Activity.Kind(entry.kind), display_name(entry.detail, 200)
    if entry.person and kind in BY_PERSON:
        return BY_PERSON[kind].format(display_name(entry.person.display_name))
    if entry.person and kind == Activity.Kind.CONTROLLED:
        return f"{display_name(entry.person.display_name)}: {detail}"
    if kind in (Activity.Kind.FAILED, Activity.Kind.WAITED, Activity.Kind.CONTROLLED) and detail:
        return f"{kind.label}: {detail}"
    return kind.label
