"""Add lasting links to pages and files of other apps that don't know them."""

from __future__ import annotations

from torrents.pages.list import row_actions
from torrents.services.actions import offboarding

from .pages import offers
from .services.data_export import export_of


def register() -> None:
    """Register everything, once the apps are loaded."""
    row_actions.offer(offers.actions)
    offboarding.export_also("links", export_of)
