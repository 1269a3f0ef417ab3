"""Words for why a link to a .torrent file couldn't be fetched, by the codes of `torbox/guarded_fetch.py` and our own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LINK = "link_"  # the beginning of these codes among the others for what was skipped
LINK_WORDS: dict[str, str | Promise] = {
    "url": _("This isn’t a complete web address."),
    "scheme": _("Links must begin with https. Download the file and upload it here."),
    "address": _(
        "This link doesn’t lead to the public internet, so we don’t fetch it. Download the file and upload it here."
    ),
    "redirects": _(
        "This link redirects too often or to an insecure address. Download the file and upload it here."
    ),
    "too_large": _(
        "The file behind this link is larger than %(limit)s MiB, the limit for .torrent files."
        " Add its magnet link or info hash instead."
    ),
    "too_slow": _(
        "The server behind this link took longer than %(limit)s seconds. Download the file and upload it here."
    ),
    "tls": _("The server behind this link has no valid certificate. Download the file and upload it here."),
    "status": _(
        "The server behind this link returned error %(status)s. Download the file and upload it here."
    ),
    "unreachable": _("We couldn’t reach the server behind this link. Download the file and upload it here."),
    "web_page": _("This link leads to a web page, perhaps to sign in. Download the file and upload it here."),
    "empty": _("The server behind this link sent nothing. Download the file and upload it here."),
    "too_many": _("We fetch up to %(limit)s links to .torrent files at once. Paste the rest afterward."),
    "throttled": _("Too many links in the last minute. Wait a minute and try again."),
    "busy": _("Too many links are being fetched right now. Try again in a moment."),
    "no_account": _(
        "We fetch links only for people who can add torrents. Download the file and upload it here."
    ),
}
