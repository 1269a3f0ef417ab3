"""Add saving to pages and files of other apps that don't know it."""

from __future__ import annotations


def register() -> None:
    """Register everything, once the apps are loaded."""
