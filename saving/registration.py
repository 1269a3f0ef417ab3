"""Add saving to pages and files of other apps that don't know it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts import settings_pages
from torrents.pages.list import row_actions, saving_row
from torrents.services.actions import offboarding

from .pages import cause_text, offers, tab_line
from .services import folders
from .services.data_export import export_of

SETTINGS = settings_pages.SettingsPage(
    "saving",
    pgettext_lazy("settings", "Saving"),
    "saving:settings",
    again=("saving:schedule",),
)


def register() -> None:
    """Register everything, once the apps are loaded."""
    row_actions.offer(offers.actions)
    saving_row.show_with(
        problem_of=cause_text.problem_of, line_for=tab_line.line_for, may_save=offers.may_save
    )
    offboarding.export_also("saving", export_of)
    settings_pages.offer_to_owners(SETTINGS, folders.is_on)
