"""What a lasting link is called, what it leads to, and until when it works, in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from localization.formats import day, listed, number
from torrents.formatting import display_name, isolated, with_markup

from ..endings import Ending
from ..models import LastingLink

Part = LastingLink.Part


def title(link: LastingLink) -> str:
    """Return the name of a link's torrent, or of its list of media."""
    return display_name(link.name if link.torrent is None else str(link.torrent))


def leads_to(link: LastingLink) -> SafeString:
    """Return what a link leads to, as markup."""
    if link.torrent is None:
        return list_words(link)
    if link.kind == LastingLink.Kind.EXPORT:
        return SafeString(_("For players and download managers"))
    name = link.path.rsplit("/", 1)[-1]
    if link.part == Part.FOLDER:
        # Translators: a folder of a torrent, with its name
        return with_markup(_("Folder %(name)s"), name=isolated(name, 80))
    if link.part == Part.FILE:
        # Translators: a file of a torrent, with its name
        return with_markup(_("File %(name)s"), name=isolated(name, 80))
    return SafeString(all_files(link.torrent.file_count))


def all_files(count: int) -> str:
    """Return “All 4 files”."""
    if not count:
        return _("All files")
    return ngettext("%(count)s file", "All %(count)s files", count) % {"count": number(count)}


def list_words(link: LastingLink) -> SafeString:
    """Return which media a list holds, as markup."""
    query = link.query if isinstance(link.query, dict) else {}
    if not query:
        return SafeString(_("Everything that’s ready"))
    tags = query.get("tag")
    if set(query) != {"tag"} or not isinstance(tags, list):
        return SafeString(_("A saved view"))
    # Translators: which torrents a playlist holds, such as “Everything tagged Films”
    return with_markup(
        _("Everything tagged %(tags)s"), tags=SafeString(listed([isolated(tag, 40) for tag in tags]))
    )


def ends(link: LastingLink, ending: Ending | None) -> str:
    """Return when a link expires, or how it ended, for a column of a table."""
    match ending:
        case Ending.EXPIRED:
            return _("Expired %(day)s") % {"day": _day(link.expires_at)}
        case Ending.REVOKED:
            return _("Revoked %(day)s") % {"day": _day(link.revoked_at)}
        case Ending.USED_UP:
            return _("Used up")
        case Ending.UNAVAILABLE:
            return _("Torrent deleted") if _is_deleted(link) else _("Not available")
    return day(link.expires_at) if link.expires_at else pgettext("expiry of a link", "Never")


def ends_after_use(link: LastingLink, ending: Ending | None) -> str:
    """Return the same for a line of facts, after when it was used."""
    match ending:
        case Ending.EXPIRED:
            return _("expired %(day)s") % {"day": _day(link.expires_at)}
        case Ending.REVOKED:
            return _("revoked %(day)s") % {"day": _day(link.revoked_at)}
        case Ending.USED_UP:
            return _("used up")
        case Ending.UNAVAILABLE:
            return _("torrent deleted") if _is_deleted(link) else _("not available")
    return _("until %(day)s") % {"day": day(link.expires_at)} if link.expires_at else _("never expires")


def uses(link: LastingLink) -> str:
    """Return how often a link was used: “6”, or “3 of 10”."""
    if not link.max_uses:
        return number(link.uses)
    # Translators: how often a link was used, and how often it may be
    return _("%(count)s of %(limit)s") % {"count": number(link.uses), "limit": number(link.max_uses)}


def downloads(link: LastingLink) -> str:
    """Return how often a link was used, for a line of facts."""
    if not link.uses:
        return _("no downloads yet")
    return ngettext("%(count)s download", "%(count)s downloads", link.uses) % {"count": number(link.uses)}


def _is_deleted(link: LastingLink) -> bool:
    return bool(link.torrent and link.torrent.removed_at)


def _day(at: datetime | None) -> str:
    return day(at) if at else ""
