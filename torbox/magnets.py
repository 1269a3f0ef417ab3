"""Magnet links: one link read or built (`links`), and all links found in a pasted text (`pastes`)."""

from __future__ import annotations

from torbox.links import InvalidMagnet, Magnet, build, parse
from torbox.pastes import Found, Scan, Skipped, scan

__all__ = ["Found", "InvalidMagnet", "Magnet", "Scan", "Skipped", "build", "parse", "scan"]
