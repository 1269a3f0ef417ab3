"""Tell people about what lasts rather than happens, and note what is solved."""

from __future__ import annotations


def look_at_states() -> int:
    """Tell people about new states, resolve those that ended, and return how many notifications were made."""
    return 0
