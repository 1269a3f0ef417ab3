"""Add saving to pages and files of other apps that don't know it."""

from __future__ import annotations

from torrents.pages.list import row_actions, saving_row

from .pages import cause_text, offers, tab_line


def register() -> None:
    """Register everything, once the apps are loaded."""
    row_actions.offer(offers.actions)
    saving_row.show_with(problem_of=cause_text.problem_of, line_for=tab_line.line_for)
