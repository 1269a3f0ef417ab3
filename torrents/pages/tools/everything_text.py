"""Words for what became of an operation on all torrents of an account."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import TorBoxAccount
from localization.bidi import isolated_text
from localization.formats import number
from torrents.operations import DELETE
from torrents.services.actions.controlling import Everything

from ..list.bulk_text import started

DONE: dict[str, str | Promise] = {
    "pause": _("Paused all torrents on %(account)s."),
    "resume": _("Resumed all torrents on %(account)s."),
    "reannounce": _("Reannounced all torrents on %(account)s."),
    "stop_seeding": _("Stopped all seeding on %(account)s."),
    DELETE: _("Deleted all torrents on %(account)s."),
}


def result_sentence(operation: str, account: TorBoxAccount, result: Everything) -> str:
    """Return what TorBox has done, what it is about to do, or what we'll send when it responds again."""
    if result.done:
        return str(DONE[operation]) % {"account": isolated_text(account.label)}
    if not result.silent:
        return started(operation, result.torrents)
    return LATER[operation](result.torrents) % {"count": number(result.torrents)}


LATER: dict[str, Callable[[int], str]] = {
    "pause": lambda count: ngettext(
        "TorBox isn’t responding. We’ll pause %(count)s torrent when it’s back.",
        "TorBox isn’t responding. We’ll pause %(count)s torrents when it’s back.",
        count,
    ),
    "resume": lambda count: ngettext(
        "TorBox isn’t responding. We’ll resume %(count)s torrent when it’s back.",
        "TorBox isn’t responding. We’ll resume %(count)s torrents when it’s back.",
        count,
    ),
    "reannounce": lambda count: ngettext(
        "TorBox isn’t responding. We’ll reannounce %(count)s torrent when it’s back.",
        "TorBox isn’t responding. We’ll reannounce %(count)s torrents when it’s back.",
        count,
    ),
    "stop_seeding": lambda count: ngettext(
        "TorBox isn’t responding. We’ll stop seeding %(count)s torrent when it’s back.",
        "TorBox isn’t responding. We’ll stop seeding %(count)s torrents when it’s back.",
        count,
    ),
    DELETE: lambda count: ngettext(
        "TorBox isn’t responding. We’ll delete %(count)s torrent when it’s back.",
        "TorBox isn’t responding. We’ll delete %(count)s torrents when it’s back.",
        count,
    ),
}
