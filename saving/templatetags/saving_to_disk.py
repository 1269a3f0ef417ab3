"""What pages of torrents ask about saving: `{% load saving_to_disk %}`."""

from __future__ import annotations

from django import template

from torrents.pages.list import saving_row

from ..services import folders

register = template.Library()
register.simple_tag(folders.is_on, name="saves_to_disk")
register.simple_tag(saving_row.controls, name="saving_controls")
register.simple_tag(saving_row.may_save)
