"""Words for events. Every form is a whole sentence, because no two languages put the parts together the same way."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from torrents.models import Activity

Kind = Activity.Kind


class Words(NamedTuple):
    """The forms of an event. %(torrent)s may also be a file, %(count)s is a number of links, and %(folder)s one on disk.

    `label` is for filters, the CSV file, and the torrent's own page, where `label_by` names the person. `by` is for events
    that a person causes.
    """

    label: str | Promise
    sentence: str | Promise
    by: str | Promise = ""
    label_by: str | Promise = ""


# Translators: in events, %(torrent)s is the name of a torrent or a file, and %(person)s that of a person.
EVENTS: dict[str, Words] = {
    Kind.ADDED: Words(
        _("Added"),
        _("%(torrent)s was added"),
        _("%(person)s added %(torrent)s"),
        _("Added by %(person)s"),
    ),
    Kind.WAITED: Words(_("Waited"), _("%(torrent)s had to wait")),
    Kind.SENT: Words(_("Sent to TorBox"), _("%(torrent)s was sent to TorBox")),
    Kind.DOWNLOADING: Words(_("Downloading"), _("%(torrent)s started downloading")),
    Kind.STALLED: Words(_("Stalled"), _("%(torrent)s stalled")),
    Kind.READY: Words(_("Ready"), _("%(torrent)s is ready")),
    Kind.FAILED: Words(_("Failed"), _("%(torrent)s failed")),
    Kind.GONE: Words(_("Gone from TorBox"), _("%(torrent)s is gone from TorBox")),
    Kind.LINK_TAKEN: Words(
        _("Download link"),
        _("A download link for %(torrent)s was created"),
        _("%(person)s got a download link for %(torrent)s"),
        _("%(person)s got a download link"),
    ),
    Kind.LINK_USED: Words(
        _("Lasting link used"),
        _("Someone with a link downloaded %(torrent)s"),
        # Translators: someone unknown used a link that %(person)s made and passed on.
        _("Someone with %(person)s’s link downloaded %(torrent)s"),
        _("Downloaded with %(person)s’s link"),
    ),
    Kind.CONTROLLED: Words(
        _("Changed"),
        _("%(torrent)s was changed"),
        _("%(person)s changed %(torrent)s"),
        _("Changed by %(person)s"),
    ),
    Kind.DELETED: Words(
        _("Deleted"),
        _("%(torrent)s was deleted"),
        _("%(person)s deleted %(torrent)s"),
        _("Deleted by %(person)s"),
    ),
    Kind.RETRIED: Words(
        _("Added again"),
        _("%(torrent)s was added again"),
        _("%(person)s added %(torrent)s again"),
        _("Added again by %(person)s"),
    ),
    Kind.TAGGED: Words(
        _("Tags changed"),
        _("The tags of %(torrent)s were changed"),
        _("%(person)s changed the tags of %(torrent)s"),
        _("Tags changed by %(person)s"),
    ),
    Kind.RENAMED: Words(
        _("Renamed"),
        _("%(torrent)s was renamed"),
        _("%(person)s renamed %(torrent)s"),
        _("Renamed by %(person)s"),
    ),
    # Translators: “Kept” here and below means that TorBox keeps the torrent forever, although nobody downloads it.
    Kind.KEPT: Words(
        _("Kept forever"),
        _("%(torrent)s is kept forever"),
        _("%(person)s kept %(torrent)s forever"),
        _("Kept forever by %(person)s"),
    ),
    Kind.UNKEPT: Words(
        _("No longer kept"),
        _("%(torrent)s is no longer kept"),
        _("%(person)s stopped keeping %(torrent)s"),
        _("No longer kept, by %(person)s"),
    ),
    # Translators: “Saved” here and below means: copied from TorBox to the household's own disk, into %(folder)s.
    Kind.SAVED: Words(
        _("Saved to disk"),
        _("%(torrent)s was saved to %(folder)s"),
        _("%(person)s saved %(torrent)s to %(folder)s"),
        _("Saved to %(folder)s by %(person)s"),
    ),
    Kind.NOT_SAVED: Words(
        _("Saving failed"),
        _("%(torrent)s couldn’t be saved to %(folder)s"),
        _("%(person)s couldn’t save %(torrent)s to %(folder)s"),
        _("%(person)s couldn’t save it to %(folder)s"),
    ),
}
# What TorBox refused, by the kind of the event.
NOT_EDITED: dict[str, Words] = {
    Kind.TAGGED: Words(
        _("Couldn’t change the tags"),
        _("The tags of %(torrent)s couldn’t be changed"),
        _("%(person)s couldn’t change the tags of %(torrent)s"),
        _("%(person)s couldn’t change the tags"),
    ),
    Kind.RENAMED: Words(
        _("Couldn’t rename"),
        _("%(torrent)s couldn’t be renamed"),
        _("%(person)s couldn’t rename %(torrent)s"),
        _("%(person)s couldn’t rename it"),
    ),
    Kind.KEPT: Words(
        _("Couldn’t keep"),
        _("%(torrent)s couldn’t be kept"),
        _("%(person)s couldn’t keep %(torrent)s"),
        _("%(person)s couldn’t keep it"),
    ),
    Kind.UNKEPT: Words(
        _("Couldn’t stop keeping"),
        _("%(torrent)s is still kept"),
        _("%(person)s couldn’t stop keeping %(torrent)s"),
        _("%(person)s couldn’t stop keeping it"),
    ),
}
# By the key of the operation: what was done, and what couldn't be done.
DONE: dict[str, Words] = {
    "pause": Words(
        _("Paused"),
        _("%(torrent)s was paused"),
        _("%(person)s paused %(torrent)s"),
        _("Paused by %(person)s"),
    ),
    "resume": Words(
        _("Resumed"),
        _("%(torrent)s was resumed"),
        _("%(person)s resumed %(torrent)s"),
        _("Resumed by %(person)s"),
    ),
    "reannounce": Words(
        _("Reannounced"),
        _("%(torrent)s was reannounced"),
        _("%(person)s reannounced %(torrent)s"),
        _("Reannounced by %(person)s"),
    ),
    "stop_seeding": Words(
        _("Stopped seeding"),
        _("%(torrent)s stopped seeding"),
        _("%(person)s stopped seeding %(torrent)s"),
        _("Seeding stopped by %(person)s"),
    ),
    "start": Words(
        _("Started"),
        _("%(torrent)s was started"),
        _("%(person)s started %(torrent)s"),
        _("Started by %(person)s"),
    ),
    "delete": EVENTS[Kind.DELETED],
}
NOT_DONE: dict[str, Words] = {
    "pause": Words(
        _("Couldn’t pause"),
        _("%(torrent)s couldn’t be paused"),
        _("%(person)s couldn’t pause %(torrent)s"),
        _("%(person)s couldn’t pause it"),
    ),
    "resume": Words(
        _("Couldn’t resume"),
        _("%(torrent)s couldn’t be resumed"),
        _("%(person)s couldn’t resume %(torrent)s"),
        _("%(person)s couldn’t resume it"),
    ),
    "reannounce": Words(
        _("Couldn’t reannounce"),
        _("%(torrent)s couldn’t be reannounced"),
        _("%(person)s couldn’t reannounce %(torrent)s"),
        _("%(person)s couldn’t reannounce it"),
    ),
    "stop_seeding": Words(
        _("Couldn’t stop seeding"),
        _("%(torrent)s couldn’t stop seeding"),
        _("%(person)s couldn’t stop seeding %(torrent)s"),
        _("%(person)s couldn’t stop seeding it"),
    ),
    "start": Words(
        _("Couldn’t start"),
        _("%(torrent)s couldn’t be started"),
        _("%(person)s couldn’t start %(torrent)s"),
        _("%(person)s couldn’t start it"),
    ),
    "delete": Words(
        _("Couldn’t delete"),
        _("%(torrent)s couldn’t be deleted"),
        _("%(person)s couldn’t delete %(torrent)s"),
        _("%(person)s couldn’t delete it"),
    ),
}


def several_links(number: int) -> Words:
    """Return the words for links to `number` files of a torrent."""
    return Words(
        EVENTS[Kind.LINK_TAKEN].label,
        ngettext(
            "%(count)s download link for %(torrent)s was created",
            "%(count)s download links for %(torrent)s were created",
            number,
        ),
        ngettext(
            "%(person)s got %(count)s download link for %(torrent)s",
            "%(person)s got %(count)s download links for %(torrent)s",
            number,
        ),
        ngettext(
            "%(person)s got %(count)s download link",
            "%(person)s got %(count)s download links",
            number,
        ),
    )
