"""Who may have links, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..models import LinkPolicy

MadeBy = LinkPolicy.MadeBy


@dataclass(frozen=True)
class PolicyChoice:
    """A radio button."""

    value: str
    label: str
    is_chosen: bool


def policy_choices(made_by: str) -> list[PolicyChoice]:
    """Return what an owner can choose."""
    words = {
        MadeBy.EVERYONE: pgettext("who can have links", "Everyone"),
        MadeBy.MEMBERS: _("Members and owners"),
        MadeBy.NOBODY: pgettext("who can have links", "No one"),
    }
    return [PolicyChoice(value, label, value == made_by) for value, label in words.items()]
