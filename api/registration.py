"""Add API tokens to pages and files of other apps that don't know them."""

from __future__ import annotations

from accounts.services import forget_also
from torrents.services.actions import offboarding

from .services import tokens
from .services.data_export import export_of


def register() -> None:
    """Register everything, once the apps are loaded."""
    offboarding.export_also("api", export_of)
    forget_also(tokens.revoke_all)
