"""Add saving to pages and files of other apps that don't know it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from accounts import settings_pages

from .services import folders

SETTINGS = settings_pages.SettingsPage(
    "saving",
    pgettext_lazy("settings", "Saving"),
    "saving:settings",
)


def register() -> None:
    """Register everything, once the apps are loaded."""
    settings_pages.offer_to_owners(SETTINGS, folders.is_on)
