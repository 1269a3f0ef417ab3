"""Why saving waits or failed, in words, for the rows of the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torrents.saving_text import saving_trouble


def problem_of(params: Mapping[str, Any]) -> str:
    """Return the words for what a row says about saving (`services/showing.py`)."""
    return saving_trouble(str(params.get("cause", "")), params)
