"""Add notifications to pages and files of other apps that don't know them."""

from __future__ import annotations

from torrents.pages.list import row_actions
from torrents.services.actions import offboarding

from .pages import menu
from .services.data_export import export_of


def register() -> None:
    """Register everything, once the apps are loaded."""
    row_actions.offer(menu.actions)
    offboarding.export_also("notifications", export_of)
