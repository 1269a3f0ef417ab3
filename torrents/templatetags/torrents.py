"""What templates ask of torrents: words and numbers (`formatting.py`), menu and addresses."""

from django import template

from .. import formatting, menus, routes

register = template.Library()
register.filter("filesize", formatting.file_size)
register.filter("exact_bytes", formatting.exact_bytes)
register.filter("speed", formatting.speed)
register.filter("duration", formatting.duration)
register.filter("age", formatting.age)
register.filter("moment", formatting.moment)
register.filter("clock", formatting.clock)
register.filter("full_date", formatting.full_date)
register.filter("short_hash", formatting.short_hash)
register.filter("display_name", formatting.display_name)
register.filter("thousands", formatting.thousands)
register.simple_tag(menus.items, name="menu_items")
register.simple_tag(routes.of_torrent, name="torrent_url")
