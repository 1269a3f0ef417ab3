"""Icons: drawings side by side in one file, which the style sheet uses as a mask."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from links.pages import offers
from notifications.pages import menu
from saving.pages import offers as saving_offers
from torrents.pages.list import row_actions, saving_row

ROOT = Path(settings.BASE_DIR)
SPRITE = (ROOT / "static/img/icons.svg").read_text()
SHEET = (ROOT / "static/css/icons.css").read_text()


def test_the_style_sheet_knows_the_place_of_every_icon():
    names = icons_in_a_row()
    assert f'viewBox="0 0 {24 * len(names)} 24"' in SPRITE and f"--icons: {len(names)};" in SHEET
    places = re.findall(r"\.icon-([\w-]+) \{ --icon: (\d+); \}", SHEET)
    assert places == [(name, str(place)) for place, name in enumerate(names)]


def test_every_icon_of_a_template_or_an_action_is_drawn():
    templates = (ROOT / "templates").rglob("*.html")
    named = {name for path in templates for name in re.findall(r'{% icon "([\w-]+)" %}', path.read_text())}
    modules = (row_actions, offers, menu, saving_offers)
    items = [item for module in modules for item in vars(module).values()]
    offered = {one.icon for one in items if isinstance(one, row_actions.Action)}
    buttons = {icon for _operation, (_label, _title, icon) in saving_row.OPERATIONS.values()}
    assert named and offered and named | offered | buttons <= set(icons_in_a_row())


def icons_in_a_row() -> list[str]:
    """Return the names of the drawings in icons.svg, which lie side by side in this order."""
    drawings = re.findall(r'<g id="([\w-]+)" transform="translate\((\d+)\)">', SPRITE)
    assert [int(at) for _, at in drawings] == [24 * place for place in range(len(drawings))]
    return [name for name, _ in drawings]
