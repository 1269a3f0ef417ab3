"""What a row says about itself: the quiet line and the note. Words only; no queries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.utils import timezone

from .formatting import clock, display_name, duration, ordinal
from .formatting import until as until_in_words
from .states import MOVING, Status

if TYPE_CHECKING:
    from .models import Torrent

EXPIRY_SHOWN = 7 * 86400
HIDDEN = "hidden from others"
PENDING = {
    "reannounce": "Reannouncing…",
    "resume": "Resuming…",
    "pause": "Pausing…",
    "stop_seeding": "Stopping seeding…",
    "start": "Starting…",
}


def quiet_line(torrent: Torrent) -> str:
    """The line under the name: why it waits, what went wrong, or quiet facts."""
    if torrent.status == Status.WAITING:
        return _waiting_line(torrent)
    if torrent.error:
        return display_name(torrent.error)
    facts = _facts(torrent)
    if torrent.added_by:
        facts.append(f"added by {display_name(torrent.added_by.display_name)}")
    if torrent.hidden:
        facts.append(HIDDEN)
    return " · ".join(facts)


def note(torrent: Torrent) -> str:
    """The few words at the right of the status."""
    if torrent.pending:
        return PENDING.get(torrent.pending, "")
    if torrent.status in MOVING and torrent.progress:
        left = duration(torrent.eta) if torrent.eta else ""
        return f"{torrent.percent}% · {left}" if left else f"{torrent.percent}%"
    if torrent.status == Status.STALLED:
        return f"{torrent.percent}%"
    if torrent.status == Status.READY:
        return "seeding" if torrent.active else _expiry(torrent.expires_at)
    return ""


class Bar(NamedTuple):
    """How far something is that moves: `at` 0..1, `pace` what arrives of it in a second, as a browser reads numbers."""

    at: str
    pace: str
    percent: int


def bar(torrent: Torrent) -> Bar | None:
    if torrent.status not in MOVING:
        return None
    return Bar(f"{torrent.progress:.4f}", f"{_pace(torrent):.6f}", torrent.percent)


def _pace(torrent: Torrent) -> float:
    """How much of the whole arrives in a second (0..1), by TorBox's estimate, else by its speed."""
    if torrent.status != Status.DOWNLOADING:
        return 0.0
    if torrent.eta and torrent.eta > 0:
        return max(0.0, 1 - torrent.progress) / torrent.eta
    return torrent.download_speed / torrent.size if torrent.size else 0.0


def _waiting_line(torrent: Torrent) -> str:
    if not torrent.waiting_for:
        return "Being sent to TorBox"
    reason, until = display_name(torrent.waiting_for), torrent.waiting_until
    if until is None or until <= timezone.now():
        return reason
    if torrent.waiting_place:
        return f"{reason}; {ordinal(torrent.waiting_place)} in line, about {clock(until)}"
    return f"{reason}; next try at {clock(until)}"


def _facts(torrent: Torrent) -> list[str]:
    if torrent.status == Status.QUEUED:
        return ["In TorBox’s queue until a slot is free"]
    if torrent.status == Status.STALLED:
        waited = duration((timezone.now() - torrent.status_since).total_seconds())
        return [f"No seeds for {waited}"]
    if torrent.status == Status.GONE:
        return ["TorBox no longer has it"]
    if torrent.status == Status.WORKING and torrent.raw_state:
        return [f"TorBox says: {display_name(torrent.raw_state)}"]
    if torrent.is_moving:
        return [f"{torrent.peers} peers", f"{torrent.seeds} seeds"]
    return (
        [f"{torrent.file_count:,} file{'s' if torrent.file_count != 1 else ''}"] if torrent.file_count else []
    )


def _expiry(moment: datetime | None) -> str:
    """Only when it is near: most torrents have weeks."""
    if moment is None or (moment - timezone.now()).total_seconds() > EXPIRY_SHOWN:
        return ""
    return f"expires {until_in_words(moment)}"
