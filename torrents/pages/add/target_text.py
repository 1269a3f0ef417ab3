"""Words for the TorBox account that was chosen for an add, and why."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from localization.formats import number
from torrents.services.actions.choosing import AccountChoice, AddTarget, ChoiceReason


def offer(target: AddTarget) -> str:
    """Return the option of the form for the account that was chosen for the person; "" if there is none."""
    chosen = target.chosen
    if chosen is None:
        return ""
    return SENTENCES[chosen.reason](chosen) if chosen.reason else chosen.account.label


def _had_before(chosen: AccountChoice) -> str:
    count = chosen.params["count"]
    return ngettext(
        "%(account)s: had %(count)s of these before", "%(account)s: had %(count)s of these before", count
    ) % {"account": chosen.account.label, "count": number(count)}


def _all_cached(chosen: AccountChoice) -> str:
    return _("%(account)s: all cached, no slot needed") % {"account": chosen.account.label}


def _no_free_slot(chosen: AccountChoice) -> str:
    left = chosen.params["left"]
    # Translators: an add is one torrent that is sent to TorBox.
    return ngettext(
        "%(account)s: no free slot, %(count)s add left this hour",
        "%(account)s: no free slot, %(count)s adds left this hour",
        left,
    ) % {"account": chosen.account.label, "count": number(left)}


def _free_slots(chosen: AccountChoice) -> str:
    free, slots = chosen.params["free"], chosen.params["slots"]
    return ngettext(
        "%(account)s: %(free)s of %(count)s slot free", "%(account)s: %(free)s of %(count)s slots free", slots
    ) % {"account": chosen.account.label, "free": number(free), "count": number(slots)}


def _own(chosen: AccountChoice) -> str:
    return _("%(account)s: your account") % {"account": chosen.account.label}


def _shared(chosen: AccountChoice) -> str:
    return _("%(account)s: shared with you") % {"account": chosen.account.label}


SENTENCES: dict[ChoiceReason, Callable[[AccountChoice], str]] = {
    ChoiceReason.HAD_BEFORE: _had_before,
    ChoiceReason.ALL_CACHED: _all_cached,
    ChoiceReason.NO_FREE_SLOT: _no_free_slot,
    ChoiceReason.FREE_SLOTS: _free_slots,
    ChoiceReason.OWN: _own,
    ChoiceReason.SHARED: _shared,
}
