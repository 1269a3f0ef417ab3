"""Do at TorBox what a folder says should happen after saving."""

from __future__ import annotations


def follow_up() -> None:
    """Stop seeding or delete from TorBox what was saved whole and is due, as the person who saved it may."""
    raise NotImplementedError
